import { ENOUGH_JOURNEYS, withEdits } from '#lib/journey/derive-path.ts';
import { countDeviating, type DeviationCounts } from '#lib/store/journeys/deviations.ts';
import { type ExpectedPathRow, readPaths } from '#lib/store/journeys/expected-paths.ts';
import type { Store } from '#lib/store/store.ts';
import type { Page } from '#lib/wire.ts';
import type { ExpectedPathRowWire } from './expected-path-wire.ts';

const HOUR_MS = 3_600_000;
/** Of the last hour's journeys; on a busy site the latest of them stand for all. */
export const MOST_COUNTED = 20_000;

/** The usual paths by entry type, those that were learned from last first. There are few: no pages. */
export async function listExpectedPaths(store: Store, input: { now: Date }): Promise<Page<ExpectedPathRowWire>> {
  const [rows, counts] = await Promise.all([readPaths(store, null), countDeviating(store, new Date(input.now.getTime() - HOUR_MS), MOST_COUNTED)]);
  const items = rows.map((row) => toRowWire(row, counts)).toSorted((a, b) => (a.entryType < b.entryType ? -1 : 1));
  return { items, nextCursor: null, total: items.length };
}

/** A path as the list has it. */
export function toRowWire({ path: learned, edits, learnedAt }: ExpectedPathRow, counts: readonly DeviationCounts[]): ExpectedPathRowWire {
  const path = withEdits(learned, edits);
  const figures = counts.find((each) => each.entryType === path.entryType);
  return {
    entryType: path.entryType, version: path.version, since: new Date(path.sinceMs).toISOString(), learnedAt: learnedAt.toISOString(), journeys: path.journeys, needed: ENOUGH_JOURNEYS,
    state: path.journeys >= ENOUGH_JOURNEYS ? 'learned' : 'learning', expectedHops: path.steps.reduce((sum, step) => sum + step.required, 0), branches: path.steps.filter((step) => step.required === 0 && !step.ignored).length,
    edits: edits.length, durationP50Ms: path.durationP50Ms, durationP95Ms: path.durationP95Ms,
    lastHour: figures === undefined ? null : { journeys: figures.journeys, latestOnly: counts.reduce((sum, each) => sum + each.journeys, 0) >= MOST_COUNTED, missing: figures.missing, extra: figures.extra, slow: figures.slow },
  };
}
