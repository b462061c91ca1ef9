import { Packer, Unpacker } from './packer.ts';

// One hour of a group's partitions in one row: how far each was behind, and the offsets it stood at when the hour was over, from which the next hour
// goes on. Columns, because a strip of weeks reads only the first ones. Layout, all numbers LEB128: version and count, topic ids (signed differences),
// partitions (signed differences), highest lag, lag at the end, committed offsets, ends. 0 is null there, anything else the value + 1.

export interface HeatEntry {
  topicId: number;
  partition: number;
  /** The highest lag of the hour, and at its end; null where not known. */
  highest: bigint | null;
  last: bigint | null;
  /** As they stood at the end of the hour. */
  committed: bigint | null;
  end: bigint | null;
}

const VERSION = 1;

/** Entries in any order; alike neighbours (one topic's partitions) pack best. */
export function packHeat(entries: readonly HeatEntry[]): Buffer {
  const out = new Packer(entries.length * 12 + 8);
  out.number(VERSION);
  out.number(entries.length);
  const differences = (of: (entry: HeatEntry) => number) => entries.forEach((entry, index) => out.signed(BigInt(of(entry) - (index === 0 ? 0 : of(entries[index - 1]!)))));
  const figures = (of: (entry: HeatEntry) => bigint | null) => {
    for (const entry of entries) out.unsigned((of(entry) ?? -1n) + 1n);
  };
  differences((entry) => entry.topicId);
  differences((entry) => entry.partition);
  figures((entry) => entry.highest);
  figures((entry) => entry.last);
  figures((entry) => entry.committed);
  figures((entry) => entry.end);
  return out.bytes();
}

/** @throws RangeError where the bytes are not a row of a version this code knows */
export function unpackHeat(packed: Uint8Array): HeatEntry[] {
  const input = new Unpacker(packed);
  const { topicIds, partitions } = readKeys(input);
  const column = () => topicIds.map(() => orNull(input.unsigned()));
  const [highest, last, committed, end] = [column(), column(), column(), column()];
  return topicIds.map((topicId, i) => ({ topicId, partition: partitions[i] ?? 0, highest: highest[i] ?? null, last: last[i] ?? null, committed: committed[i] ?? null, end: end[i] ?? null }));
}

/**
 * The lags of each entry, the offsets unread: what a strip draws, where what a double loses of a count is less than a shade.
 * @throws RangeError as unpackHeat
 */
export function eachHeat(packed: Uint8Array, take: (topicId: number, partition: number, highest: number | null, last: number | null) => void): void {
  const input = new Unpacker(packed);
  const { topicIds, partitions } = readKeys(input);
  const highest = topicIds.map(() => input.number());
  topicIds.forEach((topicId, i) => {
    const [most, last] = [highest[i] ?? 0, input.number()];
    take(topicId, partitions[i] ?? 0, most === 0 ? null : most - 1, last === 0 ? null : last - 1);
  });
}

function readKeys(input: Unpacker): { topicIds: number[]; partitions: number[] } {
  const count = input.header(VERSION);
  const column = () => {
    let value = 0;
    return Array.from({ length: count }, () => (value += input.signedNumber()));
  };
  return { topicIds: column(), partitions: column() };
}

function orNull(stored: bigint): bigint | null {
  return stored === 0n ? null : stored - 1n;
}
