import type { JourneyLink, JourneySpan, Operation } from '#lib/model/journey.ts';
import type { Statements } from '../store.ts';
import { longName } from './attribute-places.ts';

interface Row {
  trace_id: string;
  span_id: string;
  parent_span_id: string | null;
  service: string | null;
  name: string;
  kind: number;
  start_ns: bigint;
  duration_ns: bigint;
  status_code: number;
  status_message: string | null;
  cluster_id: number | null;
  operation: Operation | null;
  topic: string | null;
  partition: number | null;
  offset: bigint | null;
  message_key: string | null;
  group_name: string | null;
  journey_key: string | null;
  journey_key_by: string | null;
  event_id: string | null;
  causation_id: string | null;
  batch: boolean;
  links: { traceId: string; spanId: string; topic?: string; partition?: number; offset?: string; key?: string }[] | null;
}

/**
 * The spans of traces, at most `limit` of them, the earliest first.
 * @param traceIds 32 hex digits each
 * @returns spans with `cluster` as stored and incarnation 0: the caller knows the topics
 */
export async function readSpans(on: Statements, traceIds: readonly string[], limit: number): Promise<JourneySpan[]> {
  if (traceIds.length === 0) return [];
  const rows = await on.query<Row>(
    `select encode(s.trace_id, 'hex') as trace_id, encode(s.span_id, 'hex') as span_id, encode(s.parent_span_id, 'hex') as parent_span_id, s.service, s.name, s.kind, s.start_ns, s.duration_ns,
       s.status_code, s.status_message, s.cluster_id, s.operation, s.topic, s.partition, s."offset", s.message_key, s.group_name, s.journey_key, s.journey_key_by, e.event_id, e.causation_id, s.batch, s.links
     from span s left join span_event e on e.trace_id = s.trace_id and e.span_id = s.span_id and e.day = s.day
     where s.trace_id = any((select array_agg(decode(id, 'hex')) from unnest($1::text[]) as given (id))::bytea[])
     order by s.start_ns limit $2`,
    [traceIds, limit],
  );
  return rows.map((row): JourneySpan => ({
    traceId: row.trace_id, spanId: row.span_id, parentSpanId: row.parent_span_id, service: row.service, name: row.name, kind: row.kind, startNs: row.start_ns, durationNs: row.duration_ns,
    statusCode: row.status_code, statusMessage: row.status_message, cluster: row.cluster_id, incarnation: 0, operation: row.operation, topic: row.topic, partition: row.partition, offset: row.offset,
    messageKey: row.message_key, group: row.group_name, journeyKey: row.journey_key, journeyKeyBy: row.journey_key_by === null ? null : longName(row.journey_key_by), eventId: row.event_id, causationId: row.causation_id, batch: row.batch,
    links: (row.links ?? []).map((link): JourneyLink => ({
      traceId: link.traceId, spanId: link.spanId,
      ...(link.topic === undefined ? {} : { topic: link.topic }), ...(link.partition === undefined ? {} : { partition: link.partition }),
      ...(link.offset === undefined ? {} : { offset: BigInt(link.offset) }), ...(link.key === undefined ? {} : { key: link.key }),
    })),
  }));
}
