import type { Statements } from '../store.ts';

export interface TokenRow {
  id: string;
  name: string;
  role: string;
  expires_at: Date | null;
  last_used_at: Date | null;
}

/** The API token of this hash, where it is neither revoked nor expired. */
export async function findToken(on: Statements, hash: Buffer, now: Date): Promise<TokenRow | null> {
  const [row] = await on.query<TokenRow>(
    'select id, name, role, expires_at, last_used_at from api_token where hash = $1 and revoked_at is null and (expires_at is null or expires_at > $2)',
    [hash, now],
  );
  return row ?? null;
}

/** Remembers when a token was last used. */
export async function touchToken(on: Statements, id: string, now: Date): Promise<void> {
  await on.execute('update api_token set last_used_at = $2 where id = $1', [id, now]);
}
