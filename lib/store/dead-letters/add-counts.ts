import type { Statements } from '../store.ts';

export interface CountToAdd {
  failureId: string;
  topicId: number;
  /** null: not conveyed. */
  originTopic: string | null;
  originGroup: string | null;
  /** When the rows arrived. */
  ingestedAt: Date;
  /** Negative takes off. */
  count: number;
  /** How many of them are archived; default none. */
  archived?: number;
}

/**
 * Keeps `dead_letter_count` and `failure_hour`, from which facets, totals and trends are answered. Must run in the transaction that stores or moves the rows; the
 * ingest's lock keeps two from waiting for each other.
 */
export async function addCounts(tx: Statements, clusterId: number, counts: readonly CountToAdd[]): Promise<void> {
  const sums = new Map<string, CountToAdd>();
  for (const one of counts) {
    const key = `${one.failureId}\0${one.topicId}\0${one.originTopic ?? ''}\0${one.originGroup ?? ''}`;
    const known = sums.get(key);
    if (known) {
      known.count += one.count;
      known.archived = (known.archived ?? 0) + (one.archived ?? 0);
    } else sums.set(key, { ...one });
  }
  await addHours(tx, counts);
  const rows = [...sums.values()].filter((one) => one.count !== 0);
  if (rows.length === 0) return;
  await tx.execute(
    `insert into dead_letter_count as c (key, cluster_id, failure_id, topic_id, origin_topic, origin_group, count, archived)
     select md5(jsonb_build_array(n.f, n.t, n.o, n.g)::text), $1, n.f, n.t, n.o, n.g, n.count, n.archived
     from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::bigint[], $7::bigint[]) as n(f, t, o, g, count, archived) order by 1
     on conflict (key) do update set count = c.count + excluded.count, archived = c.archived + excluded.archived`,
    [clusterId, rows.map((row) => row.failureId), rows.map((row) => row.topicId), rows.map((row) => row.originTopic ?? ''), rows.map((row) => row.originGroup ?? ''), rows.map((row) => row.count), rows.map((row) => row.archived ?? 0)],
  );
}

const HOUR_MS = 3_600_000;

async function addHours(tx: Statements, counts: readonly CountToAdd[]): Promise<void> {
  const sums = new Map<string, { id: string; hour: Date; count: number }>();
  for (const one of counts) {
    const hour = Math.floor(one.ingestedAt.getTime() / HOUR_MS) * HOUR_MS;
    const known = sums.get(`${one.failureId}:${hour}`);
    if (known) known.count += one.count;
    else sums.set(`${one.failureId}:${hour}`, { id: one.failureId, hour: new Date(hour), count: one.count });
  }
  const rows = [...sums.values()].filter((one) => one.count !== 0);
  if (rows.length === 0) return;
  await tx.execute(
    `insert into failure_hour as h (failure_id, hour, count) select * from unnest($1::text[], $2::timestamptz[], $3::int[]) as n(f, hour, count) order by 1, 2
     on conflict (failure_id, hour) do update set count = h.count + excluded.count`,
    [rows.map((row) => row.id), rows.map((row) => row.hour), rows.map((row) => row.count)],
  );
}

/** Counts all rows anew. For rows that were not stored by the ingest. */
export async function recount(tx: Statements): Promise<void> {
  await tx.execute('delete from dead_letter_count');
  await tx.execute('delete from failure_hour');
  await tx.execute(
    `insert into dead_letter_count (key, cluster_id, failure_id, topic_id, origin_topic, origin_group, count, archived)
     select md5(jsonb_build_array(failure_id, topic_id, coalesce(origin_topic, ''), coalesce(origin_group, ''))::text), min(cluster_id), failure_id, topic_id, coalesce(origin_topic, ''), coalesce(origin_group, ''), count(*), count(*) filter (where state = 'archived')
     from dead_letter where failure_id is not null group by 3, 4, 5, 6`,
  );
  await tx.execute(`insert into failure_hour (failure_id, hour, count) select failure_id, date_trunc('hour', ingested_at, 'UTC'), count(*) from dead_letter where failure_id is not null and ingested_at > now() - interval '25 hours' group by 1, 2`);
}
