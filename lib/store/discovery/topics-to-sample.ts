import type { Statements } from '../store.ts';

export interface TopicToSample {
  name: string;
  /** Kafka's id of the incarnation; null where the broker gives none. */
  kafkaTopicId: string | null;
  partitions: number;
  /** Sum of the end offsets. */
  end: bigint;
  state: 'nothing' | 'proposed' | null;
}

/**
 * Topics that nothing names and that hold records, those first that were never looked at, then those written since, longest ago first. What a
 * person decided is not looked at again.
 * @param before looked at after this moment is too early to look again
 */
export async function topicsToSample(on: Statements, clusterId: number, before: Date, limit: number): Promise<TopicToSample[]> {
  return on.query<TopicToSample>(
    `select t.name, case when t.kafka_topic_id like 'generation:%' then null else t.kafka_topic_id end as "kafkaTopicId", t.partition_count as partitions, o.ends as "end", d.state
     from topic t join (select topic_id, sum(high_watermark)::bigint as ends from topic_partition_offset group by topic_id) o on o.topic_id = t.id
     left join topic_discovery d on d.cluster_id = t.cluster_id and d.topic = t.name
     where t.cluster_id = $1 and t.deleted_at is null and not t.internal and t.role is null and o.ends > 0
       and (d.topic is null or (d.state in ('nothing', 'proposed') and d.sampled_at < $2 and d.sampled_end is distinct from o.ends))
     order by d.sampled_at nulls first, t.name limit $3`,
    [clusterId, before, limit],
  );
}
