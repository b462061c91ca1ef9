import { pushVarint, VarintReader } from './varint.ts';

// Times by size, in fixed classes: counts of two stretches of time add up, and percentiles of any range come from the sums.

/** The first class ends here, ms. */
const LEAST_MS = 0.125;
/** Classes of a doubling: each is 1.41 times as wide as the one before, so a percentile is off by a fifth at most. */
const PER_DOUBLING = 2;
/** The last class begins at 3.2 days and has no end. */
export const CLASSES = 64;

/** How often a time of each class was seen. Always CLASSES long. */
export type TimeHistogram = number[];

export function emptyHistogram(): TimeHistogram {
  // A map makes thousands of these: Array.from with a function was a third of its CPU.
  return Array<number>(CLASSES).fill(0);
}

/** The class of a time. What is below 0 (two clocks that disagree) counts as 0. @param ms finite */
export function classOf(ms: number): number {
  if (ms < LEAST_MS) return 0;
  return Math.min(CLASSES - 1, 1 + Math.floor(PER_DOUBLING * Math.log2(ms / LEAST_MS) + 1e-9));
}

function startOf(place: number): number {
  return place === 0 ? 0 : LEAST_MS * 2 ** ((place - 1) / PER_DOUBLING);
}

/**
 * Bytes that say how long they are: several put one behind the other are read as their sum, so that a database can add up by joining.
 * A histogram of nothing has no bytes.
 */
export function packHistogram(counts: TimeHistogram): Buffer {
  const first = counts.findIndex((count) => count > 0);
  if (first === -1) return Buffer.alloc(0);
  const last = counts.findLastIndex((count) => count > 0);
  const bytes: number[] = [first, last - first + 1];
  for (let place = first; place <= last; place++) pushVarint(bytes, counts[place]!);
  return Buffer.from(bytes);
}

/** Adds what packHistogram made, once or several times, to `counts`. @throws RangeError for other bytes */
export function addPacked(counts: TimeHistogram, packed: Uint8Array): void {
  const reader = new VarintReader(packed);
  while (!reader.done) {
    const first = reader.next();
    const length = reader.next();
    if (first + length > CLASSES) throw new RangeError('these bytes are not a histogram');
    for (let place = first; place < first + length; place++) counts[place]! += reader.next();
  }
}

export function addHistogram(counts: TimeHistogram, other: TimeHistogram): void {
  for (let place = 0; place < CLASSES; place++) counts[place]! += other[place]!;
}

/** How many times were counted. */
export function sizeOf(counts: TimeHistogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The time below which the share `q` of them lies, ms; null where nothing was counted. */
export function quantile(counts: TimeHistogram, q: number): number | null {
  const size = sizeOf(counts);
  if (size === 0) return null;
  const rank = q * size;
  let below = 0;
  for (let place = 0; place < CLASSES; place++) {
    const count = counts[place]!;
    if (count === 0 || below + count < rank) {
      below += count;
      continue;
    }
    const share = Math.max(0, (rank - below) / count);
    if (place === 0) return LEAST_MS * share;
    // Classes grow by a factor, so within one the middle is the geometric one.
    return startOf(place) * 2 ** (share / PER_DOUBLING);
  }
  return startOf(CLASSES - 1);
}
