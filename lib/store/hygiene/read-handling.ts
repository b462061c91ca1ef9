import type { Statements } from '../store.ts';

/** Newest sampled records that are looked up in the spans and the commits: of one topic, so that a busy one leaves room for the others, and of all. */
const MOST_A_TOPIC = 300;
const MOST_RECORDS = 10_000;

export interface HandlingRow {
  topic: string;
  partition: number;
  offset: bigint;
  at: Date;
  group: string | null;
  service: string | null;
  /** Spans that handled it, and all that tell of it: some instrumentations write one for receiving, too. */
  processed: number;
  spans: number;
  errors: number;
}

const SEEN = `seen as materialized (
  select t.id as topic_id, t.name as topic, r.partition, r."offset", r.at from topic t
  cross join lateral (select x.partition, x."offset", x.at from hygiene_record x where x.topic_id = t.id and x.at >= $2 and x.at < $3 order by x.at desc limit ${MOST_A_TOPIC}) r
  where t.cluster_id = $1 and t.deleted_at is null limit ${MOST_RECORDS}
)`;

/** What spans of consumers tell of sampled records written between two moments: a row for each record and consumer. */
export async function readHandling(on: Statements, clusterId: number, from: Date, until: Date): Promise<HandlingRow[]> {
  return on.query<HandlingRow>(
    `with ${SEEN}
     select s.topic, s.partition, s."offset", s.at, p.group_name as "group", p.service, (count(*) filter (where p.operation = 'process'))::int as processed, count(*)::int as spans, (count(*) filter (where p.status_code = 2))::int as errors
     from seen s join span p on p.topic = s.topic and p.partition = s.partition and p."offset" = s."offset"
     where p.kind = 5 and p.day >= ($2::timestamptz at time zone 'UTC')::date and (p.cluster_id is null or p.cluster_id = $1) and coalesce(p.service, '') not like 'waybill-%'
     group by 1, 2, 3, 4, 5, 6`,
    [clusterId, from, until],
  );
}

export interface CommitRow {
  group: string;
  topic: string;
  /** The newest 20, newest first: partition, offset and time. */
  latest: { partition: number; offset: string; atMs: number }[];
}

/** Groups that committed past sampled records within the time, while their commits were watched. */
export async function readCommitted(on: Statements, clusterId: number, from: Date, until: Date): Promise<CommitRow[]> {
  return on.query<CommitRow>(
    `with ${SEEN}
     select g.name as "group", s.topic,
       to_jsonb((array_agg(jsonb_build_object('partition', s.partition, 'offset', s."offset"::text, 'atMs', floor(extract(epoch from s.at) * 1000)) order by s.at desc))[1:20]) as latest
     from seen s join group_partition_offset o on o.topic_id = s.topic_id and o.partition = s.partition join consumer_group g on g.id = o.group_id
     where g.deleted_at is null and g.name not like 'waybill-%' and o.committed_offset > s."offset" and o.watched_since <= s.at and o.committed_at >= s.at
     group by 1, 2`,
    [clusterId, from, until],
  );
}

/** Rows of a topic that are looked through for spans that handle many records: those name no coordinate of their own. */
const MOST_SPANS = 20_000;

/** Consumers of these topics whose spans tell of no single record (batches). */
export async function readBatchConsumers(on: Statements, topics: readonly string[], from: Date): Promise<{ topic: string; group: string | null; service: string | null }[]> {
  if (topics.length === 0) return [];
  return on.query(
    `select w.topic, p.group_name as "group", p.service from unnest($1::text[]) as w(topic)
     cross join lateral (select x.group_name, x.service, x.kind from span x where x.topic = w.topic and x.partition is null and x.day >= ($2::timestamptz at time zone 'UTC')::date limit ${MOST_SPANS}) p
     where p.kind = 5 group by 1, 2, 3`,
    [topics, from],
  );
}

/** Whether any traced service wrote to Kafka since then: without one the absence of spans says nothing. */
export async function hasTraces(on: Statements, since: Date): Promise<boolean> {
  const [row] = await on.query<{ any: boolean }>('select exists (select 1 from topic_producer where last_seen_at >= $1) as any', [since]);
  return row?.any ?? false;
}
