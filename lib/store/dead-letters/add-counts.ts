import type { Statements } from '../store.ts';

export interface CountToAdd {
  failureId: string;
  topicId: number;
  /** null: not conveyed. */
  originTopic: string | null;
  originGroup: string | null;
  /** Negative takes off. */
  count: number;
}

/**
 * Keeps `dead_letter_count`, from which facets and totals are answered. Must run in the transaction that stores or moves the rows; the
 * ingest's lock keeps two from waiting for each other.
 */
export async function addCounts(tx: Statements, clusterId: number, counts: readonly CountToAdd[]): Promise<void> {
  const sums = new Map<string, CountToAdd>();
  for (const one of counts) {
    const key = `${one.failureId}\0${one.topicId}\0${one.originTopic ?? ''}\0${one.originGroup ?? ''}`;
    const known = sums.get(key);
    if (known) known.count += one.count;
    else sums.set(key, { ...one });
  }
  const rows = [...sums.values()].filter((one) => one.count !== 0);
  if (rows.length === 0) return;
  await tx.execute(
    `insert into dead_letter_count as c (key, cluster_id, failure_id, topic_id, origin_topic, origin_group, count)
     select md5(jsonb_build_array(n.f, n.t, n.o, n.g)::text), $1, n.f, n.t, n.o, n.g, n.count
     from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::bigint[]) as n(f, t, o, g, count) order by 1
     on conflict (key) do update set count = c.count + excluded.count`,
    [clusterId, rows.map((row) => row.failureId), rows.map((row) => row.topicId), rows.map((row) => row.originTopic ?? ''), rows.map((row) => row.originGroup ?? ''), rows.map((row) => row.count)],
  );
}
