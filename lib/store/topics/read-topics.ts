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
}

/** Current incarnations with what is known of them, by cluster and name. */
export async function readTopics(on: Statements, { cluster, topic }: TopicScope): Promise<TopicRow[]> {
  return on.query<TopicRow>(
    `select t.id, t.cluster_id, c.name as cluster, t.name, t.kafka_topic_id, t.partition_count, t.replication_factor, t.internal, t.role, t.first_seen_at,
       o.held, coalesce(t.partition_count - o.known, t.partition_count)::int as unknown, o.changed_at,
       f.config, f.config_error, f.changed_at as described_at, f.size_bytes, f.size_error, f.under_replicated, f.offline, f.produced_per_second
     from topic t join cluster c on c.id = t.cluster_id left join topic_facts f on f.topic_id = t.id
     left join (
       select p.topic_id, sum(p.high_watermark - p.log_start_offset)::bigint as held, count(*) filter (where p.failed_since is null and p.high_watermark is not null) as known, max(p.changed_at) as changed_at
       from topic_partition_offset p where $2::text is null or p.topic_id in (select id from topic where name = $2 and deleted_at is null) group by p.topic_id
     ) o on o.topic_id = t.id
     where t.deleted_at is null and ($1::text is null or c.name = $1) and ($2::text is null or t.name = $2)
     order by c.name, t.name`,
    [cluster, topic],
  );
}

/** Groups that committed in a topic or have it assigned, most lag first within a topic. */
export async function readTopicReaders(on: Statements, { cluster, topic }: TopicScope): Promise<TopicReaderRow[]> {
  return on.query<TopicReaderRow>(
    `with chosen as (
       select t.id, t.cluster_id, t.name from topic t join cluster c on c.id = t.cluster_id
       where t.deleted_at is null and ($1::text is null or c.name = $1) and ($2::text is null or t.name = $2)
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
    [cluster, topic],
  );
}

/** Services whose spans wrote to a topic since `since`, newest first. A span that did not name its cluster counts for every cluster with that topic. */
export async function readTopicProducers(on: Statements, topic: string | null, since: Date): Promise<{ topic: string; cluster_id: number; service: string; last_seen_at: Date }[]> {
  return on.query<{ topic: string; cluster_id: number; service: string; last_seen_at: Date }>(
    'select topic, cluster_id, service, last_seen_at from topic_producer where last_seen_at >= $2 and ($1::text is null or topic = $1) order by last_seen_at desc limit 100000',
    [topic, since],
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
