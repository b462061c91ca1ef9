import type { Kafka } from './connect.ts';
import { failureOfCode } from './failure.ts';
import { readRanges } from './read-ranges.ts';
import { readOn, type Stretch } from './read-stretch.ts';
import type { BrowseAnswer, BrowsedRecord, BrowseFrom, BrowseRequest, Taken } from '../port-records.ts';

/** Partitions read at a time: what is fetched and not yet judged stays in memory. */
const AT_ONCE = 16;
/** A stretch that turns out larger is read again in smaller ones. */
const STRETCH_BYTES = 4_194_304;
/** Bytes asked of a partition at a time: little for a page, much for a search. A batch always comes whole. */
const PAGE_BYTES = 65_536;
const SEARCH_BYTES = 1_048_576;
const MOST_STEP = 4_096n;

/** What was read and judged of one record, waiting for its turn in time. */
interface Waiting<Item> {
  offset: bigint;
  timestampMs: bigint | null;
  taken: Taken<Item>;
}

interface Cursor<Item> {
  partition: number;
  start: bigint;
  end: bigint;
  lastStableOffset: bigint;
  /** oldest: the next offset to read. newest: everything from here up has been read. */
  position: bigint;
  /** newest: how many offsets to step back. */
  step: bigint;
  /** In the order they are shown; what lies before `head` has been. */
  buffer: Waiting<Item>[];
  head: number;
  done: boolean;
}

/**
 * A page of records, merged by time across partitions, without a group and without a commit. `newest` reads back in stretches from the end:
 * control and aborted records take offsets but are no records, so it steps further back where it finds few. Bounded by what is shown and by
 * what is read; the positions of the answer go on exactly where it stopped.
 */
export async function browse<Item>(kafka: Kafka, request: BrowseRequest, take: (records: readonly BrowsedRecord[]) => Promise<readonly Taken<Item>[]>, signal: AbortSignal): Promise<BrowseAnswer<Item>> {
  const startedMs = performance.now();
  const answer: BrowseAnswer<Item> = { items: [], stopped: 'end', positions: new Map(), scanned: 0, failed: 0, firstError: null, bytes: 0, lastTimestampMs: null, ranges: [], failures: [] };
  const topic = (await kafka.connections.metadata({ topics: [request.topic] })).topics.get(request.topic);
  const unknown = failureOfCode(topic?.errorCode ?? 3);
  if (!topic || unknown) return { ...answer, failures: [{ partition: request.partitions?.[0] ?? 0, failure: unknown ?? failureOfCode(3)! }] };
  signal.throwIfAborted();

  const newest = request.order === 'newest';
  const cursors = await openCursors<Item>(kafka, request, topic.partitions.map((one) => one.partition), answer);
  let fetched = 0;
  const over = () => (fetched >= request.maxRecords ? 'records' : answer.bytes >= request.maxBytes ? 'bytes' : performance.now() - startedMs >= request.maxMs ? 'time' : null);

  for (;;) {
    signal.throwIfAborted();
    if (emit(cursors, request, answer, false)) break;
    const bound = over();
    if (bound !== null) {
      // What was read is shown, although another partition may hold records between: better than reading it again and again.
      answer.stopped = emit(cursors, request, answer, true) ? 'limit' : bound;
      break;
    }
    const due = cursors.filter((cursor) => !cursor.done && waitingOf(cursor) === undefined).slice(0, AT_ONCE);
    if (due.length === 0) break;
    const stretches = due.map((cursor) => stretchOf(cursor, request));
    // Backwards nothing can be shown before a stretch is whole; forwards whatever came will do.
    const unread = () => stretches.filter((one) => one.at < one.stop && !tooLarge(one) && (newest || one.at === one.from));
    do {
      await readOn(kafka, { name: request.topic, topicId: topic.topicId }, unread(), request.isolation === 'all', signal);
    } while (over() === null && unread().length > 0);

    for (const [index, stretch] of stretches.entries()) {
      const cursor = due[index]!;
      answer.bytes += stretch.bytes;
      fetched += stretch.records.length;
      if (stretch.failure) {
        answer.failures.push({ partition: cursor.partition, failure: stretch.failure });
        cursor.done = true;
        continue;
      }
      if (newest && stretch.at < stretch.stop) {
        // Too large, or out of time in the middle: its last records, which come first, were not reached.
        cursor.step = cursor.step > 1n ? cursor.step / 4n + 1n : 1n;
        continue;
      }
      // Forwards a fetch may give far more than the page holds; what is left is fetched again if somebody goes on.
      const cut = !newest && !request.selective && stretch.records.length > request.limit;
      const records = cut ? stretch.records.slice(0, request.limit) : stretch.records;
      const taken = records.length > 0 ? await take(records) : [];
      cursor.buffer = records.map((record, at) => ({ offset: record.offset, timestampMs: record.timestampMs, taken: taken[at] ?? { show: null, error: null } }));
      cursor.head = 0;
      if (newest) {
        cursor.buffer.reverse();
        cursor.position = stretch.from;
        cursor.step = cursor.step * 2n < MOST_STEP ? cursor.step * 2n : MOST_STEP;
        cursor.done = cursor.position <= cursor.start;
      } else {
        cursor.position = cut ? records.at(-1)!.offset + 1n : stretch.at;
        cursor.done = cursor.position >= cursor.end;
      }
    }
  }
  for (const cursor of cursors) {
    const head = waitingOf(cursor);
    if (head) answer.positions.set(cursor.partition, newest ? head.offset + 1n : head.offset);
    else if (!cursor.done) answer.positions.set(cursor.partition, cursor.position);
  }
  return answer;
}

