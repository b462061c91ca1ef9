import type { Statements } from '../store.ts';

export interface NewToken {
  id: string;
  name: string;
  hash: Buffer;
  role: string;
  createdBy: string;
  now: Date;
  expiresAt: Date | null;
}

/** Keeps a new API token; only its hash is stored. */
export async function insertToken(on: Statements, token: NewToken): Promise<void> {
  await on.execute('insert into api_token (id, name, hash, role, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)', [
    token.id,
    token.name,
    token.hash,
    token.role,
    token.createdBy,
    token.now,
    token.expiresAt,
  ]);
}

/**
 * Revokes a token; it stays listed.
 * @returns what it was, or null where there is none, or it was revoked before
 */
export async function revokeTokenRow(on: Statements, id: string, now: Date): Promise<{ name: string; role: string } | null> {
  const [row] = await on.query<{ name: string; role: string }>('update api_token set revoked_at = $2 where id = $1 and revoked_at is null returning name, role', [id, now]);
  return row ?? null;
}
