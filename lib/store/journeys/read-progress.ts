import type { Statements } from '../store.ts';

export interface ProgressRow {
  clusterId: number;
  topic: string;
  partition: number;
  group: string;
  committedOffset: bigint | null;
  observedAt: Date | null;
  /** Since when the group's commits on this partition are watched. */
  watchedSince: Date;
}

/** How far each group has committed on these partitions, by the last reading of the offsets. */
export async function readProgress(on: Statements, places: readonly { topic: string; partition: number }[]): Promise<ProgressRow[]> {
  if (places.length === 0) return [];
  return on.query<ProgressRow>(
    `select t.cluster_id as "clusterId", t.name as topic, o.partition, g.name as "group", case when o.failed_since is null then o.committed_offset end as "committedOffset", c.last_cycle_at as "observedAt", o.watched_since as "watchedSince"
     from (select distinct * from unnest($1::text[], $2::int[]) as given (topic, partition)) as given
     join topic t on t.name = given.topic and t.deleted_at is null
     join cluster c on c.id = t.cluster_id
     join group_partition_offset o on o.topic_id = t.id and o.partition = given.partition
     join consumer_group g on g.id = o.group_id and g.deleted_at is null
     limit 5000`,
    [places.map((place) => place.topic), places.map((place) => place.partition)],
  );
}

/** Those of these topics that exist and on which no group has ever committed: what is published there waits for nobody. */
export async function readUnreadTopics(on: Statements, topics: readonly string[]): Promise<string[]> {
  if (topics.length === 0) return [];
  const rows = await on.query<{ name: string }>(
    `select t.name from topic t join cluster c on c.id = t.cluster_id and c.last_cycle_at > t.first_seen_at
     where t.name = any($1::text[]) and t.deleted_at is null group by t.name having not bool_or(exists (select 1 from group_partition_offset o where o.topic_id = t.id))`, [topics]);
  return rows.map((row) => row.name);
}
