import type { Statements } from '../store.ts';

export interface NewTopic {
  name: string;
  /** null where the broker gives no ids: then a generation of our own. */
  kafkaTopicId: string | null;
  partitionCount: number;
  replicationFactor: number | null;
  internal: boolean;
}

/** Marks incarnations that are gone. Their rows stay, because coordinates refer to them; commits in them went with the topic. */
export async function deleteTopics(on: Statements, ids: readonly number[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await on.execute('update topic set deleted_at = $2 where id = any($1::int[]) and deleted_at is null', [ids, at]);
  await on.execute('delete from group_partition_offset where topic_id = any($1::int[])', [ids]);
}

/**
 * Stores incarnations seen for the first time. A topic deleted and recreated is a new row: its offsets start at 0 again.
 * @returns row id by name
 */
export async function insertTopics(on: Statements, clusterId: number, topics: readonly NewTopic[], at: Date): Promise<Map<string, number>> {
  if (topics.length === 0) return new Map();
  const rows = await on.query<{ id: number; name: string }>(
    `insert into topic (cluster_id, name, kafka_topic_id, partition_count, replication_factor, internal, first_seen_at)
     select $1, n.name, coalesce(n.topic_id, 'generation:' || (1 + (select count(*) from topic t where t.cluster_id = $1 and t.name = n.name))), n.partitions, n.replicas, n.internal, $7
     from unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::boolean[]) as n(name, topic_id, partitions, replicas, internal)
     on conflict (cluster_id, kafka_topic_id) do update set deleted_at = null, partition_count = excluded.partition_count
     returning id, name`,
    [clusterId, topics.map((t) => t.name), topics.map((t) => t.kafkaTopicId), topics.map((t) => t.partitionCount), topics.map((t) => t.replicationFactor), topics.map((t) => t.internal), at],
  );
  return new Map(rows.map((row) => [row.name, row.id]));
}

/** Topics that grew. */
export async function growTopics(on: Statements, grown: readonly { id: number; partitionCount: number }[]): Promise<void> {
  if (grown.length === 0) return;
  await on.execute('update topic t set partition_count = n.partitions from unnest($1::int[], $2::int[]) as n(id, partitions) where t.id = n.id', [grown.map((t) => t.id), grown.map((t) => t.partitionCount)]);
}
