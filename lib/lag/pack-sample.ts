import { Packer, Unpacker } from './packer.ts';

// Packed samples: one row per topic or group and cycle, with only the partitions that changed. Values are absolute, so that each row
// can be read alone and rows may be thinned. Layout, all numbers LEB128: version, then per entry partition (delta to the one before),
// then offsets as said at the functions. null is kept apart from 0 everywhere.

export interface TopicSample {
  partition: number;
  highWatermark: bigint | null;
  lastStableOffset: bigint | null;
  logStartOffset: bigint | null;
}

export interface CommitSample {
  topicId: number;
  partition: number;
  /** null = the commit is gone. */
  committedOffset: bigint | null;
}

const VERSION = 1;

/** Entries must come in the order of partitions. Per entry: flags (1 end, 2 stable, 4 start known), end, end minus stable, end minus start. */
export function packTopicSample(entries: readonly TopicSample[]): Buffer {
  const out = new Packer(entries.length * 8 + 8);
  out.number(VERSION);
  out.number(entries.length);
  let previous = 0;
  for (const entry of entries) {
    out.number(entry.partition - previous);
    previous = entry.partition;
    const { highWatermark, lastStableOffset, logStartOffset } = entry;
    out.number((highWatermark === null ? 0 : 1) | (lastStableOffset === null ? 0 : 2) | (logStartOffset === null ? 0 : 4));
    if (highWatermark !== null) out.signed(highWatermark);
    if (lastStableOffset !== null) out.signed((highWatermark ?? 0n) - lastStableOffset);
    if (logStartOffset !== null) out.signed((highWatermark ?? 0n) - logStartOffset);
  }
  return out.bytes();
}

/** @throws RangeError where the bytes are not a topic sample of a version this code knows */
export function unpackTopicSample(packed: Uint8Array): TopicSample[] {
  const input = new Unpacker(packed);
  const entries: TopicSample[] = [];
  const count = input.header(VERSION);
  let partition = 0;
  for (let i = 0; i < count; i += 1) {
    partition += input.number();
    const flags = input.number();
    const highWatermark = flags & 1 ? input.signed() : null;
    const lastStableOffset = flags & 2 ? (highWatermark ?? 0n) - input.signed() : null;
    const logStartOffset = flags & 4 ? (highWatermark ?? 0n) - input.signed() : null;
    entries.push({ partition, highWatermark, lastStableOffset, logStartOffset });
  }
  return entries;
}

/** Partition and high watermark of each entry, for drawings: numbers, which of offsets above 2^53 lose less than a pixel. @throws RangeError as unpackTopicSample */
export function eachEnd(packed: Uint8Array, take: (partition: number, end: number | null) => void): void {
  const input = new Unpacker(packed);
  const count = input.header(VERSION);
  let partition = 0;
  for (let i = 0; i < count; i += 1) {
    partition += input.number();
    const flags = input.number();
    const end = flags & 1 ? input.signedNumber() : null;
    if (flags & 2) input.number();
    if (flags & 4) input.number();
    take(partition, end);
  }
}

/** Topic, partition and committed offset of each entry, for drawings. @throws RangeError as unpackCommitSample */
export function eachCommit(packed: Uint8Array, take: (topicId: number, partition: number, committed: number | null) => void): void {
  const input = new Unpacker(packed);
  const count = input.header(VERSION);
  let topicId = 0;
  for (let i = 0; i < count; i += 1) {
    topicId += input.signedNumber();
    const partition = input.number();
    const stored = input.number();
    take(topicId, partition, stored === 0 ? null : stored - 1);
  }
}

/** Entries of one topic must stand together, in the order of partitions. Per entry: topic id (as signed delta), partition, 0 for null or offset + 1. */
export function packCommitSample(entries: readonly CommitSample[]): Buffer {
  const out = new Packer(entries.length * 8 + 8);
  out.number(VERSION);
  out.number(entries.length);
  let topicId = 0;
  for (const entry of entries) {
    out.signed(BigInt(entry.topicId - topicId));
    topicId = entry.topicId;
    out.number(entry.partition);
    out.unsigned(entry.committedOffset === null ? 0n : entry.committedOffset + 1n);
  }
  return out.bytes();
}

/** @throws RangeError where the bytes are not a commit sample of a version this code knows */
export function unpackCommitSample(packed: Uint8Array): CommitSample[] {
  const input = new Unpacker(packed);
  const entries: CommitSample[] = [];
  const count = input.header(VERSION);
  let topicId = 0;
  for (let i = 0; i < count; i += 1) {
    topicId += input.signedNumber();
    const partition = input.number();
    const stored = input.unsigned();
    entries.push({ topicId, partition, committedOffset: stored === 0n ? null : stored - 1n });
  }
  return entries;
}
