import type { HopCount } from './count-hops.ts';
import { pushVarint, VarintReader } from './varint.ts';

/** A hop's part of the figures, its way by number. */
export type CountedHop = Omit<HopCount, 'way'> & { wayId: number };

const VERSION = 1;

/**
 * What a journey has added to the figures, kept with it: before it is counted again, this is taken back, to the digit. About seven bytes a hop.
 * The same hops give the same bytes.
 */
export function packCounts(counts: readonly CountedHop[]): Buffer {
  const bytes: number[] = [VERSION];
  let minute = 0;
  for (const count of counts.toSorted((a, b) => a.minute - b.minute || a.wayId - b.wayId || flagsOf(a) - flagsOf(b) || (a.queueClass ?? -1) - (b.queueClass ?? -1) || (a.processingClass ?? -1) - (b.processingClass ?? -1) || a.failedAttempts - b.failedAttempts)) {
    pushVarint(bytes, count.minute - minute);
    minute = count.minute;
    pushVarint(bytes, count.wayId);
    bytes.push(flagsOf(count));
    pushVarint(bytes, count.failedAttempts);
    // 0 is "not known".
    bytes.push((count.queueClass ?? -1) + 1, (count.processingClass ?? -1) + 1);
  }
  return Buffer.from(bytes);
}

/** @throws RangeError for bytes that packCounts did not make */
export function unpackCounts(packed: Uint8Array): CountedHop[] {
  const reader = new VarintReader(packed);
  if (reader.next() !== VERSION) throw new RangeError('these bytes are not counts of hops');
  const counts: CountedHop[] = [];
  let minute = 0;
  while (!reader.done) {
    minute += reader.next();
    const wayId = reader.next();
    const flags = reader.next();
    const failedAttempts = reader.next();
    const [queue, processing] = [reader.next(), reader.next()];
    counts.push({
      wayId, minute, hops: bit(flags, 1), failed: bit(flags, 2), deadLetters: bit(flags, 4), uncertain: bit(flags, 8), failedAttempts,
      queueClass: queue === 0 ? null : queue - 1, processingClass: processing === 0 ? null : processing - 1,
    });
  }
  return counts;
}

function flagsOf(count: CountedHop): number {
  return count.hops + 2 * count.failed + 4 * count.deadLetters + 8 * count.uncertain;
}

function bit(flags: number, value: number): 0 | 1 {
  return (flags & value) === 0 ? 0 : 1;
}
