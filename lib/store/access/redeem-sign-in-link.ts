import type { Statements } from '../store.ts';

/**
 * Uses up a sign-in link. The conditional update settles the race: of two redemptions one gets the row, the other null.
 * @returns what the link stands for, or null where it is unknown, used or past its time
 */
export async function redeemSignInLinkRow(on: Statements, tokenHash: Buffer, now: Date): Promise<{ name: string; role: string } | null> {
  const [row] = await on.query<{ name: string; role: string }>(
    'update sign_in_link set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2 returning name, role',
    [tokenHash, now],
  );
  return row ?? null;
}

/** Keeps a new link; only its hash is stored. Links that ended a day ago go. */
export async function insertSignInLink(on: Statements, link: { tokenHash: Buffer; name: string; role: string; now: Date; expiresAt: Date }): Promise<void> {
  await on.execute("delete from sign_in_link where expires_at < $1::timestamptz - interval '1 day'", [link.now]);
  await on.execute('insert into sign_in_link (token_hash, role, name, created_at, expires_at) values ($1, $2, $3, $4, $5)', [link.tokenHash, link.role, link.name, link.now, link.expiresAt]);
}
