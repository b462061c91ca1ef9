import { createHash } from 'node:crypto';
import type { Fingerprint } from '#lib/dead-letter/fingerprint.ts';
import type { DecodedDeadLetter, HeaderBytes } from '#lib/model/dead-letter.ts';
import type { Statements, Store } from '../store.ts';
import { addCounts } from './add-counts.ts';
import { addToFailures } from './add-to-failures.ts';
import { type PositionToSave, savePositions } from './save-positions.ts';
import { storableText } from './storable-text.ts';
import { wordsVector } from './words-vector.ts';

/** Values above this are not copied: the row keeps their size and the bytes are read from the broker again. */
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

/** Serialises ingest sequences: a snapshot "up to sequence n" must never gain a row later (bigserial alone is not in order of commit). */
const INGEST_LOCK = 0x57415942;

/** Keeps every other ingest out until the transaction ends. */
export async function holdIngest(tx: Statements): Promise<void> {
  await tx.execute('select pg_advisory_xact_lock($1)', [INGEST_LOCK]);
}

/** Id of a failure: cluster, version of the fingerprint, hash of its text. */
export function failureId(clusterId: number, fingerprint: Fingerprint): string {
  return `${clusterId}-${fingerprint.version}-${createHash('sha256').update(fingerprint.text).digest('hex').slice(0, 20)}`;
}

/**
 * Stores dead letters, their bytes, their failures and the positions behind them in one transaction: after a crash reading goes on exactly
 * where the rows end. Rows that are already there change nothing and count nowhere.
 * @returns how many rows were new
 */
export async function saveDeadLetters(store: Store, clusterId: number, rows: readonly DeadLetterToSave[], positions: readonly PositionToSave[], now: Date): Promise<number> {
  return store.transaction(async (tx) => {
    let inserted = 0;
    if (rows.length > 0) {
      await holdIngest(tx);
      const fresh = await insertRows(tx, clusterId, rows, now);
      inserted = fresh.length;
      if (fresh.length > 0) {
        await insertBodies(tx, fresh, now);
        await addToFailures(tx, clusterId, fresh.map((row) => ({ ...row, failureId: failureId(clusterId, row.fingerprint), seenAt: seenAt(row, now) })));
        await addCounts(tx, clusterId, fresh.map((row) => ({ failureId: failureId(clusterId, row.fingerprint), topicId: row.topicId, originTopic: storableText(row.decoded.origin.topic), originGroup: storableText(row.decoded.origin.consumerGroup), ingestedAt: now, count: 1 })));
      }
    }
    await savePositions(tx, positions, now);
    return inserted;
  });
}

async function insertRows(tx: Statements, clusterId: number, rows: readonly DeadLetterToSave[], now: Date): Promise<DeadLetterToSave[]> {
  const added = await tx.query<{ topicId: number; partition: number; offset: bigint }>(
    `insert into dead_letter (cluster_id, ingested_at, state_at, body_day, topic_id, partition, "offset", timestamp, dialect, origin_topic, origin_partition, origin_offset, origin_timestamp,
       origin_group, error_class, root_class, error_message, error_stack, attempts, correlation_id, trace_id, failure_id, replay_ref, key_bytes, value_bytes, header_count, expires_at, words)
     select $1, $2, $2, $3::date, * from unnest($4::int[], $5::int[], $6::bigint[], $7::timestamptz[], $8::text[], $9::text[], $10::int[], $11::bigint[], $12::timestamptz[],
       $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::int[], $19::text[], $20::bytea[], $21::text[], $22::text[], $23::int[], $24::int[], $25::int[], $26::timestamptz[], $27::tsvector[])
     on conflict do nothing returning topic_id as "topicId", partition, "offset"`,
    [
      clusterId,
      now,
      day(now),
      rows.map((row) => row.topicId),
      rows.map((row) => row.partition),
      rows.map((row) => row.offset),
      rows.map((row) => time(row.timestampMs)),
      rows.map((row) => row.decoded.dialect),
      rows.map((row) => storableText(row.decoded.origin.topic)),
      rows.map((row) => row.decoded.origin.partition),
      rows.map((row) => row.decoded.origin.offset),
      rows.map((row) => time(row.decoded.origin.timestampMs)),
      rows.map((row) => storableText(row.decoded.origin.consumerGroup)),
      rows.map((row) => storableText(row.decoded.error.class)),
      rows.map((row) => storableText(row.decoded.error.rootClass)),
      rows.map((row) => storableText(row.decoded.error.message)),
      rows.map((row) => storableText(row.decoded.error.stack)),
      rows.map((row) => row.decoded.attempts),
      rows.map((row) => storableText(row.decoded.correlationId)),
      rows.map((row) => bytes(row.traceId)),
      rows.map((row) => failureId(clusterId, row.fingerprint)),
      rows.map((row) => row.replayRef),
      rows.map((row) => row.key?.length ?? null),
      rows.map((row) => row.value?.length ?? null),
      rows.map((row) => row.headers.length),
      rows.map((row) => row.expiresAt),
      rows.map((row) => wordsVector(row.decoded, row.fingerprint)),
    ],
  );
  const isNew = new Set(added.map((row) => `${row.topicId}:${row.partition}:${row.offset}`));
  return rows.filter((row) => isNew.has(`${row.topicId}:${row.partition}:${row.offset}`));
}

async function insertBodies(tx: Statements, rows: readonly DeadLetterToSave[], now: Date): Promise<void> {
  const tooLarge = (row: DeadLetterToSave) => (row.value?.length ?? 0) > MAX_STORED_VALUE_BYTES;
  await tx.execute(
    `insert into dead_letter_body (day, topic_id, partition, "offset", key, value, header_names, header_values, value_by_reference)
     select $1::date, b.t, b.p, b.o, b.key, b.value, b.names::bytea[], b.vals::bytea[], b.by_reference
     from unnest($2::int[], $3::int[], $4::bigint[], $5::bytea[], $6::bytea[], $7::text[], $8::text[], $9::bool[]) as b(t, p, o, key, value, names, vals, by_reference)
     on conflict do nothing`,
    [
      day(now),
      rows.map((row) => row.topicId),
      rows.map((row) => row.partition),
      rows.map((row) => row.offset),
      rows.map((row) => bytes(row.key)),
      rows.map((row) => (tooLarge(row) ? null : bytes(row.value))),
      rows.map((row) => byteaArray(row.headers.map(([name]) => name))),
      rows.map((row) => byteaArray(row.headers.map(([, value]) => value))),
      rows.map(tooLarge),
    ],
  );
}

/** When it was written; a producer's clock may be ahead: nothing was seen after now. */
function seenAt(row: DeadLetterToSave, now: Date): Date {
  const written = time(row.timestampMs);
  return written === null || written > now ? now : written;
}

/** null where the time is none that a calendar knows (hostile or broken producers). */
function time(ms: bigint | null): Date | null {
  return ms === null || ms < 0n || ms > 253_402_300_799_999n ? null : new Date(Number(ms));
}

function day(now: Date): string {
  return now.toISOString().slice(0, 10);
}

function bytes(value: Uint8Array | null): Buffer | null {
  return value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** A bytea[] as text: one level deeper than unnest can go. */
function byteaArray(values: readonly (Uint8Array | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : `"\\\\x${bytes(value)!.toString('hex')}"`)).join(',')}}`;
}
