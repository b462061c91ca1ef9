import { hashSecret, randomSecret } from '#lib/access/hash-secret.ts';
import type { Role } from '#lib/model/access.ts';
import { insertSignInLink } from '#lib/store/access/redeem-sign-in-link.ts';
import type { Store } from '#lib/store/store.ts';

/** How long a sign-in link can be redeemed. */
export const SIGN_IN_LINK_MS = 10 * 60_000;

/**
 * Mints a single-use link that signs a person in. Its secret is in the fragment, which browsers send to no server: it reaches neither logs
 * nor referrers, and a prefetched link burns nothing, because only the page's POST redeems it.
 * @returns the absolute address to open within 10 min
 */
export async function mintSignInLink(store: Store, input: { publicUrl: string; now: Date; name?: string; role?: Role }): Promise<string> {
  const secret = randomSecret();
  await insertSignInLink(store, {
    tokenHash: hashSecret(secret),
    name: input.name ?? 'owner',
    role: input.role ?? 'administrator',
    now: input.now,
    expiresAt: new Date(input.now.getTime() + SIGN_IN_LINK_MS),
  });
  return `${input.publicUrl.replace(/\/$/, '')}/sign-in#link=${secret}`;
}
