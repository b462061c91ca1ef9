import type { Statements } from '../store.ts';

/** One group in one topic. Numbers are decimal text: they are only printed. Arrays belong together, in the order of partitions. */
export interface GroupTopicOffsets {
  cluster: string;
  name: string;
  topic: string;
  partitions: number[];
  committed: string[];
  /** null = not known: its end was not read, or the commit lies beyond it. */
  lags: (string | null)[];
  /** As on screens: a partition that could not be read counts with its last figure. null where nothing is known. */
  lag_sum: string | null;
  committed_sum: string;
}

/** Commits and lag of every group, one row a group and topic: 50,000 partitions come as 5,000 rows. */
export async function readGroupTopicOffsets(on: Statements): Promise<GroupTopicOffsets[]> {
  return on.query<GroupTopicOffsets>(
    `with known as (
       select o.group_id, o.topic_id, o.partition, o.committed_offset,
         case when t.high_watermark >= o.committed_offset then greatest(t.high_watermark - o.committed_offset - o.acknowledged_ahead, 0) end as last_lag, t.failed_since is null as is_read
       from group_partition_offset o join topic_partition_offset t on t.topic_id = o.topic_id and t.partition = o.partition where o.committed_offset is not null
     ), folded as (
       select group_id, topic_id, array_agg(partition order by partition) as partitions, array_agg(committed_offset::text order by partition) as committed, array_agg(case when is_read then last_lag::text end order by partition) as lags,
         sum(last_lag)::text as lag_sum, sum(committed_offset)::text as committed_sum
       from known group by group_id, topic_id
     )
     select c.name as cluster, g.name, topic.name as topic, f.partitions, f.committed, f.lags, f.lag_sum, f.committed_sum
     from folded f join consumer_group g on g.id = f.group_id and g.deleted_at is null join cluster c on c.id = g.cluster_id join topic on topic.id = f.topic_id and topic.deleted_at is null
     order by 1, 2, 3`,
  );
}

/** One topic. Arrays belong together, in the order of partitions; null = not known. */
export interface TopicOffsetsRow {
  cluster: string;
  topic: string;
  role: string | null;
  partition_count: number;
  replication_factor: number | null;
  partitions: number[];
  leaders: (number | null)[];
  starts: (string | null)[];
  ends: (string | null)[];
  /** null where one of the partitions is not known. */
  start_sum: string | null;
  end_sum: string | null;
  /** By partition; empty where they were not read yet. */
  replicas: number[][];
  in_sync_replicas: number[][];
  cleanup_policy: string | null;
  size_bytes: string | null;
}

/** Offsets and layout of every topic, of which only dead-letter topics where `deadLettersOnly`. */
export async function readTopicOffsets(on: Statements, options: { deadLettersOnly: boolean }): Promise<TopicOffsetsRow[]> {
  return on.query<TopicOffsetsRow>(
    `select c.name as cluster, t.name as topic, t.role, t.partition_count, t.replication_factor,
       array_agg(o.partition order by o.partition) as partitions, array_agg(case when o.failed_since is null then o.leader end order by o.partition) as leaders,
       array_agg(case when o.failed_since is null then o.log_start_offset::text end order by o.partition) as starts, array_agg(case when o.failed_since is null then o.high_watermark::text end order by o.partition) as ends,
       case when count(*) filter (where o.failed_since is null and o.log_start_offset is not null) = t.partition_count then sum(o.log_start_offset)::text end as start_sum,
       case when count(*) filter (where o.failed_since is null and o.high_watermark is not null) = t.partition_count then sum(o.high_watermark)::text end as end_sum,
       coalesce(f.replicas, '[]'::jsonb) as replicas, coalesce(f.in_sync_replicas, '[]'::jsonb) as in_sync_replicas, f.config->>'cleanup.policy' as cleanup_policy, f.size_bytes::text as size_bytes
     from topic t join cluster c on c.id = t.cluster_id join topic_partition_offset o on o.topic_id = t.id left join topic_facts f on f.topic_id = t.id
     where t.deleted_at is null and (not $1::boolean or t.role = 'dead-letter')
     group by c.name, t.id, f.topic_id order by c.name, t.name`,
    [options.deadLettersOnly],
  );
}

/** Members of a group with what they are assigned, as the collector stored them. */
export interface GroupMembersRow {
  cluster: string;
  name: string;
  /** By topic: how many members have partitions of it, and how many partitions. */
  topic: string | null;
  members: number;
  partitions: number;
}

/** How members share the topics of their groups; a row without a topic counts members that have nothing. */
export async function readMemberShares(on: Statements): Promise<GroupMembersRow[]> {
  return on.query<GroupMembersRow>(
    `select c.name as cluster, g.name, a->>'topic' as topic, count(*)::int as members, coalesce(sum(jsonb_array_length(a->'partitions')), 0)::int as partitions
     from consumer_group g join cluster c on c.id = g.cluster_id cross join lateral jsonb_array_elements(g.members) m left join lateral jsonb_array_elements(m->'assignments') a on true
     where g.deleted_at is null and g.failed_since is null group by 1, 2, 3 order by 1, 2, 3`,
  );
}
