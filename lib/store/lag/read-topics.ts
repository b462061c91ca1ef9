import type { Statements } from '../store.ts';

export interface TopicFiguresRow {
  name: string;
  kafka_topic_id: string;
  partition_count: number;
  replication_factor: number | null;
  internal: boolean;
  role: string | null;
  first_seen_at: Date;
  /** End minus start over the known partitions: an upper bound of what is there (compaction and markers leave holes). */
  held: bigint | null;
  end_total: bigint | null;
  unknown: number;
  groups: number;
  changed_at: Date | null;
}

/** Current incarnations of a cluster's topics. */
export async function readTopics(on: Statements, clusterId: number, search: string, limit: number, after: string | null): Promise<TopicFiguresRow[]> {
  return on.query<TopicFiguresRow>(
    `select t.name, t.kafka_topic_id, t.partition_count, t.replication_factor, t.internal, t.role, t.first_seen_at,
       o.held, o.end_total, coalesce(o.unknown, t.partition_count)::int as unknown, o.changed_at,
       (select count(distinct group_id) from group_partition_offset g where g.topic_id = t.id and g.committed_offset is not null)::int as groups
     from topic t left join lateral (
       select sum(high_watermark - log_start_offset)::bigint as held, sum(high_watermark)::bigint as end_total, (count(*) filter (where failed_since is not null or high_watermark is null)) as unknown, max(changed_at) as changed_at
       from topic_partition_offset where topic_id = t.id
     ) o on true
     where t.cluster_id = $1 and t.deleted_at is null and ($2 = '' or position(lower($2) in lower(t.name)) > 0) and ($3::text is null or t.name > $3)
     order by t.name limit $4`,
    [clusterId, search, after, limit],
  );
}
