import { RowWriter } from '../copy-rows.ts';
import type { Store } from '../store.ts';
import { shortName } from './attribute-places.ts';
import { nextChunkId } from './chunk-ids.ts';
import { packChunk } from './span-chunk.ts';
import type { SpanRow } from './span-row.ts';

const COLUMNS = ['day', 'trace_id', 'span_id', 'parent_span_id', 'cluster_id', 'service', 'name', 'kind', 'start_ns', 'duration_ns', 'status_code', 'status_message', 'operation', 'topic', 'partition', '"offset"', 'message_key', 'group_name', 'journey_key', 'journey_key_by', 'batch', 'links', 'chunk', 'place'];
const NAMES = COLUMNS.join(', ');
const BINARY = 'from stdin (format binary)';
/** Bounds of a chunk: opening one span unpacks all of it. A place is a smallint. */
const MOST_CHUNK_SPANS = 4_096;
const MOST_CHUNK_CHARS = 2_000_000;

/**
 * Stores spans and notes their traces for the journeys, in one transaction: once it returns they are durable. A span that is stored already is
 * left as it is. Spans are copied, which is half the work of inserting; where one is there already the copy is undone and what is new inserted.
 * @returns how many were new; the others were duplicates
 * @throws the database's error, 23514 where a day has no partition
 */
export async function insertSpans(store: Store, rows: readonly SpanRow[], receivedAt: Date): Promise<number> {
  if (rows.length === 0) return 0;
  const batch = await writeBatch(store, rows, receivedAt);
  try {
    await store.copyTogether([
      { sql: `copy span (${NAMES}) ${BINARY}`, chunks: batch.spans.chunks() },
      { sql: `copy span_chunk (day, id, received_at, bytes) ${BINARY}`, chunks: batch.chunks.chunks() },
      ...(batch.pending === null ? [] : [{ sql: `copy journey_pending (day, trace_id) ${BINARY}`, chunks: batch.pending.chunks() }]),
      ...(batch.named === null ? [] : [{ sql: `copy span_event (day, trace_id, span_id, event_id, causation_id) ${BINARY}`, chunks: batch.named.chunks() }]),
    ]);
    return rows.length;
  } catch (error) {
    if (!isStoredAlready(error)) throw error;
    return insertNew(store, batch);
  }
}

interface Batch {
  spans: RowWriter;
  chunks: RowWriter;
  /** null: none of the spans can change a journey. */
  pending: RowWriter | null;
  /** Ids that name events; null where no span carries any. */
  named: RowWriter | null;
}

/** 23505: a span that is stored; 40P01: two receivers with the same spans waited for each other. */
function isStoredAlready(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === '23505' || code === '40P01';
}

async function insertNew(store: Store, { spans, chunks, pending, named }: Batch): Promise<number> {
  return store.transaction(async (tx) => {
    await tx.execute('create temp table if not exists span_given (like span) on commit delete rows');
    await tx.copy(`copy span_given (${NAMES}) ${BINARY}`, spans.chunks());
    // In one order, so that two receivers with the same spans never wait for each other in a circle.
    const [result] = await tx.query<{ stored: number }>(
      `with stored as (insert into span (${NAMES}) select ${NAMES} from span_given order by trace_id, span_id on conflict do nothing returning 1) select count(*)::int as stored from stored`);
    const stored = result?.stored ?? 0;
    if (stored === 0) return 0;
    await tx.copy(`copy span_chunk (day, id, received_at, bytes) ${BINARY}`, chunks.chunks());
    if (pending !== null) await tx.copy(`copy journey_pending (day, trace_id) ${BINARY}`, pending.chunks());
    if (named !== null) {
      await tx.execute('create temp table if not exists span_event_given (like span_event) on commit delete rows');
      await tx.copy(`copy span_event_given (day, trace_id, span_id, event_id, causation_id) ${BINARY}`, named.chunks());
      await tx.execute('insert into span_event select * from span_event_given order by trace_id, span_id on conflict do nothing');
    }
    return stored;
  });
}

async function writeBatch(store: Store, rows: readonly SpanRow[], receivedAt: Date): Promise<Batch> {
  const spans = new RowWriter(COLUMNS.length);
  const chunks = new RowWriter(4);
  for (const part of partsOf(rows)) {
    const id = await nextChunkId(store);
    const day = new Date(part[0]!.day);
    const packing = packChunk(part);
    part.forEach((row, place) => writeSpan(spans, row, day, id, place));
    chunks.begin();
    chunks.date(day);
    chunks.int4(id);
    chunks.timestamptz(receivedAt);
    chunks.bytea(await packing);
    chunks.end();
  }
  return { spans, chunks, pending: writePending(rows), named: writeNamed(rows) };
}

/** Rows of one chunk each: of one day, and bounded. */
function partsOf(rows: readonly SpanRow[]): SpanRow[][] {
  const parts: SpanRow[][] = [];
  const open = new Map<string, { rows: SpanRow[]; chars: number }>();
  for (const row of rows) {
    let part = open.get(row.day);
    if (part === undefined || part.rows.length === MOST_CHUNK_SPANS || part.chars > MOST_CHUNK_CHARS) {
      part = { rows: [], chars: 0 };
      open.set(row.day, part);
      parts.push(part.rows);
    }
    part.rows.push(row);
    part.chars += row.attributes.length;
  }
  return parts;
}

function writeSpan(to: RowWriter, row: SpanRow, day: Date, chunk: number, place: number): void {
  to.begin();
  to.date(day);
  to.hex(row.traceId);
  to.hex(row.spanId);
  to.hex(row.parentSpanId);
  to.int4(row.clusterId);
  to.text(row.service);
  to.text(row.name);
  to.int2(row.kind);
  to.int8(row.startNs);
  to.int8(row.durationNs);
  to.int2(row.statusCode);
  to.text(row.statusMessage);
  to.text(row.operation);
  to.text(row.topic);
  to.int4(row.partition);
  to.int8(row.offset);
  to.text(row.messageKey);
  to.text(row.group);
  to.text(row.journeyKey);
  to.text(row.journeyKeyBy === null ? null : shortName(row.journeyKeyBy));
  to.bool(row.batch);
  to.jsonb(row.links);
  to.int4(chunk);
  to.int2(place);
  to.end();
}

function writePending(rows: readonly SpanRow[]): RowWriter | null {
  const days = new Map<string, string>();
  for (const row of rows) if (row.tells && !days.has(row.traceId)) days.set(row.traceId, row.day);
  if (days.size === 0) return null;
  const to = new RowWriter(2);
  for (const [traceId, day] of days) {
    to.begin();
    to.date(new Date(day));
    to.hex(traceId);
    to.end();
  }
  return to;
}

function writeNamed(rows: readonly SpanRow[]): RowWriter | null {
  const named = rows.filter((row) => row.eventId !== null || row.causationId !== null);
  if (named.length === 0) return null;
  const to = new RowWriter(5);
  for (const row of named) {
    to.begin();
    to.date(new Date(row.day));
    to.hex(row.traceId);
    to.hex(row.spanId);
    to.text(row.eventId);
    to.text(row.causationId);
    to.end();
  }
  return to;
}
