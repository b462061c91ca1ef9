import type { Statements } from '../store.ts';

/** Lag by group and topic, over the known partitions. */
export async function readGroupTopicLags(on: Statements): Promise<{ cluster: string; name: string; topic: string; lag: bigint | null }[]> {
  return on.query<{ cluster: string; name: string; topic: string; lag: bigint | null }>(
    `select c.name as cluster, g.name, topic.name as topic, sum(greatest(t.high_watermark - o.committed_offset - o.acknowledged_ahead, 0))::bigint as lag
     from group_partition_offset o join consumer_group g on g.id = o.group_id and g.deleted_at is null join cluster c on c.id = g.cluster_id
     join topic on topic.id = o.topic_id and topic.deleted_at is null join topic_partition_offset t on t.topic_id = o.topic_id and t.partition = o.partition
     where o.committed_offset is not null and t.failed_since is null group by 1, 2, 3 order by 1, 2, 3`,
  );
}
