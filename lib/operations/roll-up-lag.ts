import { ensurePartitions } from '#lib/store/partitions.ts';
import { readHoursToRollUp, rollUpHour } from '#lib/store/lag/roll-up-hour.ts';
import type { Store } from '#lib/store/store.ts';

/** So that a store with a month of minutes does not hold the loop: the rest goes in the next rounds. */
const MAX_HOURS = 48;

/** How long minutes are kept; charts of more than that are drawn from hours. */
export const MINUTES_KEPT_MS = 3 * 86_400_000;

/**
 * Rolls full hours of minutes up into hours, each in its own transaction: a crash leaves whole hours.
 * @returns hours rolled up, and before which moment every minute is in an hour (null: all of them are)
 */
export async function rollUpLag(store: Store, now: Date, signal: AbortSignal): Promise<{ hours: number; openFrom: Date | null }> {
  const due = await readHoursToRollUp(store, now, MAX_HOURS + 1);
  let done = 0;
  for (const hour of due.slice(0, MAX_HOURS)) {
    if (signal.aborted) break;
    await ensurePartitions(store, 'group_lag_hour', hour, hour);
    await store.transaction((tx) => rollUpHour(tx, hour, now));
    done += 1;
  }
  return { hours: done, openFrom: due[done] ?? null };
}
