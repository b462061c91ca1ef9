import type { Statements } from '../store.ts';
import type { RecordPlace } from './read-records.ts';

/** What waits for its journey: a trace with new spans, or a record whose headers were read. */
export interface Pending {
  trace: string | null;
  record: RecordPlace | null;
  /** The rows that say so. */
  ids: bigint[];
}

/** What is not up to date in the journeys, oldest first; at most `limit` rows. */
export async function readPending(on: Statements, limit: number): Promise<Pending[]> {
  const rows = await on.query<{ id: bigint; traceId: string | null; topicId: number | null; partition: number | null; offset: bigint | null }>(
    `select id, encode(trace_id, 'hex') as "traceId", topic_id as "topicId", partition, "offset" from journey_pending order by id limit $1`, [limit]);
  const byName = new Map<string, Pending>();
  for (const { id, traceId, topicId, partition, offset } of rows) {
    const name = traceId ?? `${topicId}:${partition}@${offset}`;
    const pending = byName.get(name);
    if (pending !== undefined) pending.ids.push(id);
    else byName.set(name, { trace: traceId, record: topicId === null || partition === null || offset === null ? null : { topicId, partition, offset }, ids: [id] });
  }
  return [...byName.values()];
}

/** What waits, as resolveJourneys takes it. */
export function toSeeds(pending: readonly Pending[]): { traceIds: string[]; records: RecordPlace[]; pendingIds: bigint[] } {
  return { traceIds: pending.flatMap((each) => each.trace ?? []), records: pending.flatMap((each) => each.record ?? []), pendingIds: pending.flatMap((each) => each.ids) };
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