/** Where each partition begins and ends for this request; those with nothing to read are left out. */
async function openCursors<Item>(kafka: Kafka, request: BrowseRequest, existing: readonly number[], answer: BrowseAnswer<Item>): Promise<Cursor<Item>[]> {
  const { from } = request;
  const chosen = existing.filter((partition) => (request.partitions?.includes(partition) ?? true) && (from.kind !== 'positions' || from.positions.has(partition)));
  for (const partition of request.partitions ?? []) if (!existing.includes(partition)) answer.failures.push({ partition, failure: failureOfCode(3)! });
  const ranges = await readRanges(kafka, chosen.map((partition) => ({ topic: request.topic, partition })), { highWatermark: request.isolation === 'all', timestampMs: from.kind === 'time' ? from.timestampMs : undefined });
  const step = BigInt(Math.max(1, Math.ceil((2 * request.limit) / Math.max(1, chosen.length))));
  const cursors: Cursor<Item>[] = [];
  for (const range of ranges.toSorted((a, b) => a.partition - b.partition)) {
    const end = request.isolation === 'all' ? range.highWatermark : range.lastStableOffset;
    if (range.failure || range.logStartOffset === null || range.lastStableOffset === null || end === null) {
      answer.failures.push({ partition: range.partition, failure: range.failure ?? { code: 'no-answer', message: 'The broker gave no offsets.', retryable: true } });
      continue;
    }
    answer.ranges.push({ partition: range.partition, start: range.logStartOffset, end });
    const position = clamp(placeOf(from, request.order, range.partition, range.logStartOffset, end, range.atTime), range.logStartOffset, end);
    const done = request.order === 'newest' ? position <= range.logStartOffset : position >= end;
    if (!done) cursors.push({ partition: range.partition, start: range.logStartOffset, end, lastStableOffset: range.lastStableOffset, position, step, buffer: [], head: 0, done });
  }
  return cursors;
}

function placeOf(from: BrowseFrom, order: 'newest' | 'oldest', partition: number, start: bigint, end: bigint, atTime: bigint | null): bigint {
  switch (from.kind) {
    case 'edge':
      return order === 'newest' ? end : start;
    case 'offset':
      // The record at this offset is part of what is shown, whichever way.
      return order === 'newest' ? from.offset + 1n : from.offset;
    case 'time':
      return atTime ?? end;
    case 'positions':
      return from.positions.get(partition) ?? end;
  }
}

function clamp(offset: bigint, least: bigint, most: bigint): bigint {
  return offset < least ? least : offset > most ? most : offset;
}

function waitingOf<Item>(cursor: Cursor<Item>): Waiting<Item> | undefined {
  return cursor.buffer[cursor.head];
}

function stretchOf(cursor: Cursor<unknown>, request: BrowseRequest): Stretch {
  const newest = request.order === 'newest';
  const back = cursor.position - cursor.step > cursor.start ? cursor.position - cursor.step : cursor.start;
  const from = newest ? back : cursor.position;
  return {
    partition: cursor.partition,
    from,
    at: from,
    stop: newest ? cursor.position : cursor.end,
    lastStableOffset: cursor.lastStableOffset,
    fetchBytes: newest || request.selective ? SEARCH_BYTES : PAGE_BYTES,
    mostBytes: newest ? STRETCH_BYTES : Number.POSITIVE_INFINITY,
    records: [],
    bytes: 0,
    idle: 0,
    failure: null,
  };
}

/** One record alone is never too large to show. */
function tooLarge(stretch: Stretch): boolean {
  return stretch.bytes > stretch.mostBytes && stretch.records.length > 1;
}

/**
 * Moves what is certain to come next from the buffers to the answer: every partition that may still have records must have one waiting, unless
 * `all` says not to wait for them. @returns whether the page is full
 */
function emit<Item>(cursors: readonly Cursor<Item>[], request: BrowseRequest, answer: BrowseAnswer<Item>, all: boolean): boolean {
  const newest = request.order === 'newest';
  for (;;) {
    let next: Cursor<Item> | null = null;
    for (const cursor of cursors) {
      const head = waitingOf(cursor);
      if (!head) {
        if (!cursor.done && !all) return false;
        continue;
      }
      if (next === null || isBefore(head, waitingOf(next)!, newest)) next = cursor;
    }
    if (next === null) return false;
    if (answer.items.length >= request.limit) {
      answer.stopped = 'limit';
      return true;
    }
    const head = waitingOf(next)!;
    next.head += 1;
    answer.scanned += 1;
    answer.lastTimestampMs = head.timestampMs ?? answer.lastTimestampMs;
    if (head.taken.error !== null) {
      answer.failed += 1;
      answer.firstError ??= { partition: next.partition, offset: head.offset, message: head.taken.error };
    }
    if (head.taken.show !== null) answer.items.push(head.taken.show);
  }
}

function isBefore(a: Waiting<unknown>, b: Waiting<unknown>, newest: boolean): boolean {
  const [left, right] = [a.timestampMs ?? -1n, b.timestampMs ?? -1n];
  return newest ? left > right : left < right;
}
