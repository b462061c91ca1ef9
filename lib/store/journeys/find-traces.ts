import type { Statements } from '../store.ts';

/**
 * Traces that carry these journey keys.
 * @returns at most `limit` pairs of key and trace id (hex)
 */
export async function findTracesByKeys(on: Statements, keys: readonly string[], limit: number): Promise<{ key: string; traceId: string }[]> {
  if (keys.length === 0) return [];
  return on.query(`select distinct journey_key as key, encode(trace_id, 'hex') as "traceId" from span where journey_key = any($1::text[]) limit $2`, [keys, limit]);
}

/**
 * Traces with a span of one of these events, or of one that names it as its cause.
 * @returns at most `limit` pairs of event id and trace id (hex) for each of the two
 */
export async function findTracesByEvents(on: Statements, ids: readonly string[], limit: number): Promise<{ id: string; traceId: string }[]> {
  if (ids.length === 0) return [];
  return on.query(
    `(select distinct event_id as id, encode(trace_id, 'hex') as "traceId" from span_event where event_id = any($1::text[]) limit $2)
     union (select distinct causation_id, encode(trace_id, 'hex') from span_event where causation_id = any($1::text[]) limit $2)`, [ids, limit]);
}

/** Traces with a span at one of these coordinates; at most `limit` trace ids (hex). */
export async function findTracesByCoordinates(on: Statements, at: readonly { topic: string; partition: number; offset: bigint }[], limit: number): Promise<string[]> {
  if (at.length === 0) return [];
  const rows = await on.query<{ traceId: string }>(
    `select distinct encode(s.trace_id, 'hex') as "traceId"
     from unnest($1::text[], $2::int[], $3::bigint[]) as given (topic, partition, "offset")
     join span s on s.topic = given.topic and s.partition = given.partition and s."offset" = given."offset" limit $4`,
    [at.map((each) => each.topic), at.map((each) => each.partition), at.map((each) => each.offset), limit],
  );
  return rows.map((row) => row.traceId);
}
