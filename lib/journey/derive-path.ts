import type { ExpectedPath, ExpectedStep, OccurrenceStats, PathStats, StepEdit, StepStats } from '#lib/model/expected-path.ts';
import { quantile } from './duration-histogram.ts';
import { mergeStep } from './path-stats.ts';

/** Journeys before a path is held against others. */
export const ENOUGH_JOURNEYS = 20;
/** A step that happens in at least this share of the journeys is expected of all; in less it is a branch. */
export const EXPECTED_SHARE = 0.98;
/** … and stays so until it falls below this one, so that a step at the edge does not come and go. */
const KEPT_SHARE = 0.97;

/**
 * The path that journeys took: which steps every one has, which are branches, and how long each takes. Pure.
 * @param before the same version's path as it was derived last; null for the first time
 */
export function derivePath(stats: PathStats, of: { entryType: string; version: number; sinceMs: number }, before: ExpectedPath | null = null): ExpectedPath {
  const wasLearned = new Map(before !== null && before.version === of.version && before.journeys >= ENOUGH_JOURNEYS ? before.steps.map((step) => [step.id, step.learned]) : []);
  const share = (journeys: number) => (stats.journeys === 0 ? 0 : Math.min(1, journeys / stats.journeys));
  const steps = foldAliases(Object.values(stats.steps)).map((step): ExpectedStep => {
    const occurrences = step.occurrences.map((occurrence) => ({ share: share(occurrence.journeys), ...timesOf(occurrence) }));
    const learned = occurrences.filter((occurrence, place) => occurrence.share >= (place < (wasLearned.get(step.id) ?? 0) ? KEPT_SHARE : EXPECTED_SHARE)).length;
    const { id, kind, service, group, topic } = step;
    return { id, kind, service, group, topic, share: occurrences[0]?.share ?? 0, required: learned, learned, occurrences, ignored: false, edit: null };
  });
  return {
    entryType: of.entryType, version: of.version, sinceMs: of.sinceMs, journeys: stats.journeys, steps: inOrder(steps), durationP50Ms: quantile(stats.duration, 0.5) ?? 0,
    durationP95Ms: quantile(stats.duration, 0.95) ?? 0, incomplete: stats.leftOut > 0,
  };
}

/** The path as people want it: what they said of a step goes over what was learned, also of steps that this version does not have. */
export function withEdits(path: ExpectedPath, edits: readonly StepEdit[]): ExpectedPath {
  const steps = path.steps.map((step) => {
    const edit = edits.find((each) => each.id === step.id);
    return edit === undefined ? step : applyEdit(step, edit);
  });
  for (const edit of edits) {
    if (steps.some((step) => step.id === edit.id)) continue;
    const { id, kind, service, group, topic } = edit;
    steps.push(applyEdit({ id, kind, service, group, topic, share: 0, required: 0, learned: 0, occurrences: [], ignored: false, edit: null }, edit));
  }
  return { ...path, steps };
}

function applyEdit(step: ExpectedStep, { requirement, by, atMs }: StepEdit): ExpectedStep {
  return { ...step, required: requirement === 'required' ? Math.max(1, step.learned) : 0, ignored: requirement === 'ignored', edit: { by, atMs, requirement } };
}

function timesOf(occurrence: OccurrenceStats): Pick<ExpectedStep['occurrences'][number], 'sinceStartP50Ms' | 'sinceStartP95Ms' | 'after'> {
  return {
    sinceStartP50Ms: quantile(occurrence.sinceStart, 0.5), sinceStartP95Ms: quantile(occurrence.sinceStart, 0.95),
    after: Object.entries(occurrence.after)
      .flatMap(([cause, { journeys, time }]) => {
        const [p50Ms, p95Ms] = [quantile(time, 0.5), quantile(time, 0.95)];
        return p50Ms === null || p95Ms === null ? [] : [{ cause, journeys, p50Ms, p95Ms }];
      })
      .toSorted((a, b) => b.journeys - a.journeys || (a.cause < b.cause ? -1 : 1)),
  };
}

/** A consumer that is known now by its spans and now by its group's commits is one step. */
function foldAliases(steps: readonly StepStats[]): StepStats[] {
  const named = steps.filter((step) => step.service !== null || step.kind !== 'process');
  const folded = new Map(named.map((step) => [step.id, step]));
  for (const ghost of steps) {
    if (named.includes(ghost)) continue;
    const same = named.find((step) => isSameConsumer(step, ghost));
    folded.set(same?.id ?? ghost.id, same === undefined ? ghost : { ...mergeStep(folded.get(same.id)!, ghost), group: ghost.group });
  }
  return [...folded.values()];
}

/** Whether a step that is known by its group alone is the deed of this service. */
export function isSameConsumer(step: Pick<StepStats, 'kind' | 'service' | 'group' | 'topic'>, ghost: Pick<StepStats, 'kind' | 'group' | 'topic'>): boolean {
  return step.kind === 'process' && ghost.kind === 'process' && step.topic === ghost.topic && ghost.group !== null && (step.group === ghost.group || (step.group === null && step.service === ghost.group));
}

function inOrder(steps: readonly ExpectedStep[]): ExpectedStep[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  // A group known by its commits has no time: it stands behind what it reads.
  const place = (step: ExpectedStep, depth = 0): number => {
    const own = step.occurrences[0]?.sinceStartP50Ms ?? null;
    if (own !== null || depth > 3) return own ?? Number.MAX_SAFE_INTEGER;
    const cause = [...byId.values()].find((other) => other.kind === 'send' && other.topic === step.topic);
    return cause === undefined ? Number.MAX_SAFE_INTEGER : place(cause, depth + 1);
  };
  const rank = (step: ExpectedStep) => (step.kind === 'send' ? 0 : 1);
  return steps.map((step) => ({ step, at: place(step) })).toSorted((a, b) => a.at - b.at || rank(a.step) - rank(b.step) || (a.step.id < b.step.id ? -1 : 1)).map(({ step }) => step);
}
