import { isRole, type Principal } from '#lib/model/access.ts';
import { findToken, touchToken } from '#lib/store/access/find-token.ts';
import type { Statements } from '#lib/store/store.ts';
import { hashSecret, randomSecret, sameSecret } from './hash-secret.ts';

/** Every API token starts with it, so that secret scanners find a leaked one. */
export const TOKEN_PREFIX = 'wb_';
const TOUCH_EVERY_MS = 60_000;

/** A new API token. It is shown once; the store keeps its hash. */
export function makeToken(): { token: string; hash: Buffer } {
  const token = TOKEN_PREFIX + randomSecret();
  return { token, hash: hashSecret(token) };
}

/** Who a bearer token stands for: an API token's row, or the administrator where it is WAYBILL_ADMIN_TOKEN. null: nobody. */
export async function principalOfBearer(on: Statements, token: string, adminToken: string | null, now: Date): Promise<Principal | null> {
  if (token.length === 0 || token.length > 1_000) return null;
  if (adminToken !== null && sameSecret(token, adminToken)) return { kind: 'admin-token', name: 'administrator token', role: 'administrator', id: null, expiresAt: null };
  if (!token.startsWith(TOKEN_PREFIX)) return null;
  const row = await findToken(on, hashSecret(token), now);
  if (!row || !isRole(row.role)) return null;
  if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() > TOUCH_EVERY_MS) await touchToken(on, row.id, now);
  return { kind: 'token', name: `token ${row.name}`, role: row.role, id: row.id, expiresAt: row.expires_at };
}
