import type { Statements } from '../store.ts';
import type { Place } from './read-letters.ts';

export interface RecordRow {
  clusterId: number;
  topicId: number;
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: bigint;
  messageKey: string | null;
  traceId: string | null;
  spanId: string | null;
  journeyKey: string | null;
  journeyKeyBy: string | null;
  eventId: string | null;
  causationId: string | null;
}

export interface RecordPlace {
  topicId: number;
  partition: number;
  offset: bigint;
}

export interface RecordsWanted {
  keys: readonly string[];
  /** Of the event itself, or of its cause. */
  events: readonly string[];
  /** Hex: of the traceparent header. */
  traceIds: readonly string[];
  places: readonly Place[];
  records: readonly RecordPlace[];
}

/** Whether any record was tapped: where none was, nobody needs to ask. */
export async function hasRecords(on: Statements): Promise<boolean> {
  const [row] = await on.query<{ any: boolean }>('select exists (select 1 from record_header) as any');
  return row?.any ?? false;
}

/** Tapped records by whatever may lead to them, at most `limit`. */
export async function readRecords(on: Statements, wanted: RecordsWanted, limit: number): Promise<RecordRow[]> {
  const { keys, events, traceIds, places, records } = wanted;
  if (keys.length + events.length + traceIds.length + places.length + records.length === 0) return [];
  return on.query<RecordRow>(
    `with found as (
       (select topic_id, partition, "offset", day from record_header where journey_key = any($1::text[]) limit $10)
       union (select topic_id, partition, "offset", day from record_header where event_id = any($2::text[]) limit $10)
       union (select topic_id, partition, "offset", day from record_header where causation_id = any($2::text[]) limit $10)
       union (select topic_id, partition, "offset", day from record_header where trace_id = any((select array_agg(decode(id, 'hex')) from unnest($3::text[]) as given (id))::bytea[]) limit $10)
       union (select r.topic_id, r.partition, r."offset", r.day from unnest($4::text[], $5::int[], $6::bigint[]) as g (topic, partition, "offset")
         join topic t on t.name = g.topic join record_header r on r.topic_id = t.id and r.partition = g.partition and r."offset" = g."offset" limit $10)
       union (select r.topic_id, r.partition, r."offset", r.day from unnest($7::int[], $8::int[], $9::bigint[]) as g (topic_id, partition, "offset")
         join record_header r on r.topic_id = g.topic_id and r.partition = g.partition and r."offset" = g."offset" limit $10)
     )
     select t.cluster_id as "clusterId", t.id as "topicId", t.name as topic, r.partition, r."offset", r.timestamp_ms as "timestampMs", r.message_key as "messageKey", encode(r.trace_id, 'hex') as "traceId",
       encode(r.span_id, 'hex') as "spanId", r.journey_key as "journeyKey", r.journey_key_by as "journeyKeyBy", r.event_id as "eventId", r.causation_id as "causationId"
     from found f join record_header r using (topic_id, partition, "offset", day) join topic t on t.id = r.topic_id
     order by r.timestamp_ms, r.topic_id, r.partition, r."offset" limit $10`,
    [
      keys, events, traceIds, places.map((place) => place.topic), places.map((place) => place.partition), places.map((place) => place.offset),
      records.map((record) => record.topicId), records.map((record) => record.partition), records.map((record) => record.offset), limit,
    ]);
}
