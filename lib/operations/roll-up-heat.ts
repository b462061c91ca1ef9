import { readHoursWithoutHeat, rollUpHeat } from '#lib/store/lag/roll-up-heat.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';

const HOUR_MS = 3_600_000;
const MAX_HOURS = 48;
/** So that a store with a month of blocks does not hold the loop: the rest goes in the next rounds. */
const MAX_STEPS = 80;

/**
 * Makes the hours that strips of partitions are drawn from, of hours whose offsets are folded, oldest first.
 * @param foldedUpTo hours from there on are not folded; null: all are that are over
 * @returns steps done
 */
export async function rollUpPartitionHours(store: Store, foldedUpTo: Date | null, keptMs: number, now: Date, signal: AbortSignal): Promise<number> {
  let steps = 0;
  for (const hour of await readHoursWithoutHeat(store, foldedUpTo, MAX_HOURS)) {
    // An hour about to be dropped: its partition of the table is gone already.
    if (hour.getTime() < now.getTime() - keptMs + HOUR_MS) continue;
    if (steps >= MAX_STEPS || signal.aborted) break;
    await ensurePartitions(store, 'group_heat_hour', hour, hour);
    let done = false;
    while (!done && steps < MAX_STEPS && !signal.aborted) {
      done = await rollUpHeat(store, hour);
      steps += 1;
    }
    // The next hour goes on from this one.
    if (!done) break;
  }
  return steps;
}
