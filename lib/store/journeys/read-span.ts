import type { Statements } from '../store.ts';
import { type SpanColumns, type SpanDetail, unpackAttributes } from './pack-attributes.ts';
import { readChunk } from './span-chunk.ts';

export interface StoredSpan {
  name: string;
  kind: number;
  startNs: bigint;
  durationNs: bigint;
  statusCode: number;
  statusMessage: string | null;
  detail: SpanDetail;
  resource: Record<string, unknown>;
}

interface Row extends SpanColumns, Omit<StoredSpan, 'detail' | 'resource'> {
  attributes: Buffer | null;
  resourceId: bigint | null;
  place: number | null;
  bytes: Buffer | null;
}

/** One span with what was packed away, or null. */
export async function readSpan(on: Statements, traceId: string, spanId: string): Promise<StoredSpan | null> {
  const [row] = await on.query<Row>(
    `select s.name, s.kind, s.start_ns as "startNs", s.duration_ns as "durationNs", s.status_code as "statusCode", s.status_message as "statusMessage",
       s.journey_key as "journeyKey", s.message_key as "messageKey", s.partition, s."offset", s.attributes, s.resource_id as "resourceId", s.place, c.bytes
     from span s left join span_chunk c on c.day = s.day and c.id = s.chunk where s.trace_id = decode($1, 'hex') and s.span_id = decode($2, 'hex') limit 1`,
    [traceId, spanId],
  );
  if (row === undefined) return null;
  const { attributes, resourceId, place, bytes, journeyKey, messageKey, partition, offset, ...span } = row;
  const line = bytes === null || place === null ? { attributes: attributes?.toString('utf8') ?? '{}', resourceId } : await readChunk(bytes, place);
  const [resource] = line.resourceId === null ? [] : await on.query<{ attributes: Record<string, unknown> }>('select attributes from resource where id = $1', [line.resourceId]);
  return { ...span, detail: unpackAttributes(line.attributes, { journeyKey, messageKey, partition, offset }), resource: resource?.attributes ?? {} };
}
