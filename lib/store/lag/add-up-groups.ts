/**
 * Figures of groups, added up from the current offsets of their partitions: the one definition, for whoever stores them and for groups that have none
 * stored yet. Common table expressions that follow one named `added` with the column `id`; the last is `figures`, a row for each group with partitions.
 */
export const ADD_UP_GROUPS = `
     by_topic as (
       select o.group_id, o.topic_id, count(*) filter (where o.committed_offset is not null) as partitions, count(*) filter (where o.committed_offset is null) as uncommitted,
         count(*) filter (where t.failed_since is not null or (t.high_watermark is null and o.committed_offset is not null)) as unknown,
         -- greatest() skips nulls: without the filter what is not known would count as 0.
         sum(greatest(t.high_watermark - o.committed_offset - o.acknowledged_ahead, 0)) filter (where t.high_watermark is not null and o.committed_offset is not null) as lag,
         count(*) filter (where t.high_watermark > o.committed_offset + o.acknowledged_ahead) as behind,
         count(*) filter (where o.committed_offset > t.high_watermark and t.failed_since is null) as beyond,
         sum(greatest(t.log_start_offset - o.committed_offset, 0)) as lost,
         sum(greatest(t.high_watermark - o.end_at_commit, 0)) filter (where o.end_at_commit is not null and t.high_watermark > o.committed_offset + o.acknowledged_ahead and t.failed_since is null) as arrived,
         min(o.oldest_at) as oldest_at, (array_agg(o.oldest_quality order by o.oldest_at) filter (where o.oldest_at is not null))[1] as oldest_quality
       from group_partition_offset o join added on added.id = o.group_id left join topic_partition_offset t on t.topic_id = o.topic_id and t.partition = o.partition
       group by o.group_id, o.topic_id
     ), figures as (
       select b.group_id, sum(b.partitions)::int as partitions, sum(b.uncommitted)::int as uncommitted, sum(b.unknown)::int as unknown, sum(b.beyond)::int as beyond, sum(b.lag)::bigint as lag, sum(b.behind)::int as behind,
         coalesce(sum(b.lost), 0)::bigint as lost, sum(b.arrived)::bigint as arrived, min(b.oldest_at) as oldest_at, (array_agg(b.oldest_quality order by b.oldest_at) filter (where b.oldest_at is not null))[1] as oldest_quality,
         array_agg(b.topic_id order by b.lag desc nulls last, topic.name) as topic_ids, (count(*) filter (where b.lag > 0))::int as topics_behind
       from by_topic b join topic on topic.id = b.topic_id and topic.deleted_at is null group by b.group_id
     )`;
