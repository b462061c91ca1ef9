import type { Statements } from '../store.ts';

export interface TopicRow {
  id: number;
  cluster_id: number;
  cluster: string;
  name: string;
  kafka_topic_id: string;
  partition_count: number;
  replication_factor: number | null;
  internal: boolean;
  role: string | null;
  first_seen_at: Date;
  /** End minus start over the known partitions: an upper bound of what is there (compaction and markers leave holes). */
  held: bigint | null;
  /** Partitions whose end is not known now. */
  unknown: number;
  changed_at: Date | null;
  config: Record<string, string> | null;
  config_error: string | null;
  /** null: the topics collector has not described it yet. */
  described_at: Date | null;
  size_bytes: bigint | null;
  size_error: string | null;
  under_replicated: number | null;
  offline: number | null;
  produced_per_second: number | null;
}

export interface TopicReaderRow {
  topic_id: number;
  group: string;
  /** The group's stored status. */
  status: string;
  state: string;
  /** Partitions of the topic in which it committed; 0: assigned only. */
  committed: number;
  lag: bigint | null;
  unknown: number;
}

/** Which topics a statement is about: null is every one. */
export interface TopicScope {
  cluster: string | null;
  topic: string | null;
  /** Row ids; null or absent: whichever. */
  ids?: readonly number[] | null;
}

export interface TopicKeyRow {
  id: number;
  cluster: string;
  name: string;
  /** What the list is sorted by; null where not known, or where it is sorted by name. */
  figure: number | bigint | null;
}

export type TopicFigure = 'size' | 'produced' | 'lag' | 'partitions';

// Fixed here: nothing from outside is put into the text of a statement.
const FIGURES: Record<TopicFigure, string> = { size: 'f.size_bytes', produced: 'f.produced_per_second', partitions: 't.partition_count', lag: 'l.lag' };
const LAGS = `left join (
       select o.topic_id, sum(greatest(p.high_watermark - o.committed_offset - o.acknowledged_ahead, 0))::bigint as lag
       from group_partition_offset o join consumer_group g on g.id = o.group_id and g.deleted_at is null join topic_partition_offset p on p.topic_id = o.topic_id and p.partition = o.partition
       where o.committed_offset is not null and p.high_watermark is not null group by 1
     ) l on l.topic_id = t.id`;

/**
 * Which topics there are, with as little as a list needs to put them in order: of those on a page the rest is read by their ids.
 * @param search part of the name of the topic, of a service that wrote to it since `since`, or of a group that committed there or has it assigned
 */
