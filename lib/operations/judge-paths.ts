import type { RecordCommits } from '#lib/journey/add-committed-groups.ts';
import { withEdits } from '#lib/journey/derive-path.ts';
import { commitsByPlace, judgePath } from '#lib/journey/judge-path.ts';
import type { ExpectedPath, PathJudgement } from '#lib/model/expected-path.ts';
import type { JourneyGraph } from '#lib/model/journey.ts';
import type { DeviationRow } from '#lib/store/journeys/deviations.ts';
import { readPaths } from '#lib/store/journeys/expected-paths.ts';
import type { Statements } from '#lib/store/store.ts';

export interface PathJudge {
  /** null where the path of its entry type is not learned yet. */
  judge(graph: JourneyGraph): PathJudgement | null;
  /** The path of its entry type with people's edits, learned enough or not. */
  pathOf(graph: JourneyGraph): ExpectedPath | null;
}

/** Topic of the first hop: what kind of event a journey is of. */
export function entryTypeOf(graph: Pick<JourneyGraph, 'hops'>): string | null {
  return graph.hops[0]?.topic ?? null;
}

/** Holds journeys against the paths of their entry types, as those are stored. */
export async function loadPathJudge(on: Statements, graphs: readonly JourneyGraph[], commits: readonly RecordCommits[], now: Date): Promise<PathJudge> {
  const types = [...new Set(graphs.flatMap((graph) => entryTypeOf(graph) ?? []))];
  const rows = await readPaths(on, types);
  const paths = new Map(rows.map(({ path, edits }) => [path.entryType, withEdits(path, edits)]));
  const byPlace = commitsByPlace(commits);
  const pathOf = (graph: JourneyGraph) => paths.get(entryTypeOf(graph) ?? '') ?? null;
  return {
    pathOf,
    judge: (graph) => {
      const path = pathOf(graph);
      return path === null ? null : judgePath(graph, path, byPlace, now.getTime());
    },
  };
}

/** A judgement as lists and alerts filter it. */
export function toDeviation(journeyId: string, graph: JourneyGraph, judgement: PathJudgement): DeviationRow {
  const missed = judgement.missing.map((each) => each.dueMs);
  return {
    journeyId, entryType: entryTypeOf(graph)!, version: judgement.version, expected: judgement.expected, done: judgement.done, missing: judgement.missing.map((each) => each.step.id),
    brokenOff: judgement.missing.filter((each) => !each.behind).map((each) => each.step.id), missedAt: missed.length === 0 ? null : new Date(Math.min(...missed)), extra: judgement.extra.length,
    slowStep: judgement.slow[0]?.step.id ?? null, slowOverMs: judgement.slow[0]?.overMs ?? null,
  };
}
