import type { OccurrenceStats, PathStats, StepStats } from '#lib/model/expected-path.ts';
import type { JourneyGraph } from '#lib/model/journey.ts';
import { addHistogram, histogramOf } from './duration-histogram.ts';
import { measureHops } from './measure-hops.ts';

/** More different steps than this under one entry type are no path: the rest is counted and left out. */
export const MOST_STEPS = 120;
/** A step that happens more often than this in one journey is a list of things, not a path. */
export const MOST_OCCURRENCES = 5;
/** Different causes kept of one occurrence. */
const MOST_CAUSES = 12;

export function noStats(): PathStats {
  return { journeys: 0, duration: {}, steps: {}, leftOut: 0 };
}

/** What one journey did. */
export function statsOf(graph: Pick<JourneyGraph, 'hops' | 'edges' | 'startNs' | 'lastNs'>): PathStats {
  const stats: PathStats = { journeys: 1, duration: histogramOf(Number((graph.lastNs - graph.startNs) / 1_000n) / 1_000), steps: {}, leftOut: 0 };
  for (const { step, occurrence, sinceStartMs, cause, afterMs } of measureHops(graph)) {
    if (occurrence === null || occurrence >= MOST_OCCURRENCES) continue;
    const known = (stats.steps[step.id] ??= { ...step, occurrences: [] });
    known.group ??= step.group;
    known.occurrences[occurrence] = {
      journeys: 1, sinceStart: sinceStartMs === null ? {} : histogramOf(sinceStartMs),
      after: cause === null ? {} : { [cause]: { journeys: 1, time: afterMs === null ? {} : histogramOf(afterMs) } },
    };
  }
  return stats;
}

/** Both together. The order does not matter, as long as no bound is met. */
export function mergeStats(a: PathStats, b: PathStats): PathStats {
  const sum = structuredClone(a);
  addStats(sum, b);
  return sum;
}

/** Adds `other` to `to`, in place. */
export function addStats(to: PathStats, other: PathStats): void {
  to.journeys += other.journeys;
  to.leftOut += other.leftOut;
  addHistogram(to.duration, other.duration);
  for (const step of Object.values(other.steps)) {
    const known = to.steps[step.id];
    if (known === undefined && Object.keys(to.steps).length >= MOST_STEPS) {
      to.leftOut += 1;
      continue;
    }
    to.steps[step.id] = known === undefined ? structuredClone(step) : mergeStep(known, step);
  }
}

/** Two records of one step, or of the same consumer under two names. */
export function mergeStep(a: StepStats, b: StepStats): StepStats {
  return {
    ...a, group: a.group === null || (b.group !== null && b.group < a.group) ? b.group : a.group,
    occurrences: Array.from({ length: Math.max(a.occurrences.length, b.occurrences.length) }, (_, place) => mergeOccurrence(a.occurrences[place], b.occurrences[place])),
  };
}

function mergeOccurrence(a: OccurrenceStats | undefined, b: OccurrenceStats | undefined): OccurrenceStats {
  if (a === undefined || b === undefined) return structuredClone((a ?? b)!);
  const sum = structuredClone(a);
  sum.journeys += b.journeys;
  addHistogram(sum.sinceStart, b.sinceStart);
  for (const [cause, { journeys, time }] of Object.entries(b.after)) {
    const known = sum.after[cause];
    if (known !== undefined) {
      known.journeys += journeys;
      addHistogram(known.time, time);
    } else if (Object.keys(sum.after).length < MOST_CAUSES) sum.after[cause] = structuredClone({ journeys, time });
  }
  return sum;
}

/** What is left of `all` without `part`, which was added to it before. */
export function subtractStats(all: PathStats, part: PathStats): PathStats {
  const rest = structuredClone(all);
  rest.journeys = Math.max(0, rest.journeys - part.journeys);
  rest.leftOut = Math.max(0, rest.leftOut - part.leftOut);
  addHistogram(rest.duration, part.duration, -1);
  for (const step of Object.values(part.steps)) {
    const known = rest.steps[step.id];
    if (known === undefined) continue;
    step.occurrences.forEach((gone, place) => {
      const occurrence = known.occurrences[place];
      if (occurrence === undefined) return;
      occurrence.journeys -= gone.journeys;
      addHistogram(occurrence.sinceStart, gone.sinceStart, -1);
      for (const [cause, { journeys, time }] of Object.entries(gone.after)) {
        const after = occurrence.after[cause];
        if (after === undefined) continue;
        after.journeys -= journeys;
        addHistogram(after.time, time, -1);
        if (after.journeys <= 0) delete occurrence.after[cause];
      }
    });
    while (known.occurrences.length > 0 && known.occurrences.at(-1)!.journeys <= 0) known.occurrences.pop();
    if (known.occurrences.length === 0) delete rest.steps[step.id];
  }
  return rest;
}
