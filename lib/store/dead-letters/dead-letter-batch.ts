import type { Fingerprint } from '#lib/dead-letter/fingerprint.ts';
import type { DecodedDeadLetter, HeaderBytes } from '#lib/model/dead-letter.ts';
import { RowWriter } from '../copy-rows.ts';
import type { RowOfFailure } from './add-to-failures.ts';
import { failureId } from './save-dead-letters.ts';
import { storableText } from './storable-text.ts';
import { rowWords } from './words-vector.ts';

/** Values above this are not copied unless told otherwise: the row keeps their size and the bytes are read from the broker again. */
export const MAX_STORED_VALUE_BYTES = 1_048_576;

export interface DeadLetterToSave {
  topicId: number;
  partition: number;
  offset: bigint;
  timestampMs: bigint | null;
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: readonly HeaderBytes[];
  decoded: DecodedDeadLetter;
  fingerprint: Fingerprint;
  traceId: Uint8Array | null;
  /** `replay-id` header where it is one of ours. */
  replayRef: string | null;
  expiresAt: Date | null;
}

/** What counting needs of a row of a batch. */
export interface BatchRow extends RowOfFailure {
  originTopic: string | null;
  originGroup: string | null;
}

const COLUMNS = ['cluster_id', 'ingested_at', 'state_at', 'body_day', 'topic_id', 'partition', '"offset"', 'timestamp', 'dialect', 'origin_topic', 'origin_partition', 'origin_offset', 'origin_timestamp', 'origin_group', 'error_class', 'root_class', 'error_message', 'error_stack', 'attempts', 'correlation_id', 'trace_id', 'failure_id', 'replay_ref', 'key_bytes', 'value_bytes', 'header_count', 'expires_at', 'words'];
const BODY_COLUMNS = ['day', 'topic_id', 'partition', '"offset"', 'key', 'value', 'header_names', 'header_values', 'value_by_reference'];

/**
 * Dead letters in the form in which they are stored. Each is written down as it is added, so that what it was read and decoded from can go at once: a
 * batch is a few megabytes outside the heap, and not some hundred thousand objects that live just long enough to be copied from one generation to the next.
 */
export class DeadLetterBatch {
  readonly clusterId: number;
  /** When they arrived. */
  readonly now: Date;
  readonly rows: BatchRow[] = [];
  readonly #letters = new RowWriter(COLUMNS.length);
  readonly #bodies = new RowWriter(BODY_COLUMNS.length);
  readonly #failures = new Map<string, { id: string; fingerprint: Fingerprint }>();

  readonly #maxValueBytes: number;

  constructor(clusterId: number, now: Date, maxValueBytes = MAX_STORED_VALUE_BYTES) {
    this.clusterId = clusterId;
    this.now = now;
    this.#maxValueBytes = maxValueBytes;
  }

  /** @param row of a coordinate that was not added before */
  add(row: DeadLetterToSave): void {
    const { origin, error } = row.decoded;
    const failure = this.#failureOf(row.fingerprint);
    const written = time(row.timestampMs);
    const originTopic = storableText(origin.topic);
    const originGroup = storableText(origin.consumerGroup);
    // A producer's clock may be ahead: nothing was seen after now.
    this.rows.push({ failureId: failure.id, fingerprint: failure.fingerprint, topicId: row.topicId, partition: row.partition, offset: row.offset, seenAt: written === null || written > this.now ? this.now : written, originTopic, originGroup });

    const to = this.#letters;
    to.begin();
    to.int4(this.clusterId);
    to.timestamptz(this.now);
    to.timestamptz(this.now);
    to.date(this.now);
    to.int4(row.topicId);
    to.int4(row.partition);
    to.int8(row.offset);
    to.timestamptz(written);
    to.text(row.decoded.dialect);
    to.text(originTopic);
    to.int4(origin.partition);
    to.int8(origin.offset);
    to.timestamptz(time(origin.timestampMs));
    to.text(originGroup);
    to.text(storableText(error.class));
    to.text(storableText(error.rootClass));
    to.text(storableText(error.message));
    to.text(storableText(error.stack));
    to.int4(row.decoded.attempts);
    to.text(storableText(row.decoded.correlationId));
    to.bytea(row.traceId);
    to.text(failure.id);
    to.text(row.replayRef);
    to.int4(row.key?.length ?? null);
    to.int4(row.value?.length ?? null);
    to.int4(row.headers.length);
    to.timestamptz(row.expiresAt);
    to.tsvector(rowWords(row.decoded, row.fingerprint));
    to.end();

    const tooLarge = (row.value?.length ?? 0) > this.#maxValueBytes;
    const body = this.#bodies;
    body.begin();
    body.date(this.now);
    body.int4(row.topicId);
    body.int4(row.partition);
    body.int8(row.offset);
    body.bytea(row.key);
    body.bytea(tooLarge ? null : row.value);
    body.byteaArray(row.headers.map(([name]) => name));
    body.byteaArray(row.headers.map(([, value]) => value));
    body.bool(tooLarge);
    body.end();
  }

  /** The statements that store the rows, or those of them that are wanted, and their bytes. */
  copies(wanted?: (row: number) => boolean): { sql: string; chunks: Buffer[] }[] {
    return [
      { sql: `copy dead_letter (${COLUMNS.join(', ')}) from stdin with (format binary)`, chunks: this.#letters.chunks(wanted) },
      { sql: `copy dead_letter_body (${BODY_COLUMNS.join(', ')}) from stdin with (format binary)`, chunks: this.#bodies.chunks(wanted) },
    ];
  }

  /** The same for the same text: hashed once, and one fingerprint kept for all. */
  #failureOf(fingerprint: Fingerprint): { id: string; fingerprint: Fingerprint } {
    let known = this.#failures.get(fingerprint.text);
    if (!known) this.#failures.set(fingerprint.text, (known = { id: failureId(this.clusterId, fingerprint), fingerprint }));
    return known;
  }
}

/** null where the time is none that a calendar knows (hostile or broken producers). */
function time(ms: bigint | null): Date | null {
  return ms === null || ms < 0n || ms > 253_402_300_799_999n ? null : new Date(Number(ms));
}
