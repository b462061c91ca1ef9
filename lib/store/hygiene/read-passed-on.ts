import type { Statements } from '../store.ts';

/** A sampled record with the span that wrote it. */
export interface WrittenRow {
  topic: string;
  partition: number;
  offset: bigint;
  at: Date;
  correlated: boolean;
  service: string;
  /** Hex. */
  traceId: string;
  parentSpanId: string | null;
}

export interface AncestorRow {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  service: string | null;
  kind: number;
  topic: string | null;
  partition: number | null;
  offset: bigint | null;
  hasKey: boolean;
}

const MOST_A_TOPIC = 200;
const MOST_RECORDS = 5_000;

/** Sampled records since `from` whose producer's span is known. What a replay sent was written by nobody's handler. */
export async function readWritten(on: Statements, clusterId: number, from: Date): Promise<WrittenRow[]> {
  return on.query<WrittenRow>(
    `with seen as materialized (
       select t.name as topic, r.* from topic t
       cross join lateral (select x.partition, x."offset", x.at, x.correlated, x.trace_id, x.span_id from hygiene_record x where x.topic_id = t.id and x.at >= $2 and x.span_id is not null and not x.replayed order by x.at desc limit ${MOST_A_TOPIC}) r
       where t.cluster_id = $1 and t.deleted_at is null limit ${MOST_RECORDS}
     )
     select s.topic, s.partition, s."offset", s.at, s.correlated, p.service, encode(p.trace_id, 'hex') as "traceId", encode(p.parent_span_id, 'hex') as "parentSpanId"
     from seen s join span p on p.trace_id = s.trace_id and p.span_id = s.span_id where p.service is not null and p.service not like 'waybill-%'`,
    [clusterId, from],
  );
}

/** Spans by trace and id. */
export async function readAncestors(on: Statements, ids: readonly { traceId: string; spanId: string }[]): Promise<AncestorRow[]> {
  if (ids.length === 0) return [];
  return on.query<AncestorRow>(
    `select encode(p.trace_id, 'hex') as "traceId", encode(p.span_id, 'hex') as "spanId", encode(p.parent_span_id, 'hex') as "parentSpanId", p.service, p.kind, p.topic, p.partition, p."offset", p.journey_key is not null as "hasKey"
     from (select distinct decode(t, 'hex') as trace_id, decode(s, 'hex') as span_id from unnest($1::text[], $2::text[]) as w(t, s)) w join span p on p.trace_id = w.trace_id and p.span_id = w.span_id`,
    [ids.map((one) => one.traceId), ids.map((one) => one.spanId)],
  );
}

/** What is known of the correlation ids of records: by their fingerprints or by the tap of headers. Absent: not looked at. */
export async function readCorrelated(on: Statements, clusterId: number, records: readonly { topic: string; partition: number; offset: bigint }[]): Promise<{ topic: string; partition: number; offset: bigint; correlated: boolean }[]> {
  if (records.length === 0) return [];
  return on.query(
    `select w.topic, w.partition, w."offset", bool_or(coalesce(r.correlated, false) or h.journey_key is not null) as correlated
     from unnest($2::text[], $3::int[], $4::bigint[]) as w(topic, partition, "offset") join topic t on t.cluster_id = $1 and t.name = w.topic and t.deleted_at is null
     left join hygiene_record r on r.topic_id = t.id and r.partition = w.partition and r."offset" = w."offset"
     left join record_header h on h.topic_id = t.id and h.partition = w.partition and h."offset" = w."offset"
     where r.topic_id is not null or h.topic_id is not null group by 1, 2, 3`,
    [clusterId, records.map((one) => one.topic), records.map((one) => one.partition), records.map((one) => one.offset)],
  );
}
