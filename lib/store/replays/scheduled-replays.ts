import type { Statements } from '../store.ts';

/** Scheduled replays whose time has come, locked for the rest of the transaction; another process skips them. */
export async function lockDueReplays(tx: Statements, now: Date, limit: number): Promise<{ id: string; startAt: Date; startBy: Date | null }[]> {
  return await tx.query(`select id, start_at as "startAt", start_by as "startBy" from replay where state = 'scheduled' and start_at <= $1 order by start_at limit $2 for update skip locked`, [now, limit]);
}

/** A scheduled replay goes to the workers, or is over. */
export async function leaveSchedule(tx: Statements, id: string, to: 'queued' | 'cancelled', now: Date): Promise<void> {
  await tx.execute(`update replay set state = $2, finished_at = case when $2 = 'cancelled' then $3::timestamptz end where id = $1 and state = 'scheduled'`, [id, to, now]);
}
