import type { Statements } from '../store.ts';

export interface HygieneTopic {
  id: number;
  name: string;
  /** Kafka's id of the incarnation; null where the broker gives none. */
  kafkaTopicId: string | null;
  partitions: number;
  /** Sum of the end offsets. */
  end: bigint;
}

/** All that a cluster can have: which of them are sampled is told by patterns, and those that are not must not stand in the way of others. */
const MOST = 100_000;

/** Present topics of business events that were written since they were last sampled, those first that waited longest. Dead-letter and retry topics hold copies by their nature and are left out. */
export async function topicsToSampleForHygiene(on: Statements, clusterId: number): Promise<HygieneTopic[]> {
  return on.query<HygieneTopic>(
    `select t.id, t.name, case when t.kafka_topic_id like 'generation:%' then null else t.kafka_topic_id end as "kafkaTopicId", t.partition_count as partitions, o.ends as "end"
     from topic t join (select topic_id, sum(high_watermark)::bigint as ends from topic_partition_offset group by topic_id) o on o.topic_id = t.id
     left join hygiene_topic h on h.topic_id = t.id
     where t.cluster_id = $1 and t.deleted_at is null and not t.internal and t.role is null and o.ends > 0 and h.sampled_end is distinct from o.ends
     order by h.sampled_at nulls first, t.name limit ${MOST}`,
    [clusterId],
  );
}

/** Where sampling goes on, by "<topic row>:<partition>". */
export async function loadHygienePositions(on: Statements, topicIds: readonly number[]): Promise<Map<string, bigint>> {
  const rows = await on.query<{ topicId: number; partition: number; nextOffset: bigint }>('select topic_id as "topicId", partition, next_offset as "nextOffset" from hygiene_position where topic_id = any($1)', [topicIds]);
  return new Map(rows.map((row) => [`${row.topicId}:${row.partition}`, row.nextOffset]));
}
