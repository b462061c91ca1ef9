import { Packer, Unpacker } from './packer.ts';

// One hour of one partition in one block. Columns, each value as the difference to the one before, because neighbours are alike: what
// compresses well (lib/store/lag/compress-block.ts). Layout: version and count, the times, then each column. Times are whole seconds: blocks begin two hours
// ago, where a second decides nothing, and cycles of 10 s then differ by 0 or 1, which costs a tenth of what milliseconds cost.
// A null (no commit, not known) is kept apart from 0 everywhere.

export interface EndPoint {
  /** Epoch ms. */
  atMs: number;
  highWatermark: bigint | null;
  lastStableOffset: bigint | null;
  logStartOffset: bigint | null;
}

export interface CommitPoint {
  /** Epoch ms. */
  atMs: number;
  /** null = the commit is gone. */
  committedOffset: bigint | null;
}

const VERSION = 1;

/** @param points in the order of time */
export function packTopicBlock(points: readonly EndPoint[]): Buffer {
  const out = begin(points);
  packColumn(out, points.map((p) => p.highWatermark));
  // How far the others lie behind the end changes less than where they lie.
  packColumn(out, points.map((p) => behind(p.highWatermark, p.lastStableOffset)));
  packColumn(out, points.map((p) => p.logStartOffset));
  return out.bytes();
}

/** @throws RangeError where the bytes are not a block of a version this code knows */
export function unpackTopicBlock(packed: Uint8Array): EndPoint[] {
  const { input, times } = open(packed);
  const ends = unpackColumn(input, times.length);
  const stable = unpackColumn(input, times.length);
  const starts = unpackColumn(input, times.length);
  return times.map((atMs, i) => {
    const highWatermark = ends[i] ?? null;
    return { atMs, highWatermark, lastStableOffset: behind(highWatermark, stable[i] ?? null), logStartOffset: starts[i] ?? null };
  });
}

/** @param points in the order of time */
export function packCommitBlock(points: readonly CommitPoint[]): Buffer {
  const out = begin(points);
  packColumn(out, points.map((p) => p.committedOffset));
  return out.bytes();
}

/** @throws RangeError where the bytes are not a block of a version this code knows */
export function unpackCommitBlock(packed: Uint8Array): CommitPoint[] {
  const { input, times } = open(packed);
  const committed = unpackColumn(input, times.length);
  return times.map((atMs, i) => ({ atMs, committedOffset: committed[i] ?? null }));
}

function begin(points: readonly { atMs: number }[]): Packer {
  const out = new Packer(points.length * 6 + 16);
  out.number(VERSION);
  out.number(points.length);
  let previous = 0;
  let step = 0;
  for (const { atMs } of points) {
    const seconds = Math.floor(atMs / 1_000);
    out.signed(BigInt(seconds - previous - step));
    step = previous === 0 ? 0 : seconds - previous;
    previous = seconds;
  }
  return out;
}

function packColumn(out: Packer, column: readonly (bigint | null)[]): void {
  let previous = 0n;
  for (const value of column) {
    if (value === null) {
      out.number(0);
      continue;
    }
    const difference = value - previous;
    out.unsigned((difference >= 0n ? difference << 1n : (-difference << 1n) - 1n) + 1n);
    previous = value;
  }
}

function unpackColumn(input: Unpacker, count: number): (bigint | null)[] {
  const column: (bigint | null)[] = [];
  let previous = 0n;
  for (let i = 0; i < count; i += 1) {
    const stored = input.unsigned();
    if (stored === 0n) {
      column.push(null);
      continue;
    }
    const zigzag = stored - 1n;
    previous += (zigzag & 1n) === 0n ? zigzag >> 1n : -((zigzag + 1n) >> 1n);
    column.push(previous);
  }
  return column;
}

/** Its own inverse: behind(end, behind(end, x)) = x. Without an end the value stands for itself. */
function behind(end: bigint | null, value: bigint | null): bigint | null {
  return value === null ? null : (end ?? 0n) - value;
}

function open(packed: Uint8Array): { input: Unpacker; times: number[] } {
  const input = new Unpacker(packed);
  const count = input.header(VERSION);
  const times: number[] = [];
  let previous = 0;
  let step = 0;
  for (let i = 0; i < count; i += 1) {
    const seconds = previous + step + Number(input.signed());
    step = previous === 0 ? 0 : seconds - previous;
    previous = seconds;
    times.push(seconds * 1_000);
  }
  return { input, times };
}
