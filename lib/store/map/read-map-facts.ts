import { TOPICS_KEPT } from '#lib/lag/measure-throughput.ts';
import type { Statements } from '../store.ts';

export interface MapTopicRow {
  id: number;
  cluster: string;
  name: string;
  role: string | null;
  internal: boolean;
  clusterId: number;
  /** Over the range, where readings cover at least half of it; else as last read; null = not known. */
  producedPerSecond: number | null;
}

export interface MapReaderRow {
  groupId: number;
  topicId: number;
  lag: bigint | null;
}

/** What a cluster has more of is not a map any more: what is shown is chosen among these. */
const MOST_TOPICS = 20_000;
const MOST_READERS = 50_000;

/** Topics with how much is written to them. @param cluster name, or null for all */
export async function readMapTopics(on: Statements, input: { cluster: string | null; from: Date; to: Date }): Promise<MapTopicRow[]> {
  return on.query<MapTopicRow>(
    `with chosen as (
       select id from cluster where $1::text is null or name = $1
     ), readings as (
       -- A list with room in it names every topic that was written to.
       select r.cluster_id, r.seconds, r.topic_ids, r.topic_records, cardinality(r.topic_ids) < ${TOPICS_KEPT} as complete from cluster_throughput r
       where r.cluster_id in (select id from chosen) and r.until > $2 and r.until <= $3 and r.seconds > 0
     ), totals as (
       select cluster_id, sum(seconds) as seconds, coalesce(sum(seconds) filter (where complete), 0) as complete from readings group by 1
     ), written as (
       select x.id, sum(x.records) as records, coalesce(sum(r.seconds) filter (where not r.complete and x.records is not null), 0) as extra, coalesce(sum(r.seconds) filter (where r.complete and x.records is null), 0) as missing
       from readings r cross join lateral unnest(r.topic_ids, r.topic_records) as x(id, records) group by 1
     )
     select t.id, c.name as cluster, t.name, t.role, t.internal, t.cluster_id as "clusterId",
       case when s.seconds is not null and coalesce(s.complete + coalesce(w.extra, 0) - coalesce(w.missing, 0), 0) >= s.seconds / 2
         then coalesce(w.records, 0)::float8 / (s.complete + coalesce(w.extra, 0) - coalesce(w.missing, 0))
         else f.produced_per_second end as "producedPerSecond"
     from topic t join cluster c on c.id = t.cluster_id left join totals s on s.cluster_id = t.cluster_id left join written w on w.id = t.id left join topic_facts f on f.topic_id = t.id
     where t.deleted_at is null and t.cluster_id in (select id from chosen) limit ${MOST_TOPICS}`,
    [input.cluster, input.from, input.to],
  );
}

/** Which groups commit on which topics, and how far they are behind. */
export async function readMapReaders(on: Statements, cluster: string | null): Promise<MapReaderRow[]> {
  return on.query<MapReaderRow>(
    `select o.group_id as "groupId", o.topic_id as "topicId",
       (sum(greatest(p.high_watermark - o.committed_offset - o.acknowledged_ahead, 0)) filter (where p.high_watermark is not null))::bigint as lag
     from group_partition_offset o join consumer_group g on g.id = o.group_id and g.deleted_at is null
     join cluster c on c.id = g.cluster_id left join topic_partition_offset p on p.topic_id = o.topic_id and p.partition = o.partition
     where o.committed_offset is not null and ($1::text is null or c.name = $1) group by 1, 2 limit ${MOST_READERS}`,
    [cluster],
  );
}

/**
 * What groups consumed per second over a range, by group. Minutes without a row are minutes in which a group stood still, as long as its cluster was read.
 * @param hourly from the hours, for ranges of which minutes are too many
 */
export async function readConsumed(on: Statements, input: { groupIds: readonly number[]; from: Date; to: Date; hourly: boolean }): Promise<Map<number, number>> {
  if (input.groupIds.length === 0) return new Map();
  const rows = await on.query<{ groupId: number; rate: number | null }>(
    input.hourly
      ? `with read as (select count(*) as hours from lag_rollup where hour >= $2 and hour < $3)
         select h.group_id as "groupId", sum(h.consumed_per_second) / nullif((select hours from read), 0) as rate from group_lag_hour h
         where h.group_id = any($1::int[]) and h.hour >= $2 and h.hour < $3 group by 1`
      : `with read as (select cluster_id, count(*) as minutes from cluster_minute where minute >= $2 and minute < $3 group by 1)
         select m.group_id as "groupId", sum(m.consumed_per_second) / nullif(max(r.minutes), 0) as rate from group_lag_minute m join consumer_group g on g.id = m.group_id left join read r on r.cluster_id = g.cluster_id
         where m.group_id = any($1::int[]) and m.minute >= $2 and m.minute < $3 group by 1`,
    [input.groupIds, input.from, input.to],
  );
  return new Map(rows.flatMap((row) => (row.rate === null ? [] : [[row.groupId, row.rate]])));
}
