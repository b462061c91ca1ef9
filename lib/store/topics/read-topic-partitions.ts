import type { Statements } from '../store.ts';

export interface TopicPartitionRow {
  partition: number;
  leader: number | null;
  high_watermark: bigint | null;
  last_stable_offset: bigint | null;
  log_start_offset: bigint | null;
  changed_at: Date;
  failed_since: Date | null;
  last_error: string | null;
}

/** Current offsets of one topic's partitions. */
export async function readTopicPartitions(on: Statements, topicId: number): Promise<TopicPartitionRow[]> {
  return on.query<TopicPartitionRow>(
    'select partition, leader, high_watermark, last_stable_offset, log_start_offset, changed_at, failed_since, last_error from topic_partition_offset where topic_id = $1 order by partition limit 20000',
    [topicId],
  );
}

/** Packed samples of one topic's end offsets since `since` (lib/lag/pack-sample.ts), oldest first. */
export async function readTopicSamples(on: Statements, topicId: number, since: Date): Promise<{ at: Date; packed: Buffer }[]> {
  return on.query<{ at: Date; packed: Buffer }>('select at, packed from topic_offset_sample where topic_id = $1 and at >= $2 order by at limit 500', [topicId, since]);
}

/** Replicas and sizes of one topic by partition; null where it was not described yet. */
export async function readReplicas(on: Statements, topicId: number): Promise<{ replicas: number[][]; in_sync_replicas: number[][]; partition_bytes: (bigint | null)[] | null; config: Record<string, string> | null } | null> {
  const [row] = await on.query<{ replicas: number[][]; in_sync_replicas: number[][]; partition_bytes: (bigint | null)[] | null; config: Record<string, string> | null }>(
    'select replicas, in_sync_replicas, partition_bytes, config from topic_facts where topic_id = $1',
    [topicId],
  );
  return row ?? null;
}

/** When the offsets of a cluster were last read. */
export async function readLastCycle(on: Statements, clusterId: number): Promise<Date | null> {
  const [row] = await on.query<{ last_cycle_at: Date | null }>('select last_cycle_at from cluster where id = $1', [clusterId]);
  return row?.last_cycle_at ?? null;
}
