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

/** What a strip draws of an entry. A drawing: what a double loses of a count is less than a shade. */
export interface HeatFigure {
  topicId: number;
  partition: number;
  highest: number | null;
  last: number | null;
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
  const keys = readKeys(input);
  const column = () => keys.map(() => orNull(input.unsigned()));
  const [highest, last, committed, end] = [column(), column(), column(), column()];
  return keys.map((key, i) => ({ ...key, highest: highest[i] ?? null, last: last[i] ?? null, committed: committed[i] ?? null, end: end[i] ?? null }));
}

/** Only what a strip draws: the offsets are not read. @throws RangeError as unpackHeat */
export function unpackHeatFigures(packed: Uint8Array): HeatFigure[] {
  const input = new Unpacker(packed);
  const keys = readKeys(input);
  const column = () => keys.map(() => numberOrNull(input.number()));
  const [highest, last] = [column(), column()];
  return keys.map((key, i) => ({ ...key, highest: highest[i] ?? null, last: last[i] ?? null }));
}

function readKeys(input: Unpacker): { topicId: number; partition: number }[] {
  const count = input.header(VERSION);
  const column = () => {
    let value = 0;
    return Array.from({ length: count }, () => (value += input.signedNumber()));
  };
  const [topicIds, partitions] = [column(), column()];
  return topicIds.map((topicId, i) => ({ topicId, partition: partitions[i] ?? 0 }));
}

function orNull(stored: bigint): bigint | null {
  return stored === 0n ? null : stored - 1n;
}

function numberOrNull(stored: number): number | null {
  return stored === 0 ? null : stored - 1;
}
