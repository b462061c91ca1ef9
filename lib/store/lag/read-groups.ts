import type { Statements } from '../store.ts';

export interface GroupFiguresRow {
  id: number;
  name: string;
  cluster: string;
  cluster_state: string;
  cluster_error: string | null;
  last_cycle_at: Date | null;
  interval_ms: number | null;
  type: string;
  state: string;
  protocol: string | null;
  coordinator: number | null;
  /** null = not described yet. */
  member_count: number | null;
  status: string;
  status_since: Date | null;
  /** The last that was not "unknown"; null where it always was. */
  known_status: string | null;
  first_seen_at: Date;
  failed_since: Date | null;
  last_good_at: Date | null;
  last_error: string | null;
  deleted_at: Date | null;
  /** null where no partition is known. */
  lag: bigint | null;
  lost: bigint;
  /** Records that came since the commits last moved, over the partitions where records wait; null where it is not known of any. */
  arrived: bigint | null;
  oldest_at: Date | null;
  oldest_quality: string | null;
  partitions: number;
  partitions_behind: number;
  partitions_unknown: number;
  partitions_uncommitted: number;
  /** With a commit beyond the end of the log. */
  partitions_beyond: number;
  /** Most lag first. */
  topics: string[];
  /** How many of them have lag. */
  topics_behind: number;
  produced_per_second: number | null;
  consumed_per_second: number | null;
}

/**
 * Groups with their lag, derived from the current offsets in one statement. Expired groups stay for a day after they vanished.
 * @param cluster name, or null for every cluster
 * @param group one name, or null for all
 */
export async function readGroups(on: Statements, { cluster, group, now }: { cluster: string | null; group: string | null; now: Date }): Promise<GroupFiguresRow[]> {
  return on.query<GroupFiguresRow>(
    `with chosen as (
       select g.*, c.name as cluster_name, c.state as cluster_state, c.last_error as cluster_error, c.last_cycle_at, (c.last_cycle->>'intervalMs')::int as interval_ms
       from consumer_group g join cluster c on c.id = g.cluster_id
       where ($1::text is null or c.name = $1) and ($2::text is null or g.name = $2)
         and (g.deleted_at is null or (g.status = 'expired' and g.deleted_at > $3::timestamptz - interval '1 day'))
     ), by_topic as (
       select o.group_id, o.topic_id, count(*) filter (where o.committed_offset is not null) as partitions, count(*) filter (where o.committed_offset is null) as uncommitted,
         count(*) filter (where t.failed_since is not null or (t.high_watermark is null and o.committed_offset is not null)) as unknown,
         -- greatest() skips nulls: without the filter what is not known would count as 0.
         sum(greatest(t.high_watermark - o.committed_offset - o.acknowledged_ahead, 0)) filter (where t.high_watermark is not null and o.committed_offset is not null) as lag,
         count(*) filter (where t.high_watermark > o.committed_offset + o.acknowledged_ahead) as behind,
         count(*) filter (where o.committed_offset > t.high_watermark and t.failed_since is null) as beyond,
         sum(greatest(t.log_start_offset - o.committed_offset, 0)) as lost,
         sum(greatest(t.high_watermark - o.end_at_commit, 0)) filter (where o.end_at_commit is not null and t.high_watermark > o.committed_offset + o.acknowledged_ahead and t.failed_since is null) as arrived,
         min(o.oldest_at) as oldest_at, (array_agg(o.oldest_quality order by o.oldest_at) filter (where o.oldest_at is not null))[1] as oldest_quality
       from group_partition_offset o join chosen on chosen.id = o.group_id left join topic_partition_offset t on t.topic_id = o.topic_id and t.partition = o.partition
       group by o.group_id, o.topic_id
     ), figures as (
       select b.group_id, sum(b.partitions)::int as partitions, sum(b.uncommitted)::int as uncommitted, sum(b.unknown)::int as unknown, sum(b.beyond)::int as beyond, sum(b.lag)::bigint as lag, sum(b.behind)::int as behind,
         coalesce(sum(b.lost), 0)::bigint as lost, sum(b.arrived)::bigint as arrived, min(b.oldest_at) as oldest_at, (array_agg(b.oldest_quality order by b.oldest_at) filter (where b.oldest_at is not null))[1] as oldest_quality,
         array_agg(topic.name order by b.lag desc nulls last, topic.name) as topics, (count(*) filter (where b.lag > 0))::int as topics_behind
       from by_topic b join topic on topic.id = b.topic_id and topic.deleted_at is null group by b.group_id
     )
     select g.id, g.name, g.cluster_name as cluster, g.cluster_state, g.cluster_error, g.last_cycle_at, g.interval_ms, g.type, g.state, g.protocol, g.coordinator,
       case when g.state in ('Empty', 'Dead') then 0 when g.members_at is null then null else jsonb_array_length(g.members) end as member_count,
       g.status, g.status_since, g.known_status, g.first_seen_at, g.failed_since, g.last_good_at, g.last_error, g.deleted_at,
       f.lag, coalesce(f.lost, 0)::bigint as lost, f.arrived, f.oldest_at, f.oldest_quality,
       coalesce(f.partitions, 0)::int as partitions, coalesce(f.behind, 0)::int as partitions_behind, coalesce(f.unknown, 0)::int as partitions_unknown, coalesce(f.uncommitted, 0)::int as partitions_uncommitted, coalesce(f.beyond, 0)::int as partitions_beyond,
       coalesce(f.topics, '{}') as topics, coalesce(f.topics_behind, 0)::int as topics_behind, m.produced_per_second, m.consumed_per_second
     from chosen g left join figures f on f.group_id = g.id
     left join lateral (
       select produced_per_second, consumed_per_second from group_lag_minute m
       where m.group_id = g.id and m.minute >= $3::timestamptz - interval '3 minutes' and m.minute <= $3::timestamptz + interval '1 minute' order by m.minute desc limit 1
     ) m on true`,
    [cluster, group, now],
  );
}
