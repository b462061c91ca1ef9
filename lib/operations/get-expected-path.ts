import { WaybillError } from '#lib/errors.ts';
import { withEdits } from '#lib/journey/derive-path.ts';
import { stepText } from '#lib/journey/describe-path.ts';
import type { ExpectedPath } from '#lib/model/expected-path.ts';
import { countDeviating, countMissed } from '#lib/store/journeys/deviations.ts';
import { readLearning, readPaths, readVersions } from '#lib/store/journeys/expected-paths.ts';
import type { Store } from '#lib/store/store.ts';
import { type ExpectedPathWire, type ExpectedStepWire, toStepWire } from './expected-path-wire.ts';
import { MOST_COUNTED, toRowWire } from './list-expected-paths.ts';

const HOUR_MS = 3_600_000;

/**
 * The usual path of one entry type with its steps, people's edits and the versions before it.
 * @throws WaybillError `expected-path-not-found` 404
 */
export async function getExpectedPath(store: Store, input: { entryType: string; now: Date }): Promise<ExpectedPathWire> {
  const hourAgo = new Date(input.now.getTime() - HOUR_MS);
  const [[row], learning, versions, missed, counts] = await Promise.all([
    readPaths(store, [input.entryType]), readLearning(store, input.entryType), readVersions(store, input.entryType), countMissed(store, hourAgo, input.now), countDeviating(store, hourAgo, MOST_COUNTED),
  ]);
  if (row === undefined || learning === null) throw notLearned(input.entryType);
  const path = withEdits(row.path, row.edits);
  const figures = (of: ExpectedPath) => ({ journeys: of.journeys, expectedHops: of.steps.reduce((sum, step) => sum + step.required, 0), durationP50Ms: of.durationP50Ms, durationP95Ms: of.durationP95Ms });
  return {
    ...toRowWire(row, counts), why: learning.why, incomplete: path.incomplete,
    steps: path.steps.map((step): ExpectedStepWire => ({
      ...toStepWire(step), share: step.share, required: step.required, learned: step.learned, ignored: step.ignored,
      edit: step.edit === null ? null : { requirement: step.edit.requirement, by: step.edit.by, at: new Date(step.edit.atMs).toISOString() },
      shares: step.occurrences.map((occurrence) => occurrence.share), sinceStartP50Ms: step.occurrences[0]?.sinceStartP50Ms ?? null,
      after: (step.occurrences[0]?.after ?? []).slice(0, 4).map((after) => ({ cause: causeText(path, after.cause), share: path.journeys === 0 ? 0 : after.journeys / path.journeys, p50Ms: after.p50Ms, p95Ms: after.p95Ms })),
      missedLastHour: missed.find((each) => each.entryType === path.entryType && each.step === step.id)?.journeys ?? 0,
    })),
    trial: { since: new Date(learning.trial.sinceMs).toISOString(), why: learning.trial.why, journeys: learning.trial.stats.journeys },
    versions: [
      { version: path.version, since: new Date(path.sinceMs).toISOString(), until: null, why: learning.why, ...learning.shift, ...figures(row.path) },
      ...versions.map((each) => ({ version: each.version, since: each.since.toISOString(), until: each.until.toISOString(), why: each.why, ...each.shift, ...figures(each.path) })),
    ],
  };
}

export function notLearned(entryType: string): WaybillError {
  return new WaybillError('expected-path-not-found', `No usual path is known of journeys that begin on "${entryType}". It is learned once 20 of them have ended well.`, { status: 404 });
}

function causeText(path: ExpectedPath, cause: string): string {
  const step = path.steps.find((each) => each.id === cause.slice(0, cause.lastIndexOf('#')));
  return step === undefined ? cause : stepText(step);
}
