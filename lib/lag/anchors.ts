import type { SecondsQuality } from '#lib/model/lag.ts';

/**
 * What is known about when a partition's end stood where: entry i says that the end was `offsets[i]` from `firstAt[i]` to `lastAt[i]` (epoch ms).
 * Offsets grow strictly, times never go back. Columns that grow as needed: a cluster has tens of thousands of these, most of them short
 * (typed arrays of this size lie outside the heap, where they cost 450 bytes each and leave holes).
 */
export interface Anchors {
  readonly offsets: bigint[];
  readonly firstAt: number[];
  readonly lastAt: number[];
  /** The newest stretch in which nobody looked: within it the end may have moved at any time. null = none that is still covered. */
  gap: { fromMs: number; toMs: number } | null;
}

/** Longer than this without a look is a gap: at any sensible interval several cycles were missed. */
const GAP_MS = 120_000;

/** Enough for five minutes of 10-second cycles in full, and ever wider steps behind them. */
export const ANCHOR_CAPACITY = 64;

export function createAnchors(): Anchors {
  return { offsets: [], firstAt: [], lastAt: [], gap: null };
}

/**
 * Adds the newest observation. An end that went back means the log was cut short: what lay beyond is forgotten.
 * A full set drops every second entry of its older half, never the oldest one.
 */
export function observeEnd(anchors: Anchors, endOffset: bigint, atMs: number): void {
  const { offsets, firstAt, lastAt } = anchors;
  while (offsets.length > 0 && (offsets[offsets.length - 1] ?? 0n) > endOffset) for (const column of [offsets, firstAt, lastAt]) column.pop();
  const last = offsets.length - 1;
  if (last >= 0 && offsets[last] === endOffset) {
    if (atMs > (lastAt[last] ?? 0)) lastAt[last] = atMs;
    return;
  }
  if (last >= 0 && atMs < (lastAt[last] ?? 0)) return;
  const seenAt = lastAt[last];
  if (seenAt !== undefined && atMs - seenAt > GAP_MS) anchors.gap = { fromMs: seenAt, toMs: atMs };
  if (offsets.length >= ANCHOR_CAPACITY) thin(anchors);
  offsets.push(endOffset);
  firstAt.push(atMs);
  lastAt.push(atMs);
}

/**
 * Adds an older fact, asked of the broker: the record at `offset` has this timestamp, so the end stood at `offset` just before.
 * Facts that contradict what was observed (producers set timestamps as they like) are dropped.
 * @returns whether it was kept
 */
export function insertPast(anchors: Anchors, offset: bigint, atMs: number): boolean {
  const { offsets, firstAt, lastAt } = anchors;
  if (offsets.length >= ANCHOR_CAPACITY) return false;
  let at = 0;
  while (at < offsets.length && (offsets[at] ?? 0n) < offset) at += 1;
  if (at < offsets.length && offsets[at] === offset) return false;
  if (at < offsets.length && atMs > (firstAt[at] ?? 0)) return false;
  if (at > 0 && atMs < (lastAt[at - 1] ?? 0)) return false;
  offsets.splice(at, 0, offset);
  firstAt.splice(at, 0, atMs);
  lastAt.splice(at, 0, atMs);
  return true;
}

function thin(anchors: Anchors): void {
  const length = anchors.offsets.length;
  const half = length >> 1;
  let to = 1;
  for (let from = 1; from < length; from += 1) {
    if (from < half && from % 2 === 1) continue;
    anchors.offsets[to] = anchors.offsets[from] ?? 0n;
    anchors.firstAt[to] = anchors.firstAt[from] ?? 0;
    anchors.lastAt[to] = anchors.lastAt[from] ?? 0;
    to += 1;
  }
  for (const column of [anchors.offsets, anchors.firstAt, anchors.lastAt]) column.length = to;
}

/**
 * When the end of the log stood at `offset`: about when the oldest record from there on was written.
 * Never extrapolates: below the oldest anchor the answer is its time, with the quality "at-least".
 * @returns epoch ms, or null with the quality "unknown" where nothing is known
 */
export function timeOfOffset(anchors: Anchors, offset: bigint): { atMs: number; quality: Exclude<SecondsQuality, 'unknown'> } | { atMs: null; quality: 'unknown' } {
  const { offsets, firstAt, lastAt } = anchors;
  const { length } = offsets;
  if (length === 0) return { atMs: null, quality: 'unknown' };
  if (offset < (offsets[0] ?? 0n)) return { atMs: firstAt[0] ?? 0, quality: 'at-least' };
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0n) <= offset) low = middle;
    else high = middle - 1;
  }
  const from = offsets[low] ?? 0n;
  const fromAt = lastAt[low] ?? 0;
  // Moved on in a gap: then the record is at least as old as the first look after it, and how much older nobody knows.
  if (from === offset && low < length - 1 && anchors.gap?.fromMs === fromAt) return { atMs: anchors.gap.toMs, quality: 'at-least' };
  if (from === offset || low === length - 1) return { atMs: fromAt, quality: from === offset ? 'exact' : 'interpolated' };
  const share = Number(offset - from) / Number((offsets[low + 1] ?? 0n) - from);
  return { atMs: fromAt + ((firstAt[low + 1] ?? 0) - fromAt) * share, quality: 'interpolated' };
}

/**
 * Age of the oldest unprocessed record in seconds. A time in the future (a clock that is wrong) counts as 0.
 * @param oldestAtMs epoch ms of that record, null where nothing waits or nothing is known
 */
export function secondsSince(oldestAtMs: number | null, nowMs: number): number | null {
  return oldestAtMs === null ? null : Math.max(0, (nowMs - oldestAtMs) / 1_000);
}
