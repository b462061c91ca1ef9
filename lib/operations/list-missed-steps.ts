import { stepTextOf } from '#lib/journey/describe-path.ts';
import { countMissed } from '#lib/store/journeys/deviations.ts';
import type { Store } from '#lib/store/store.ts';

export interface MissedStepWire {
  entryType: string;
  step: string;
  text: string;
  journeys: number;
}

/** Where paths broke off within the last so many seconds: the steps that nothing else missing explains, those of most journeys first. */
export async function listMissedSteps(store: Store, input: { now: Date; withinSeconds: number; limit: number }): Promise<MissedStepWire[]> {
  const figures = await countMissed(store, new Date(input.now.getTime() - input.withinSeconds * 1_000), input.now);
  return figures
    .filter((each) => each.brokenOff > 0)
    .toSorted((a, b) => b.brokenOff - a.brokenOff || (a.step < b.step ? -1 : 1))
    .slice(0, input.limit)
    .map((each) => ({ entryType: each.entryType, step: each.step, text: stepTextOf(each.step), journeys: each.journeys }));
}
