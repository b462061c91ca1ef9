import { createHash } from 'node:crypto';
import type { BrokerRecord } from '#lib/brokers/port-records.ts';
import { readEvent } from '#lib/hygiene/read-event.ts';
import { shapeOf, type Shape } from '#lib/hygiene/shape-of.ts';
import { type HeaderNames, readRecordHeaders } from '#lib/journey/read-record-headers.ts';
import type { RecordMask } from '#lib/masking/compile-masking.ts';
import { maskRecord } from '#lib/masking/mask-record.ts';
import { MASKED } from '#lib/masking/masked-text.ts';
import { REPLAY_ID_HEADER } from '#lib/model/replay.ts';
import type { FingerprintToSave } from '#lib/store/hygiene/save-samples.ts';

/** Values above this are hashed and counted, not read. */
const MOST_READ_BYTES = 262_144;
const MOST_HEADER_BYTES = 512;
const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

export interface ReadRecord {
  fingerprint: FingerprintToSave;
  eventType: string;
  /** null: the value is no JSON object that could be read. */
  shape: Shape | null;
}

/**
 * What hygiene keeps of a record: hashes of its ids and bytes, its size, its times, and the names and types of its fields. What a masking rule
 * hides is not read.
 * @param fallbackMs its time where it has none of its own
 */
export function fingerprintRecord(topicId: number, record: BrokerRecord, names: HeaderNames, mask: RecordMask | null, fallbackMs: number): ReadRecord {
  const isHidden = (name: string) => mask?.hidesHeader(name) ?? false;
  const ids = readRecordHeaders(record.headers, names, isHidden);
  const headers = new Map<string, string>();
  let replayed = false;
  for (const [rawName, bytes] of record.headers) {
    const name = lenient.decode(rawName).toLowerCase();
    if (name === REPLAY_ID_HEADER) replayed = true;
    if (bytes !== null && bytes.length > 0 && bytes.length <= MOST_HEADER_BYTES && !isHidden(name)) headers.set(name, lenient.decode(bytes));
  }
  const value = readJson(maskedValue(record, mask));
  const keyText = record.key === null || record.key.length === 0 || record.key.length > MOST_HEADER_BYTES ? null : lenient.decode(record.key);
  const reading = readEvent({ headers, value, hasSchemaId: record.value !== null && record.value.length > 5 && record.value[0] === 0, keyText, headerId: ids?.eventId ?? null, headerCorrelated: typeof ids?.journeyKey === 'string', masked: MASKED });
  return {
    fingerprint: {
      topicId, partition: record.partition, offset: record.offset, atMs: record.timestampMs === null ? fallbackMs : Math.min(Number(record.timestampMs), fallbackMs), bytes: sizeOf(record),
      idHash: reading.id === null ? null : hash64(reading.id), keyHash: record.key === null || record.key.length === 0 ? null : hash64(record.key), payloadHash: record.value === null || record.value.length === 0 ? null : hash64(record.value),
      eventAtMs: reading.eventAtMs, sequenceScope: reading.sequence === null ? null : hash64(reading.sequence.scope), sequence: reading.sequence?.value ?? null, correlated: reading.correlated, replayed, marked: record.value === null ? null : reading.marked,
      traceId: ids?.parent?.traceId ?? null, spanId: ids?.parent?.spanId ?? null,
    },
    eventType: reading.eventType,
    shape: typeof value === 'object' && value !== null && !Array.isArray(value) ? shapeOf(value) : null,
  };
}

function maskedValue(record: BrokerRecord, mask: RecordMask | null): Uint8Array | null {
  if (record.value === null || record.value.length > MOST_READ_BYTES) return null;
  if (mask === null || mask.paths.length === 0) return record.value;
  const shown = maskRecord({ key: null, value: record.value, headers: [] }, mask, false);
  return shown.masked?.value === 'whole' ? null : shown.value;
}

const BRACE = 0x7b;

function readJson(bytes: Uint8Array | null): unknown {
  if (bytes === null) return undefined;
  const start = bytes.findIndex((byte) => byte > 0x20);
  if (start < 0 || start > 64 || bytes[start] !== BRACE) return undefined;
  try {
    return JSON.parse(strict.decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/** 64 bits of SHA-256: enough to tell some thousand records apart, too few to bring anything back. */
function hash64(data: Uint8Array | string): bigint {
  return createHash('sha256').update(data).digest().readBigInt64BE(0);
}

function sizeOf(record: BrokerRecord): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0) + record.headers.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0);
}
