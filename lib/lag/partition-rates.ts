import type { TopicSample } from './pack-sample.ts';

/**
 * Records per second of each partition over the samples given, which hold a partition only where it moved.
 * @param current end offsets as last read, and when; null where not known
 * @param knownSinceMs since when the topic is watched: before that a partition without samples is not known to have stood still
 * @returns by partition, null where it is not known
 */
export function partitionRates(samples: readonly { atMs: number; entries: readonly TopicSample[] }[], current: readonly (bigint | null)[], readAtMs: number, windowStartMs: number, knownSinceMs: number): (number | null)[] {
  const first = new Map<number, { atMs: number; end: bigint }>();
  for (const { atMs, entries } of samples) {
    for (const { partition, highWatermark } of entries) if (highWatermark !== null && !first.has(partition)) first.set(partition, { atMs, end: highWatermark });
  }
  return current.map((end, partition) => {
    if (end === null) return null;
    const from = first.get(partition);
    if (!from) return knownSinceMs <= windowStartMs ? 0 : null;
    // Moved in the last reading only: by how much is in none of these samples.
    if (readAtMs <= from.atMs || end < from.end) return null;
    return Number(end - from.end) / ((readAtMs - from.atMs) / 1_000);
  });
}
