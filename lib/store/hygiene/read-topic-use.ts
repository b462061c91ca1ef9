import type { Statements } from '../store.ts';

export interface TopicUseRow {
  id: number;
  name: string;
  role: 'dead-letter' | 'retry' | null;
  /** A group committed there or has it assigned. */
  read: boolean;
  firstSeenAt: Date;
  writtenAt: Date | null;
  held: bigint | null;
  bytes: bigint | null;
  producers: string[];
}

/** Present topics of a cluster with whether any group reads them. Groups of replays read nothing for the business. */
export async function readTopicUse(on: Statements, clusterId: number, producersSince: Date): Promise<TopicUseRow[]> {
  return on.query<TopicUseRow>(
    `with assigned as (
       select distinct a->>'topic' as name from consumer_group g cross join lateral jsonb_array_elements(g.members) m cross join lateral jsonb_array_elements(m->'assignments') a where g.cluster_id = $1 and g.deleted_at is null and g.members <> '[]'
     )
     select t.id, t.name, t.role, t.first_seen_at as "firstSeenAt", o.changed_at as "writtenAt", o.held, f.size_bytes as bytes,
       t.name in (select name from assigned) or exists (
         select 1 from group_partition_offset o join consumer_group g on g.id = o.group_id where o.topic_id = t.id and o.committed_offset is not null and g.deleted_at is null and g.name not like 'waybill-replay-%'
       ) as read,
       array(select distinct p.service from topic_producer p where p.topic = t.name and p.last_seen_at >= $2 and p.cluster_id in (0, $1) order by 1 limit 5) as producers
     from topic t left join topic_facts f on f.topic_id = t.id
     left join (select topic_id, max(changed_at) as changed_at, sum(high_watermark - log_start_offset)::bigint as held from topic_partition_offset group by topic_id) o on o.topic_id = t.id
     where t.cluster_id = $1 and t.deleted_at is null and not t.internal order by t.name`,
    [clusterId, producersSince],
  );
}

export interface DeadLetterUseRow {
  topicId: number;
  waiting: number;
  oldestAt: Date | null;
  newestAt: Date | null;
  handledAt: Date | null;
  latest: { partition: number; offset: string; atMs: number }[];
}

/** Newest dead letters of a topic that are looked at. */
const MOST_LETTERS = 5_000;

/** What became of the newest dead letters of these topics. */
export async function readDeadLetterUse(on: Statements, topicIds: readonly number[]): Promise<DeadLetterUseRow[]> {
  if (topicIds.length === 0) return [];
  return on.query<DeadLetterUseRow>(
    `select w.id as "topicId", l.waiting, l."oldestAt", l."newestAt", l."handledAt", coalesce(l.latest, '[]'::jsonb) as latest from unnest($1::int[]) as w(id)
     cross join lateral (
       select (count(*) filter (where d.state = 'new'))::int as waiting, min(coalesce(d.timestamp, d.ingested_at)) filter (where d.state = 'new') as "oldestAt", max(coalesce(d.timestamp, d.ingested_at)) filter (where d.state = 'new') as "newestAt",
         max(d.state_at) filter (where d.state not in ('new', 'expired')) as "handledAt",
         to_jsonb((array_agg(jsonb_build_object('partition', d.partition, 'offset', d."offset"::text, 'atMs', floor(extract(epoch from coalesce(d.timestamp, d.ingested_at)) * 1000)) order by d.seq desc) filter (where d.state = 'new'))[1:5]) as latest
       from (select * from dead_letter x where x.topic_id = w.id order by x.seq desc limit ${MOST_LETTERS}) d
     ) l`,
    [topicIds],
  );
}

/** Where dead letters of a cluster came from, and the topics that hold them and retries. */
export async function readDeadLetterPaths(on: Statements, clusterId: number): Promise<{ topics: string[]; origins: { topic: string; group: string | null }[] }> {
  const [topics, origins] = await Promise.all([
    on.query<{ name: string }>(`select name from topic where cluster_id = $1 and deleted_at is null and role in ('dead-letter', 'retry')`, [clusterId]),
    on.query<{ topic: string; group: string | null }>(`select distinct origin_topic as topic, nullif(origin_group, '') as "group" from dead_letter_count where cluster_id = $1 and origin_topic <> '' limit 10000`, [clusterId]),
  ]);
  return { topics: topics.map((one) => one.name), origins };
}

export interface RetryTrafficRow {
  originTopic: string;
  group: string | null;
  retryTopics: string[];
  retries: number;
  firstAt: Date;
  lastAt: Date;
  /** null: the throughput of the topic is not known. */
  produced: bigint | null;
  latest: { topic: string; partition: number; offset: string; atMs: number | null; originPartition: number | null; originOffset: string | null }[];
}

/** Retries since `from` by the topic they came of, with what was written to that topic in the same time. */
export async function readRetryTraffic(on: Statements, clusterId: number, from: Date): Promise<RetryTrafficRow[]> {
  return on.query<RetryTrafficRow>(
    `with written as (
       select x.id, sum(x.records)::bigint as records from cluster_throughput r cross join lateral unnest(r.topic_ids, r.topic_records) as x(id, records) where r.cluster_id = $1 and r.until > $2 group by 1
     )
     select r.origin_topic as "originTopic", r.origin_group as "group", array_agg(distinct t.name) as "retryTopics", count(*)::int as retries, min(r.ingested_at) as "firstAt", max(r.ingested_at) as "lastAt",
       (select w.records from written w join topic o on o.id = w.id where o.cluster_id = $1 and o.name = r.origin_topic and o.deleted_at is null) as produced,
       to_jsonb((array_agg(jsonb_build_object('topic', t.name, 'partition', r.partition, 'offset', r."offset"::text, 'atMs', floor(extract(epoch from r.written_at) * 1000), 'originPartition', r.origin_partition, 'originOffset', r.origin_offset::text) order by r.ingested_at desc))[1:5]) as latest
     from retry_record r join topic t on t.id = r.topic_id
     where r.cluster_id = $1 and r.ingested_at >= $2 and r.origin_topic is not null group by 1, 2`,
    [clusterId, from],
  );
}
