import type { Statements } from '../store.ts';

export interface ThroughputRow {
  clusterId: number;
  since: Date;
  until: Date;
  records: bigint;
  unknownTopics: number;
  top: readonly { id: number; records: bigint | null }[];
}

/** Stores what was written between two readings. Whoever stores the same reading again changes nothing. */
export async function saveThroughput(on: Statements, row: ThroughputRow): Promise<void> {
  await on.execute(
    `insert into cluster_throughput (cluster_id, since, until, seconds, records, unknown_topics, topic_ids, topic_records)
     values ($1, $2, $3, extract(epoch from $3::timestamptz - $2::timestamptz), $4, $5, $6::int[], $7::bigint[]) on conflict do nothing`,
    [row.clusterId, row.since, row.until, row.records, row.unknownTopics, row.top.map((one) => one.id), row.top.map((one) => one.records)],
  );
}

/** When the last reading was that is stored; null before the first. */
export async function readLastThroughput(on: Statements, clusterId: number): Promise<Date | null> {
  const [row] = await on.query<{ until: Date | null }>('select max(until) as until from cluster_throughput where cluster_id = $1', [clusterId]);
  return row?.until ?? null;
}
