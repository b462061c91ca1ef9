import type { Statements } from '../store.ts';

export interface NewSession {
  idHash: Buffer;
  name: string;
  role: string;
  now: Date;
  expiresAt: Date;
  userAgent: string | null;
}

/** Keeps a new session; only the hash of its id is stored. Sessions that ended a week ago go. */
export async function insertSession(on: Statements, session: NewSession): Promise<void> {
  await on.execute("delete from session where expires_at < $1::timestamptz - interval '7 days'", [session.now]);
  await on.execute('insert into session (id_hash, name, role, created_at, last_seen_at, expires_at, user_agent) values ($1, $2, $3, $4, $4, $5, $6)', [
    session.idHash,
    session.name,
    session.role,
    session.now,
    session.expiresAt,
    session.userAgent,
  ]);
}

/**
 * Ends a session.
 * @returns whose it was, or null where there was none, or it had ended
 */
export async function revokeSessionRow(on: Statements, idHash: Buffer, now: Date): Promise<{ name: string; role: string } | null> {
  const [row] = await on.query<{ name: string; role: string }>('update session set revoked_at = $2 where id_hash = $1 and revoked_at is null and expires_at > $2 returning name, role', [idHash, now]);
  return row ?? null;
}
