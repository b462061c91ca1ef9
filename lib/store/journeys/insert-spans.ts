import type { Statements } from '../store.ts';
import type { SpanRow } from './span-row.ts';

/**
 * Stores spans and remembers their traces for the journeys, in one statement and so in one transaction: once it returns they
 * are durable. A span that is stored already is left as it is.
 * @returns how many were new; the others were duplicates
 * @throws the database's error, 23514 where a day has no partition
 */
export async function insertSpans(on: Statements, rows: readonly SpanRow[], receivedAt: Date): Promise<number> {
  if (rows.length === 0) return 0;
  const [result] = await on.query<{ stored: number }>(sql, [
    plain(rows, (row) => row.day),
    plain(rows, (row) => row.traceId),
    plain(rows, (row) => row.spanId),
    plain(rows, (row) => row.parentSpanId),
    plain(rows, (row) => row.resourceId),
    plain(rows, (row) => row.clusterId),
    quoted(rows, (row) => row.service),
    quoted(rows, (row) => row.name),
    plain(rows, (row) => row.kind),
    plain(rows, (row) => row.startNs),
    plain(rows, (row) => row.durationNs),
    plain(rows, (row) => row.statusCode),
    quoted(rows, (row) => row.statusMessage),
    plain(rows, (row) => row.operation),
    quoted(rows, (row) => row.topic),
    plain(rows, (row) => row.partition),
    plain(rows, (row) => row.offset),
    quoted(rows, (row) => row.messageKey),
    quoted(rows, (row) => row.group),
    quoted(rows, (row) => row.client),
    quoted(rows, (row) => row.journeyKey),
    quoted(rows, (row) => row.journeyKeyBy),
    plain(rows, (row) => (row.batch ? 't' : 'f')),
    quoted(rows, (row) => row.links),
    quoted(rows, (row) => row.attributes),
    plain(rows, (row) => (row.tells ? 't' : 'f')),
    receivedAt,
    ...idsOf(rows),
  ]);
  return result?.stored ?? 0;
}

const sql = `
with given as (
  select * from unnest(
    $1::date[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::int[], $7::text[], $8::text[], $9::smallint[], $10::bigint[], $11::bigint[], $12::smallint[], $13::text[],
    $14::text[], $15::text[], $16::int[], $17::bigint[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::bool[], $24::text[], $25::text[], $26::bool[]
  ) as given (day, trace_id, span_id, parent_span_id, resource_id, cluster_id, service, name, kind, start_ns, duration_ns, status_code, status_message,
    operation, topic, partition, "offset", message_key, group_name, client_id, journey_key, journey_key_by, batch, links, attributes, tells)
), stored as (
  insert into span (day, trace_id, span_id, parent_span_id, resource_id, cluster_id, service, name, kind, start_ns, duration_ns, status_code, status_message,
    operation, topic, partition, "offset", message_key, group_name, client_id, journey_key, journey_key_by, batch, links, attributes, received_at)
  select day, decode(trace_id, 'hex'), decode(span_id, 'hex'), decode(parent_span_id, 'hex'), resource_id, cluster_id, service, name, kind, start_ns, duration_ns, status_code, status_message,
    operation, topic, partition, "offset", message_key, group_name, client_id, journey_key, journey_key_by, batch, links::jsonb, convert_to(attributes, 'UTF8'), $27::timestamptz
  from given
  on conflict do nothing
  returning 1
), named as (
  insert into span_event (day, trace_id, span_id, event_id, causation_id)
  select day, decode(trace_id, 'hex'), decode(span_id, 'hex'), event_id, causation_id from unnest($28::date[], $29::text[], $30::text[], $31::text[], $32::text[]) as ids (day, trace_id, span_id, event_id, causation_id)
  on conflict do nothing
), pending as (
  insert into journey_pending (day, trace_id) select distinct day, decode(trace_id, 'hex') from given where tells
)
select count(*)::int as stored from stored`;

/** An array literal of values that need no quotes: ids in hex, dates, numbers, words of ours. Faster than the driver's per-element conversion. */
function plain(rows: readonly SpanRow[], pick: (row: SpanRow) => string | number | bigint | null): string {
  let literal = '{';
  for (let place = 0; place < rows.length; place++) {
    if (place > 0) literal += ',';
    literal += pick(rows[place]!) ?? 'NULL';
  }
  return `${literal}}`;
}

function quoted(rows: readonly SpanRow[], pick: (row: SpanRow) => string | null): string {
  let literal = '{';
  for (let place = 0; place < rows.length; place++) {
    if (place > 0) literal += ',';
    const value = pick(rows[place]!);
    if (value === null) literal += 'NULL';
    else literal += needsEscape.test(value) ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : `"${value}"`;
  }
  return `${literal}}`;
}

/** Ids that name events, of the spans that carry any: most carry none, and then this is empty. */
function idsOf(rows: readonly SpanRow[]): string[] {
  const named = rows.filter((row) => row.eventId !== null || row.causationId !== null);
  return [plain(named, (row) => row.day), plain(named, (row) => row.traceId), plain(named, (row) => row.spanId), quoted(named, (row) => row.eventId), quoted(named, (row) => row.causationId)];
}

const needsEscape = /["\\]/;
