import { binaryCopy, RowWriter } from '../copy-rows.ts';
import type { Copy } from '../copy-in.ts';
import type { Store } from '../store.ts';
import { nextChunkId } from './chunk-ids.ts';
import { MOST_CHUNK_BYTES, MOST_CHUNK_SPANS, SPAN_COLUMNS, type SpanBatch } from './span-batch.ts';
import { type ChunkRun, packChunk } from './span-chunk.ts';

const BINARY = 'from stdin (format binary)';
const CHUNK_COLUMNS = 'day, id, received_at, bytes';
/** Each can cost deadlock_timeout, a second where nothing else is set. */
const MOST_ATTEMPTS = 5;
const EVENT_COLUMNS = 'day, trace_id, span_id, event_id, causation_id';

/** A batch, and the stored ids of the resources that it numbers. */
export interface BatchToInsert {
  batch: SpanBatch;
  resourceIds: readonly bigint[];
}

/**
 * Stores spans and notes their traces for the journeys, in one transaction: once it returns they are durable. A span that is stored already is
 * left as it is. Spans are copied, which is much less work than inserting; where one is there already the copy is undone and what is new inserted.
 * @returns how many were new; the others were duplicates
 * @throws the database's error, 23514 where a day has no partition
 */
export async function insertSpans(store: Store, batches: readonly BatchToInsert[], receivedAt: Date): Promise<number> {
  if (batches.length === 0) return 0;
  const data = await makeCopies(store, batches, receivedAt);
  try {
    await store.copyTogether([data.spans, data.chunks, ...data.pending, ...data.named]);
    return batches.reduce((sum, { batch }) => sum + batch.count, 0);
  } catch (error) {
    if (!isStoredAlready(error)) throw error;
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await insertNew(store, data);
    } catch (error) {
      // Somebody still copies the same spans, in an order of its own.
      if ((error as { code?: string }).code !== '40P01' || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

interface Copies {
  spans: Copy;
  chunks: Copy;
  /** None where no span can change a journey. */
  pending: Copy[];
  /** None where no span carries an id of an event. */
  named: Copy[];
}

/** 23505: a span that is stored; 40P01: two receivers with the same spans waited for each other. */
function isStoredAlready(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === '23505' || code === '40P01';
}

async function insertNew(store: Store, { spans, chunks, pending, named }: Copies): Promise<number> {
  return store.transaction(async (tx) => {
    await tx.execute('create temp table if not exists span_given (like span) on commit delete rows');
    await tx.copy(`copy span_given (${SPAN_COLUMNS}) ${BINARY}`, spans.chunks);
    // In one order, so that two receivers with the same spans never wait for each other in a circle.
    const [result] = await tx.query<{ stored: number }>(
      `with stored as (insert into span (${SPAN_COLUMNS}) select ${SPAN_COLUMNS} from span_given order by trace_id, span_id on conflict do nothing returning 1) select count(*)::int as stored from stored`);
    const stored = result?.stored ?? 0;
    if (stored === 0) return 0;
    await tx.copyTogether([chunks, ...pending]);
    for (const { chunks: rows } of named) {
      await tx.execute('create temp table if not exists span_event_given (like span_event) on commit delete rows');
      await tx.copy(`copy span_event_given (${EVENT_COLUMNS}) ${BINARY}`, rows);
      await tx.execute(`insert into span_event (${EVENT_COLUMNS}) select ${EVENT_COLUMNS} from span_event_given order by trace_id, span_id on conflict do nothing`);
    }
    return stored;
  });
}

async function makeCopies(store: Store, batches: readonly BatchToInsert[], receivedAt: Date): Promise<Copies> {
  const chunks = new RowWriter(4);
  for (const part of partsOf(batches)) {
    const id = await nextChunkId(store);
    const runs: ChunkRun[] = [];
    let place = 0;
    for (const { batch, resourceIds } of part) {
      batch.number(id, place);
      for (const { resource, count } of batch.runs) runs.push([count, resourceIds[resource]!]);
      place += batch.count;
    }
    const bytes = await packChunk(runs, part.map(({ batch }) => batch.lines));
    chunks.begin();
    chunks.date(new Date(part[0]!.batch.day));
    chunks.int4(id);
    chunks.timestamptz(receivedAt);
    chunks.bytea(bytes);
    chunks.end();
  }
  const [pending, named] = [batches.flatMap(({ batch }) => batch.pending), batches.flatMap(({ batch }) => batch.named)];
  return {
    spans: { sql: `copy span (${SPAN_COLUMNS}) ${BINARY}`, chunks: binaryCopy(batches.map(({ batch }) => batch.rows)) },
    chunks: { sql: `copy span_chunk (${CHUNK_COLUMNS}) ${BINARY}`, chunks: chunks.chunks() },
    pending: pending.length === 0 ? [] : [{ sql: `copy journey_pending (day, trace_id) ${BINARY}`, chunks: binaryCopy(pending) }],
    named: named.length === 0 ? [] : [{ sql: `copy span_event (${EVENT_COLUMNS}) ${BINARY}`, chunks: binaryCopy(named) }],
  };
}

/** Batches that share a chunk: of one day, and within its bounds. */
function partsOf(batches: readonly BatchToInsert[]): BatchToInsert[][] {
  const parts: BatchToInsert[][] = [];
  const open = new Map<string, { batches: BatchToInsert[]; spans: number; bytes: number }>();
  for (const each of batches) {
    const { day, count, lines } = each.batch;
    let part = open.get(day);
    if (part === undefined || part.spans + count > 2 * MOST_CHUNK_SPANS || part.bytes > MOST_CHUNK_BYTES) {
      part = { batches: [], spans: 0, bytes: 0 };
      open.set(day, part);
      parts.push(part.batches);
    }
    part.batches.push(each);
    part.spans += count;
    part.bytes += lines.length;
  }
  return parts;
}
