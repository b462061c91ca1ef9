import type { Store } from '../store.ts';

export interface TopicToRegister {
  name: string;
  /** Kafka's topic id; null where the broker gives none (below 2.8). */
  kafkaTopicId: string | null;
  partitionCount: number;
  replicationFactor: number | null;
  role: 'dead-letter' | 'retry';
  /** headers: a person took it in, because of what its records carry. */
  roleSource: 'pattern' | 'configuration' | 'headers';
}

/**
 * Makes sure each topic has the row of its present incarnation, with its role, and closes the row of an incarnation that this one
 * replaced. Safe beside the offsets collector, which keeps the same rows.
 * @returns row id by topic name
 */
export async function registerTopics(store: Store, clusterId: number, topics: readonly TopicToRegister[], now: Date): Promise<Map<string, number>> {
  if (topics.length === 0) return new Map();
  const names = topics.map((topic) => topic.name);
  // A broker without topic ids can't tell a recreated topic: its generations are counted by the offsets collector; ours is the first.
  const ids = topics.map((topic) => topic.kafkaTopicId);
  const rows = await store.transaction(async (tx) => {
    await tx.execute(
      `update topic t set deleted_at = $4 from unnest($2::text[], $3::text[]) as n(name, kafka_topic_id)
       where t.cluster_id = $1 and t.name = n.name and t.deleted_at is null and n.kafka_topic_id is not null and t.kafka_topic_id <> n.kafka_topic_id`,
      [clusterId, names, ids, now],
    );
    await tx.execute(
      `insert into topic as t (cluster_id, name, kafka_topic_id, partition_count, replication_factor, internal, role, role_source, first_seen_at)
       select $1, n.name, coalesce(n.kafka_topic_id, 'generation:1:' || n.name), n.partitions, n.replication, false, n.role, n.role_source, $2
       from unnest($3::text[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[]) as n(name, kafka_topic_id, partitions, replication, role, role_source)
       where not exists (select 1 from topic e where e.cluster_id = $1 and e.name = n.name and e.deleted_at is null and (n.kafka_topic_id is null or e.kafka_topic_id = n.kafka_topic_id))
       on conflict (cluster_id, kafka_topic_id) do update set deleted_at = null, role = excluded.role, role_source = excluded.role_source`,
      [clusterId, now, names, ids, topics.map((topic) => topic.partitionCount), topics.map((topic) => topic.replicationFactor), topics.map((topic) => topic.role), topics.map((topic) => topic.roleSource)],
    );
    await tx.execute(
      `update topic t set role = n.role, role_source = n.role_source from unnest($2::text[], $3::text[], $4::text[]) as n(name, role, role_source)
       where t.cluster_id = $1 and t.name = n.name and t.deleted_at is null and (t.role is distinct from n.role or t.role_source is distinct from n.role_source)`,
      [clusterId, names, topics.map((topic) => topic.role), topics.map((topic) => topic.roleSource)],
    );
    return tx.query<{ id: number; name: string }>('select id, name from topic where cluster_id = $1 and name = any($2) and deleted_at is null', [clusterId, names]);
  });
  return new Map(rows.map((row) => [row.name, row.id]));
}
