import type { DurationHistogram } from '#lib/model/expected-path.ts';

/** Each bucket ends a tenth above the one before: a quantile is at most that much too high. */
const GROWTH = Math.log(1.1);
const MOST_MS = 30 * 86_400_000;

/** Bucket 0 holds what took under a millisecond, bucket n what took up to 1.1^n ms. */
function bucketOf(ms: number): number {
  if (!(ms >= 1)) return 0;
  return Math.ceil(Math.log(Math.min(ms, MOST_MS)) / GROWTH - 1e-9);
}

export function histogramOf(ms: number): DurationHistogram {
  return { [bucketOf(ms)]: 1 };
}

/** Adds (or, with -1, takes away) what is in `other`; buckets that become empty go. */
export function addHistogram(to: DurationHistogram, other: DurationHistogram, times: 1 | -1 = 1): void {
  for (const [bucket, count] of Object.entries(other)) {
    const sum = (to[bucket] ?? 0) + times * count;
    if (sum > 0) to[bucket] = sum;
    else delete to[bucket];
  }
}

export function countIn(histogram: DurationHistogram): number {
  return Object.values(histogram).reduce((sum, count) => sum + count, 0);
}

/** The upper end of the bucket in which the quantile lies, ms; null where nothing was counted. No value in the histogram's lower part exceeds it. */
export function quantile(histogram: DurationHistogram, share: number): number | null {
  const buckets = Object.entries(histogram).map(([bucket, count]) => [Number(bucket), count] as const).toSorted((a, b) => a[0] - b[0]);
  const all = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return null;
  let left = Math.ceil(share * all);
  for (const [bucket, count] of buckets) {
    left -= count;
    if (left <= 0) return Math.exp(bucket * GROWTH);
  }
  return null;
}
