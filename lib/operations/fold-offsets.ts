import type { FoldKind } from '#lib/store/lag/fold-samples.ts';
import { foldSamples } from '#lib/store/lag/fold-samples.ts';
import { readUnfoldedHours } from '#lib/store/lag/read-unfolded-hours.ts';
import type { Store } from '#lib/store/store.ts';

const HOUR_MS = 3_600_000;
/** A cycle that began in the hour may still be storing. */
const SETTLE_MS = 5 * 60_000;
/** So that a store nobody folded for a day does not take the loop an hour: the rest goes in the next rounds. */
const MAX_STEPS = 80;

export interface Folded {
  steps: number;
  /** The oldest hour that still has to be folded, null where none: samples from there on must stay. */
  oldestOpen: Date | null;
}

/** Folds the samples of hours that are over into one block a partition. Bounded; what is left goes in the next round. */
export async function foldOffsets(store: Store, now: Date, signal: AbortSignal): Promise<Record<FoldKind, Folded>> {
  const before = new Date(Math.floor((now.getTime() - SETTLE_MS) / HOUR_MS) * HOUR_MS);
  const result: Record<FoldKind, Folded> = { topic: { steps: 0, oldestOpen: null }, group: { steps: 0, oldestOpen: null } };
  for (const kind of ['topic', 'group'] as const) {
    const folded = result[kind];
    for (const hour of await readUnfoldedHours(store, kind, before)) {
      let done = false;
      while (!done && folded.steps < MAX_STEPS && !signal.aborted) {
        done = await foldSamples(store, kind, hour);
        folded.steps += 1;
      }
      if (!done) folded.oldestOpen ??= hour;
    }
  }
  return result;
}
