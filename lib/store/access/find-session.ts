import type { Statements } from '../store.ts';

export interface SessionRow {
  id_hash: Buffer;
  name: string;
  role: string;
  last_seen_at: Date;
  expires_at: Date;
}

/** The session of this id hash, where it is neither revoked, nor past its end, nor idle since `idleSince`. */
export async function findSession(on: Statements, idHash: Buffer, now: Date, idleSince: Date): Promise<SessionRow | null> {
  const [row] = await on.query<SessionRow>(
    'select id_hash, name, role, last_seen_at, expires_at from session where id_hash = $1 and revoked_at is null and expires_at > $2 and last_seen_at > $3',
    [idHash, now, idleSince],
  );
  return row ?? null;
}

/** Keeps a session from going idle. */
export async function touchSession(on: Statements, idHash: Buffer, now: Date): Promise<void> {
  await on.execute('update session set last_seen_at = $2 where id_hash = $1 and last_seen_at < $2', [idHash, now]);
}