export async function readTopicKeys(on: Statements, input: { cluster: string | null; search: string; since: Date; figure: TopicFigure | null }): Promise<TopicKeyRow[]> {
  const { cluster, search, since, figure } = input;
  const pattern = search === '' ? null : `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return on.query<TopicKeyRow>(
    `select t.id, c.name as cluster, t.name, ${figure === null ? 'null' : FIGURES[figure]} as figure
     from topic t join cluster c on c.id = t.cluster_id ${figure === 'size' || figure === 'produced' ? 'left join topic_facts f on f.topic_id = t.id' : figure === 'lag' ? LAGS : ''}
     where t.deleted_at is null and ($1::text is null or c.name = $1) and ($2::text is null or t.name ilike $2
       or exists (select 1 from topic_producer p where p.topic = t.name and p.last_seen_at >= $3 and (p.cluster_id = 0 or p.cluster_id = t.cluster_id) and p.service ilike $2)
       or t.id in (select o.topic_id from consumer_group g join group_partition_offset o on o.group_id = g.id where g.deleted_at is null and g.name ilike $2 and o.committed_offset is not null)
       or (t.cluster_id, t.name) in (
         select g.cluster_id, a->>'topic' from consumer_group g cross join lateral jsonb_array_elements(g.members) m cross join lateral jsonb_array_elements(m->'assignments') a
         where g.deleted_at is null and g.name ilike $2 and g.members <> '[]'
       ))`,
    [cluster, pattern, since],
  );
}

/** Current incarnations with what is known of them, by cluster and name. */
export async function readTopics(on: Statements, { cluster, topic, ids = null }: TopicScope): Promise<TopicRow[]> {
  return on.query<TopicRow>(
    `select t.id, t.cluster_id, c.name as cluster, t.name, t.kafka_topic_id, t.partition_count, t.replication_factor, t.internal, t.role, t.first_seen_at,
       o.held, coalesce(t.partition_count - o.known, t.partition_count)::int as unknown, o.changed_at,
       f.config, f.config_error, f.changed_at as described_at, f.size_bytes, f.size_error, f.under_replicated, f.offline, f.produced_per_second
     from topic t join cluster c on c.id = t.cluster_id left join topic_facts f on f.topic_id = t.id
     left join (
       select p.topic_id, sum(p.high_watermark - p.log_start_offset)::bigint as held, count(*) filter (where p.failed_since is null and p.high_watermark is not null) as known, max(p.changed_at) as changed_at
       from topic_partition_offset p where ($2::text is null or p.topic_id in (select id from topic where name = $2 and deleted_at is null)) and ($3::int[] is null or p.topic_id = any($3)) group by p.topic_id
     ) o on o.topic_id = t.id
     where t.deleted_at is null and ($1::text is null or c.name = $1) and ($2::text is null or t.name = $2) and ($3::int[] is null or t.id = any($3))
     order by c.name, t.name`,
    [cluster, topic, ids],
  );
}

/** Groups that committed in a topic or have it assigned, most lag first within a topic. */
export async function readTopicReaders(on: Statements, { cluster, topic, ids = null }: TopicScope): Promise<TopicReaderRow[]> {
  return on.query<TopicReaderRow>(
    `with chosen as (
       select t.id, t.cluster_id, t.name from topic t join cluster c on c.id = t.cluster_id
       where t.deleted_at is null and ($1::text is null or c.name = $1) and ($2::text is null or t.name = $2) and ($3::int[] is null or t.id = any($3))
     ), committed as (
       select o.topic_id, o.group_id, count(*)::int as committed, sum(greatest(p.high_watermark - o.committed_offset - o.acknowledged_ahead, 0)) filter (where p.high_watermark is not null)::bigint as lag, -- greatest() skips nulls
         (count(*) filter (where p.high_watermark is null or p.failed_since is not null))::int as unknown
       from group_partition_offset o join chosen on chosen.id = o.topic_id left join topic_partition_offset p on p.topic_id = o.topic_id and p.partition = o.partition
       where o.committed_offset is not null group by 1, 2
     ), assigned as (
       select distinct chosen.id as topic_id, g.id as group_id
       from consumer_group g cross join lateral jsonb_array_elements(g.members) m cross join lateral jsonb_array_elements(m->'assignments') a
       join chosen on chosen.cluster_id = g.cluster_id and chosen.name = a->>'topic'
       where g.deleted_at is null and g.members <> '[]'
     )
     select coalesce(k.topic_id, a.topic_id) as topic_id, g.name as "group", g.status, g.state, coalesce(k.committed, 0) as committed, k.lag, coalesce(k.unknown, 0) as unknown
     from committed k full join assigned a on a.topic_id = k.topic_id and a.group_id = k.group_id
     join consumer_group g on g.id = coalesce(k.group_id, a.group_id) and g.deleted_at is null
     order by 1, k.lag desc nulls last, g.name`,
    [cluster, topic, ids],
  );
}

/** Services whose spans wrote to a topic since `since`, newest first. A span that did not name its cluster counts for every cluster with that topic. */
export async function readTopicProducers(on: Statements, topics: readonly string[] | null, since: Date): Promise<{ topic: string; cluster_id: number; service: string; last_seen_at: Date }[]> {
  return on.query<{ topic: string; cluster_id: number; service: string; last_seen_at: Date }>(
    'select topic, cluster_id, service, last_seen_at from topic_producer where last_seen_at >= $2 and ($1::text[] is null or topic = any($1)) order by last_seen_at desc limit 100000',
    [topics, since],
  );
}

/** Clusters whose groups were all read in the last cycle: only there the absence of readers is known. */
export async function readCompleteClusters(on: Statements, now: Date): Promise<Set<number>> {
  const rows = await on.query<{ id: number }>(
    `select id from cluster where state in ('ok', 'partial') and last_error is null and coalesce((last_cycle->>'groupsFailed')::int, 1) = 0
       and last_cycle_at > $1::timestamptz - greatest(interval '30 seconds', 3 * coalesce((last_cycle->>'intervalMs')::int, 10000) * interval '1 millisecond')`,
    [now],
  );
  return new Set(rows.map((row) => row.id));
}
