import type { Statements } from '../store.ts';
import type { GroupPartitionFigures } from './read-group-partitions.ts';

/** Logs of partitions that members hold without a commit, in the shape of the group's own partitions. Partitions that the store does not know are left out. */
export async function readUncommittedPartitions(on: Statements, clusterId: number, at: readonly { topic: string; partition: number }[]): Promise<GroupPartitionFigures[]> {
  if (at.length === 0) return [];
  return on.query<GroupPartitionFigures>(
    `select topic.id as topic_id, topic.name as topic, t.partition, null::bigint as committed_offset, 0::bigint as acknowledged_ahead, null::timestamptz as committed_at, null::bigint as previous_offset,
       null::timestamptz as oldest_at, null::text as oldest_quality, 'unknown' as status, null::timestamptz as status_since, null::bigint as end_at_commit, topic.first_seen_at as watched_since,
       t.high_watermark, t.last_stable_offset, t.log_start_offset, t.leader, t.changed_at, t.failed_since, t.last_error
     from unnest($2::text[], $3::int[]) as n (topic, partition)
     join topic on topic.cluster_id = $1 and topic.name = n.topic and topic.deleted_at is null
     join topic_partition_offset t on t.topic_id = topic.id and t.partition = n.partition`,
    [clusterId, at.map((one) => one.topic), at.map((one) => one.partition)],
  );
}
