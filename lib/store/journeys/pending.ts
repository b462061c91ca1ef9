import type { Statements } from '../store.ts';

export interface PendingTrace {
  traceId: string;
  ids: bigint[];
}

/** Traces whose journeys are not up to date, oldest first, with the rows that say so; at most `limit` rows. */
export async function readPending(on: Statements, limit: number): Promise<PendingTrace[]> {
  const rows = await on.query<{ id: bigint; traceId: string }>(`select id, encode(trace_id, 'hex') as "traceId" from journey_pending order by id limit $1`, [limit]);
  const byTrace = new Map<string, PendingTrace>();
  for (const { id, traceId } of rows) {
    const pending = byTrace.get(traceId);
    if (pending === undefined) byTrace.set(traceId, { traceId, ids: [id] });
    else pending.ids.push(id);
  }
  return [...byTrace.values()];
}

/** By their ids, not by a range: a row with a lower id may have been committed meanwhile. */
export async function deletePending(on: Statements, ids: readonly bigint[]): Promise<void> {
  if (ids.length > 0) await on.execute('delete from journey_pending where id = any($1::bigint[])', [ids]);
}

/** How many rows wait, by the planner's books: counting them would cost more than it tells. */
export async function countPending(on: Statements): Promise<number> {
  const [row] = await on.query<{ count: number }>('select count(*)::int as count from (select 1 from journey_pending limit 100000) as counted');
  return row?.count ?? 0;
}

/** Journeys whose state may have changed by the clock alone. */
export async function readDue(on: Statements, now: Date, limit: number): Promise<string[]> {
  const rows = await on.query<{ id: string }>('select id from journey where next_check_at <= $1 order by next_check_at limit $2', [now, limit]);
  return rows.map((row) => row.id);
}

/** Takes journeys off the clock's list. */
export async function restJourneys(on: Statements, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await on.execute('update journey set next_check_at = null where id = any($1::uuid[])', [ids]);
}
