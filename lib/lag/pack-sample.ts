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
const MAX_ENTRIES = 1_000_000;

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
  const count = input.header();
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
  const count = input.header();
  let topicId = 0;
  for (let i = 0; i < count; i += 1) {
    topicId += Number(input.signed());
    const partition = input.number();
    const stored = input.unsigned();
    entries.push({ topicId, partition, committedOffset: stored === 0n ? null : stored - 1n });
  }
  return entries;
}

class Packer {
  #buffer: Buffer;
  #at = 0;

  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  /** A small number, below 2^31. */
  number(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  unsigned(value: bigint): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80n) {
      this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#at++] = Number(rest);
  }

  /** Zigzag: small negative numbers stay short. */
  signed(value: bigint): void {
    this.unsigned(value >= 0n ? value << 1n : (-value << 1n) - 1n);
  }

  bytes(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#at));
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    this.#buffer = Buffer.concat([this.#buffer, Buffer.allocUnsafe(this.#buffer.length + bytes)]);
  }
}

class Unpacker {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  header(): number {
    const version = this.number();
    if (version !== VERSION) throw new RangeError(`a packed sample of version ${version} is not known here`);
    const count = this.number();
    if (count > MAX_ENTRIES) throw new RangeError('a packed sample claims more entries than any can have');
    return count;
  }

  number(): number {
    return Number(this.unsigned());
  }

  unsigned(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 77n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('a packed sample ends too early');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a packed sample holds a number that is too long');
  }

  signed(): bigint {
    const value = this.unsigned();
    return (value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n);
  }
}
