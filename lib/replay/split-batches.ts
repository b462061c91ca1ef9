import type { ReplayRecord } from '#lib/model/replay.ts';

/** Bytes of a record batch before its first record (RecordBatch v2). */
const BATCH_HEAD_BYTES = 61;

/** An upper bound of what a record takes in an uncompressed batch: every varint counted at its longest for the size. */
export function recordBytes(record: Pick<ReplayRecord, 'key' | 'value' | 'headers'>): number {
  let bytes = 1 + 10 + 5 + lengthBytes(record.key) + lengthBytes(record.value) + 5; // attributes, timestamp, offset, key, value, header count
  for (const [name, value] of record.headers) bytes += lengthBytes(name) + lengthBytes(value);
  return bytes + 5; // the record's own length
}

/** What a batch of this one record takes; a record over the target's limit can never be sent. */
export function loneBatchBytes(record: Pick<ReplayRecord, 'key' | 'value' | 'headers'>): number {
  return BATCH_HEAD_BYTES + recordBytes(record);
}

function lengthBytes(bytes: Uint8Array | null): number {
  if (bytes === null) return 1;
  return bytes.length + (bytes.length < 64 ? 1 : bytes.length < 8_192 ? 2 : bytes.length < 1_048_576 ? 3 : 5);
}

export interface BatchLimits {
  /** Largest batch of one partition of a topic, in bytes: its max.message.bytes. */
  maxBatchBytes: (topic: string) => number;
  /** All partitions together. */
  maxTransactionBytes: number;
  maxRecords: number;
}

/**
 * How many items from the front go into the next transaction. Order is never changed: the batch ends before the first item
 * that does not fit. At least one item is taken.
 * @param records one per item, null where the item is refused and only passed
 */
export function nextBatchLength(records: readonly (ReplayRecord | null)[], limits: BatchLimits): number {
  const perPartition = new Map<string, number>();
  let total = 0;
  let count = 0;
  for (const [index, record] of records.entries()) {
    if (record === null) continue;
    const bytes = recordBytes(record);
    const key = `${record.topic}:${record.partition}`;
    const filled = (perPartition.get(key) ?? BATCH_HEAD_BYTES) + bytes;
    const fits = filled <= limits.maxBatchBytes(record.topic) && total + bytes <= limits.maxTransactionBytes && count < limits.maxRecords;
    if (!fits && count > 0) return index;
    perPartition.set(key, filled);
    total += bytes;
    count += 1;
  }
  return records.length;
}

/**
 * The next transaction from the front, as the lengths of its batches: each is one request to the broker. A transaction costs the same 20 ms whatever is in
 * it, and a batch of one partition may be a megabyte only: several batches share one. Order is never changed; at least one item is taken.
 * @param limits maxTransactionBytes and maxRecords are for all batches together
 */
export function nextTransaction(records: readonly (ReplayRecord | null)[], limits: BatchLimits): number[] {
  const lengths: number[] = [];
  let at = 0;
  let bytes = 0;
  while (at < records.length && at < limits.maxRecords) {
    const rest = records.slice(at, limits.maxRecords);
    const length = nextBatchLength(rest, { ...limits, maxTransactionBytes: limits.maxTransactionBytes - bytes });
    const batch = rest.slice(0, length).reduce((sum, record) => sum + (record === null ? 0 : recordBytes(record)), 0);
    if (lengths.length > 0 && bytes + batch > limits.maxTransactionBytes) break;
    lengths.push(length);
    at += length;
    bytes += batch;
  }
  return lengths;
}
