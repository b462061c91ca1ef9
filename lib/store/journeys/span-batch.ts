import { RowWriter } from '../copy-rows.ts';
import { shortName } from './attribute-places.ts';
import type { SpanRow } from './span-row.ts';

/** Where the rest of a span is stands last in its row: it is only known when its commit begins. */
export const SPAN_COLUMNS = 'day, trace_id, span_id, parent_span_id, cluster_id, service, name, kind, start_ns, duration_ns, status_code, status_message, operation, topic, partition, "offset", message_key, group_name, journey_key, journey_key_by, batch, links, chunk, place';
const FIELDS = SPAN_COLUMNS.split(', ').length;
/** Of `chunk` and `place` as COPY takes them: two lengths, an int4 and an int2. */
const TAIL_BYTES = 14;
/** 2000-01-01, from which PostgreSQL counts days. */
const EPOCH_DAY = 10_957;
const FIRST_BYTES = 16_384;
const SIDE_BYTES = 2_048;

/** Bounds of a chunk: opening one span unpacks all of it. A place is a smallint. */
export const MOST_CHUNK_SPANS = 8_192;
export const MOST_CHUNK_BYTES = 2_000_000;

/**
 * Spans of one day in the form in which they are stored. Each is written down as it is added, so that what it was decoded from can go at once: what
 * waits for a commit is some buffers outside the heap, and not thousands of objects that live just long enough to be copied from one generation of
 * the heap to the next.
 */
export class SpanBatch {
  /** YYYY-MM-DD in UTC. */
  readonly day: string;
  count = 0;
  /** Which resource, by the caller's own number, so many spans in a row are of. */
  readonly runs: { resource: number; count: number }[] = [];
  readonly #dayNumber: number;
  readonly #rows = new Bytes(FIRST_BYTES);
  readonly #lines = new Bytes(FIRST_BYTES);
  readonly #ends: number[] = [];
  readonly #pending = new RowWriter(2, SIDE_BYTES);
  readonly #pendingTraces = new Set<string>();
  readonly #named = new RowWriter(5, SIDE_BYTES);
  #namedCount = 0;

  constructor(day: string) {
    this.day = day;
    this.#dayNumber = Date.parse(day) / 86_400_000 - EPOCH_DAY;
  }

  /** Whether what comes next must go into another one. */
  get isFull(): boolean {
    return this.count >= MOST_CHUNK_SPANS || this.#lines.at >= MOST_CHUNK_BYTES;
  }

  /** Memory that is held. */
  get bytes(): number {
    return this.#rows.buffer.length + this.#lines.buffer.length + this.count * 16 + 2 * SIDE_BYTES;
  }

  /** Rows for `COPY span`, complete once `number` was called. */
  get rows(): Buffer {
    return this.#rows.buffer.subarray(0, this.#rows.at);
  }

  /** packAttributes of each, with a newline in front. */
  get lines(): Buffer {
    return this.#lines.buffer.subarray(0, this.#lines.at);
  }

  /** Rows for `COPY journey_pending`: each trace once. */
  get pending(): Buffer[] {
    return this.#pendingTraces.size === 0 ? [] : this.#pending.rows();
  }

  /** Rows for `COPY span_event`: ids that name events. */
  get named(): Buffer[] {
    return this.#namedCount === 0 ? [] : this.#named.rows();
  }

  /** @param resource the caller's number of the resource it is of */
  add(row: SpanRow, resource: number): void {
    const to = this.#rows;
    to.int16(FIELDS);
    to.int4(this.#dayNumber);
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
    to.int4(0);
    to.int2(0);
    this.#ends.push(to.at);
    this.#lines.line(row.attributes);
    const run = this.runs.at(-1);
    if (run?.resource === resource) run.count++;
    else this.runs.push({ resource, count: 1 });
    this.count++;
    if (row.tells && !this.#pendingTraces.has(row.traceId)) this.#notePending(row.traceId);
    if (row.eventId !== null || row.causationId !== null) this.#noteNamed(row);
  }

  /** Says where the rest of the spans is stored: in `chunk`, one after the other from `firstPlace` on. May be said anew. */
  number(chunk: number, firstPlace: number): void {
    const { view } = this.#rows;
    for (let index = 0; index < this.count; index++) {
      const tail = this.#ends[index]! - TAIL_BYTES;
      view.setInt32(tail + 4, chunk);
      view.setInt16(tail + 12, firstPlace + index);
    }
  }

  #notePending(traceId: string): void {
    this.#pendingTraces.add(traceId);
    this.#pending.begin();
    this.#pending.date(new Date(this.day));
    this.#pending.hex(traceId);
    this.#pending.end();
  }

  #noteNamed(row: SpanRow): void {
    this.#namedCount++;
    this.#named.begin();
    this.#named.date(new Date(this.day));
    this.#named.hex(row.traceId);
    this.#named.hex(row.spanId);
    this.#named.text(row.eventId);
    this.#named.text(row.causationId);
    this.#named.end();
  }
}

/** One buffer that grows: rows are numbered after they were written, so that each lies in one piece. Fields as in copy-rows.ts. */
class Bytes {
  buffer: Buffer;
  view: DataView;
  at = 0;

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(bytes);
    this.view = new DataView(this.buffer.buffer);
  }

  int16(value: number): void {
    this.#room(2);
    this.view.setInt16(this.at, value);
    this.at += 2;
  }

  int2(value: number): void {
    this.#room(6);
    this.view.setInt32(this.at, 2);
    this.view.setInt16(this.at + 4, value);
    this.at += 6;
  }

  int4(value: number | null): void {
    this.#room(8);
    if (value === null) return this.#null();
    this.view.setInt32(this.at, 4);
    this.view.setInt32(this.at + 4, value);
    this.at += 8;
  }

  int8(value: bigint | null): void {
    this.#room(12);
    if (value === null) return this.#null();
    this.view.setInt32(this.at, 8);
    this.view.setBigInt64(this.at + 4, value);
    this.at += 12;
  }

  bool(value: boolean): void {
    this.#room(5);
    this.view.setInt32(this.at, 1);
    this.view.setUint8(this.at + 4, value ? 1 : 0);
    this.at += 5;
  }

  text(value: string | null): void {
    this.#room(4 + 3 * (value?.length ?? 0));
    if (value === null) return this.#null();
    const bytes = this.buffer.write(value, this.at + 4);
    this.view.setInt32(this.at, bytes);
    this.at += 4 + bytes;
  }

  jsonb(value: string | null): void {
    this.#room(5 + 3 * (value?.length ?? 0));
    if (value === null) return this.#null();
    const bytes = this.buffer.write(value, this.at + 5);
    this.view.setInt32(this.at, bytes + 1);
    this.view.setUint8(this.at + 4, 1); // version of the format
    this.at += 5 + bytes;
  }

  hex(value: string | null): void {
    this.#room(4 + (value?.length ?? 0));
    if (value === null) return this.#null();
    const bytes = this.buffer.write(value, this.at + 4, 'hex');
    this.view.setInt32(this.at, bytes);
    this.at += 4 + bytes;
  }

  line(value: string): void {
    this.#room(1 + 3 * value.length);
    this.view.setUint8(this.at, 10);
    this.at += 1 + this.buffer.write(value, this.at + 1);
  }

  #null(): void {
    this.view.setInt32(this.at, -1);
    this.at += 4;
  }

  #room(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}
