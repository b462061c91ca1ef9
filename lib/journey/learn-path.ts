import type { ClosedVersion, PathChange, PathLearning, PathShift, PathStats } from '#lib/model/expected-path.ts';
import { ENOUGH_JOURNEYS } from './derive-path.ts';
import { addStats, mergeStats, noStats, subtractStats } from './path-stats.ts';

/** The window slides by halves: what is older than two of them is forgotten. */
const HALF_WINDOW_JOURNEYS = 1_000;
const HALF_WINDOW_MS = 7 * 86_400_000;
/** Without a deploy a path has changed for good only where this many journeys over this long say so: a fault must not become the rule. */
const ENOUGH_WITHOUT_DEPLOY = 50;
const LONG_ENOUGH_MS = 3_600_000;
/** A step has come, or gone, where it is in most journeys of one time and in few of the other. */
const MOST = 0.8;
const FEW = 0.2;

export interface FinishedJourney {
  startMs: number;
  stats: PathStats;
}

/**
 * One round of learning. Pure: `nowMs` is an argument, and the order of `journeys` does not matter.
 * Journeys since a deploy (or, without one, since the last comparison) are counted apart as well. Once they are enough, they are compared with those before:
 * where steps came or went, a new version begins with them and the old one is closed; otherwise the version goes on.
 */
export function learnPath(known: PathLearning | null, entryType: string, journeys: readonly FinishedJourney[], changes: readonly PathChange[], nowMs: number): { learning: PathLearning; closed: ClosedVersion | null } {
  const firstMs = Math.min(nowMs, ...journeys.map((journey) => journey.startMs));
  const learning: PathLearning =
    known === null
      ? { entryType, version: 1, sinceMs: firstMs, why: 'the first that was learned', shift: { added: [], gone: [] }, earlier: noStats(), recent: noStats(), recentSinceMs: nowMs, trial: { sinceMs: firstMs, why: null, stats: noStats() } }
      : structuredClone(known);
  const services = new Set([...Object.values(learning.earlier.steps), ...Object.values(learning.recent.steps)].flatMap((step) => [step.service, step.group]));
  const change = changes.filter((each) => each.atMs > learning.trial.sinceMs && (each.service === null || services.has(each.service))).toSorted((a, b) => b.atMs - a.atMs)[0];
  if (change !== undefined) learning.trial = { sinceMs: change.atMs, why: change.words, stats: noStats() };
  for (const journey of journeys) {
    addStats(learning.recent, journey.stats);
    if (journey.startMs >= learning.trial.sinceMs) addStats(learning.trial.stats, journey.stats);
  }

  const { trial } = learning;
  const ageMs = nowMs - trial.sinceMs;
  const decided = ageMs >= HALF_WINDOW_MS || (trial.why === null ? trial.stats.journeys >= ENOUGH_WITHOUT_DEPLOY && ageMs >= LONG_ENOUGH_MS : trial.stats.journeys >= ENOUGH_JOURNEYS);
  if (!decided) return { learning, closed: null };
  const before = subtractStats(statsIn(learning), trial.stats);
  const shift = trial.stats.journeys >= ENOUGH_JOURNEYS && before.journeys >= ENOUGH_JOURNEYS ? shiftBetween(before, trial.stats) : { added: [], gone: [] };
  const next = { sinceMs: nowMs, why: null, stats: noStats() };
  if (shift.added.length + shift.gone.length > 0) {
    const why = trial.why ?? 'the steps changed, and no deploy was seen';
    return {
      learning: { ...learning, version: learning.version + 1, sinceMs: trial.sinceMs, why, shift, earlier: noStats(), recent: trial.stats, recentSinceMs: trial.sinceMs, trial: next },
      closed: { version: learning.version, sinceMs: learning.sinceMs, untilMs: trial.sinceMs, why: learning.why, shift: learning.shift, stats: before },
    };
  }
  // Only here, so that what is on trial is always in the window.
  if (learning.recent.journeys >= HALF_WINDOW_JOURNEYS || nowMs - learning.recentSinceMs >= HALF_WINDOW_MS) return { learning: { ...learning, earlier: learning.recent, recent: noStats(), recentSinceMs: nowMs, trial: next }, closed: null };
  return { learning: { ...learning, trial: next }, closed: null };
}

/** Everything in the window. */
export function statsIn(learning: Pick<PathLearning, 'earlier' | 'recent'>): PathStats {
  return mergeStats(learning.earlier, learning.recent);
}

/** Steps that came and went between two times. */
export function shiftBetween(before: PathStats, after: PathStats): PathShift {
  const share = (stats: PathStats, id: string) => (stats.steps[id]?.occurrences[0]?.journeys ?? 0) / stats.journeys;
  const ids = [...new Set([...Object.keys(before.steps), ...Object.keys(after.steps)])].sort();
  return {
    added: ids.filter((id) => share(before, id) < FEW && share(after, id) >= MOST),
    gone: ids.filter((id) => share(before, id) >= MOST && share(after, id) < FEW),
  };
}
