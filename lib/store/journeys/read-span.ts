import type { Statements } from '../store.ts';

export interface StoredSpan {
  name: string;
  kind: number;
  startNs: bigint;
  durationNs: bigint;
  statusCode: number;
  statusMessage: string | null;
  attributes: Buffer | null;
  resource: Record<string, unknown>;
}

/** One span with what was packed away, or null. */
export async function readSpan(on: Statements, traceId: string, spanId: string): Promise<StoredSpan | null> {
  const [row] = await on.query<StoredSpan>(
    `select s.name, s.kind, s.start_ns as "startNs", s.duration_ns as "durationNs", s.status_code as "statusCode", s.status_message as "statusMessage", s.attributes, coalesce(r.attributes, '{}') as resource
     from span s left join resource r on r.id = s.resource_id where s.trace_id = decode($1, 'hex') and s.span_id = decode($2, 'hex') limit 1`,
    [traceId, spanId],
  );
  return row ?? null;
}
