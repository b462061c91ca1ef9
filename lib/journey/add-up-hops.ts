import type { CountedHop } from './pack-counts.ts';

/** By how much the figures of a way change in one stretch of time; below 0 where journeys were counted anew and have less. */
export interface HopSum {
  wayId: number;
  /** Minutes since 1970, of the beginning of the stretch. */
  at: number;
  hops: number;
  failed: number;
  failedAttempts: number;
  deadLetters: number;
  uncertain: number;
  /** By class of time (time-histogram.ts). */
  queue: Map<number, number>;
  processing: Map<number, number>;
}

/**
 * Adds up what journeys bring and what is taken back of them, in stretches of `everyMinutes`. Stretches in which nothing changes in the end
 * are left out: most of what is counted anew is as it was. Pure; in order of way and time.
 */
export function addUpHops(changes: readonly { sign: 1 | -1; counts: readonly CountedHop[] }[], everyMinutes: number): HopSum[] {
  const sums = new Map<string, HopSum>();
  for (const { sign, counts } of changes) {
    for (const count of counts) {
      const at = count.minute - (count.minute % everyMinutes);
      const name = `${count.wayId}:${at}`;
      let sum = sums.get(name);
      if (sum === undefined) sums.set(name, (sum = { wayId: count.wayId, at, hops: 0, failed: 0, failedAttempts: 0, deadLetters: 0, uncertain: 0, queue: new Map(), processing: new Map() }));
      sum.hops += sign * count.hops;
      sum.failed += sign * count.failed;
      sum.failedAttempts += sign * count.failedAttempts;
      sum.deadLetters += sign * count.deadLetters;
      sum.uncertain += sign * count.uncertain;
      add(sum.queue, count.queueClass, sign);
      add(sum.processing, count.processingClass, sign);
    }
  }
  return [...sums.values()].filter((sum) => !isNothing(sum)).toSorted((a, b) => a.wayId - b.wayId || a.at - b.at);
}

function add(classes: Map<number, number>, place: number | null, sign: 1 | -1): void {
  if (place === null) return;
  const count = (classes.get(place) ?? 0) + sign;
  if (count === 0) classes.delete(place);
  else classes.set(place, count);
}

function isNothing(sum: HopSum): boolean {
  return sum.hops === 0 && sum.failed === 0 && sum.failedAttempts === 0 && sum.deadLetters === 0 && sum.uncertain === 0 && sum.queue.size === 0 && sum.processing.size === 0;
}
