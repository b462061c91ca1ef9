import type { WrongClock } from '#lib/lag/judge-clock.ts';
import type { Statements } from '../store.ts';

export interface ClockPartition {
  topicId: number;
  topic: string;
  partition: number;
  endOffset: bigint;
  /** When the log's figures last moved. */
  changedAt: Date;
  /** What was found on the topic before. */
  clocks: WrongClock[];
}

/** Partitions that could be read in the last cycle, those that moved last come first. Kafka's own topics and those whose broker dates the records are left out. */
export async function readClockPartitions(on: Statements, clusterId: number): Promise<ClockPartition[]> {
  return on.query<ClockPartition>(
    `select t.id as "topicId", t.name as topic, o.partition, o.high_watermark as "endOffset", o.changed_at as "changedAt", coalesce(f.clocks, '[]'::jsonb) as clocks
     from topic t join topic_partition_offset o on o.topic_id = t.id left join topic_facts f on f.topic_id = t.id
     where t.cluster_id = $1 and t.deleted_at is null and not t.internal and o.failed_since is null and o.high_watermark is not null
       and coalesce(f.config->>'message.timestamp.type', 'CreateTime') = 'CreateTime'
     order by o.changed_at desc limit 100000`,
    [clusterId],
  );
}

/** Stores what was found, where it differs from what is stored. */
export async function saveClocks(on: Statements, rows: readonly { topicId: number; clocks: readonly WrongClock[] }[], at: Date): Promise<void> {
  if (rows.length === 0) return;
  await on.execute(
    `insert into topic_facts as f (topic_id, clocks, changed_at) select n.topic_id, n.clocks::jsonb, $3 from unnest($1::int[], $2::text[]) as n(topic_id, clocks)
     on conflict (topic_id) do update set clocks = excluded.clocks where f.clocks is distinct from excluded.clocks`,
    [rows.map((row) => row.topicId), rows.map((row) => JSON.stringify(row.clocks)), at],
  );
}

/** What was found on one topic. */
export async function readClocks(on: Statements, topicId: number): Promise<WrongClock[]> {
  const [row] = await on.query<{ clocks: WrongClock[] }>(`select coalesce(clocks, '[]'::jsonb) as clocks from topic_facts where topic_id = $1`, [topicId]);
  return row?.clocks ?? [];
}
