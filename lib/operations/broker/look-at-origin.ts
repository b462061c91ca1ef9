import type { z } from 'zod';
import type { RecordsPort } from '#lib/brokers/port-records.ts';
import type { ByteDifference } from '#lib/dead-letter/compare-original.ts';
import { WaybillError } from '#lib/errors.ts';
import { parseDeadLetterId } from '#lib/model/replay.ts';
import { readBytes, readRow, type DeadLetterDetail } from '#lib/store/dead-letters/read-row.ts';
import type { Store } from '#lib/store/store.ts';
import type { lookParamsSchema, WireOriginLook } from '../origin-look-wire.ts';
import { compareValues } from './compare-values.ts';
import { isAnother, lookAtOrigins, type LetterToLookFor, type LookBounds, type NewerRecord, type OriginLook } from './look-at-origins.ts';

/** Each page of a dead letter asks for this. */
const QUICK: LookBounds = { maxRecords: 100_000, maxBytes: 33_554_432, maxMs: 3_000 };
const FURTHER: LookBounds = { maxRecords: 10_000_000, maxBytes: 1_073_741_824, maxMs: 60_000 };

/**
 * What the origin topic holds of one dead letter: whether its original is still there and the same, and newer records of its key.
 * @throws WaybillError `dead-letter-not-found` 404
 */
export async function lookAtOrigin(params: z.output<typeof lookParamsSchema>, context: { store: Store; broker: Pick<RecordsPort, 'browse' | 'readMessage'>; signal: AbortSignal }): Promise<WireOriginLook> {
  const { store, broker, signal } = context;
  const at = parseDeadLetterId(params.id);
  const row = at && (await readRow(store, at));
  if (!row) throw new WaybillError('dead-letter-not-found', `There is no dead letter ${params.id}.`, { status: 404 });
  const stored = await readBytes(store, row);
  const letter: LetterToLookFor = {
    id: params.id,
    origin: { topic: row.originTopic, partition: row.originPartition, offset: row.originOffset, timestampMs: row.originTimestamp === null ? null : BigInt(row.originTimestamp.getTime()) },
    key: { known: stored !== null || row.keyBytes === null, bytes: stored?.key ?? null },
  };
  const looks = await lookAtOrigins(broker, [letter], params.further ? FURTHER : QUICK, signal);
  const look = looks.get(letter.id)!;
  const values = stored === null && row.valueBytes !== null ? new Map<string, ByteDifference | null>() : await compareValues(context, [{ id: letter.id, ...at, dlqTopic: row.topic, kafkaTopicId: row.kafkaTopicId, origin: letter.origin, valueBytes: row.valueBytes }], looks);
  return { bytes: stored === null || stored.valueByReference ? await findRecord(broker, row, signal) : { state: 'stored', why: null }, ...toWire(letter, look, values.get(letter.id) ?? null) };
}

/** Whether the broker still has a dead letter whose bytes, or whose value, are not kept. */
async function findRecord(broker: Pick<RecordsPort, 'readMessage'>, row: Pick<DeadLetterDetail, 'topic' | 'kafkaTopicId' | 'topicDeletedAt' | 'partition' | 'offset'>, signal: AbortSignal): Promise<WireOriginLook['bytes']> {
  if (row.topicDeletedAt !== null) return { state: 'gone', why: `${row.topic} was deleted` };
  const { record, failure } = await broker.readMessage({ topic: row.topic, topicId: row.kafkaTopicId.startsWith('generation:') ? null : row.kafkaTopicId, partition: row.partition, offset: row.offset }, { signal });
  if (record) return { state: 'at-broker', why: null };
  if (failure && !failure.code.startsWith('unknown-topic')) return { state: 'unknown', why: failure.message };
  return { state: 'gone', why: failure ? `${row.topic} is not there any more, or was made anew` : `no record lies at ${row.topic} p${row.partition}@${row.offset} any more` };
}

function toWire(letter: LetterToLookFor, look: OriginLook, value: ByteDifference | null): Omit<WireOriginLook, 'bytes'> {
  const { topic, partition, offset } = letter.origin;
  const key = look.original?.key ?? null;
  const state = stateOf(look, letter, value);
  const { newer } = look;
  return {
    at: topic === null || partition === null || offset === null ? null : { topic, partition, offset: offset.toString() },
    original: { state, key, value, valueBytes: look.original?.valueBytes ?? null, why: state !== 'unknown' ? null : (look.why ?? 'the stored bytes have expired, or are too large to compare') },
    newer: {
      state: newer.count > 0 ? 'found' : newer.complete ? 'none' : 'unknown',
      count: newer.count,
      complete: newer.complete,
      first: newer.first && recordOf(newer.first, letter, look),
      last: newer.last && recordOf(newer.last, letter, look),
      read: newer.read,
      why: newer.complete ? null : newer.why,
    },
  };
}

/** The worse of key and value; unknown where one of them is, and the other no worse. */
export function stateOf(look: OriginLook, letter: LetterToLookFor, value: ByteDifference | null): WireOriginLook['original']['state'] {
  const key = look.original?.key ?? null;
  if (look.original === null) return 'unknown';
  if (isAnother(look, letter)) return 'another';
  const worst = [key, value].some((one) => one !== null && one !== 'same' && one !== 'same-json');
  if (worst) return 'differs';
  if (key === null || value === null) return 'unknown';
  return key === 'same' && value === 'same' ? 'same' : 'same-json';
}

function recordOf(record: NewerRecord, letter: LetterToLookFor, look: OriginLook): NonNullable<WireOriginLook['newer']['first']> {
  const from = look.original?.timestampMs ?? letter.origin.timestampMs;
  const known = record.timestampMs !== null && record.timestampMs >= 0n && record.timestampMs <= 253_402_300_799_999n;
  return { offset: record.offset.toString(), timestamp: known ? new Date(Number(record.timestampMs)).toISOString() : null, laterMs: from === null || record.timestampMs === null ? null : Number(record.timestampMs - from) };
}
