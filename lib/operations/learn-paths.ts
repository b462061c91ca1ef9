import { addCommittedGroups } from '#lib/journey/add-committed-groups.ts';
import { derivePath, ENOUGH_JOURNEYS, withEdits } from '#lib/journey/derive-path.ts';
import { type FinishedJourney, learnPath, statsIn } from '#lib/journey/learn-path.ts';
import { statsOf } from '#lib/journey/path-stats.ts';
import type { ExpectedPath, StepEdit } from '#lib/model/expected-path.ts';
import { checkAgain, forgetMissing } from '#lib/store/journeys/deviations.ts';
import { countPaths, lockLearning, MOST_PATHS, readEdits, savePath, saveVersion } from '#lib/store/journeys/expected-paths.ts';
import { readLearnedTo, writeLearnedTo } from '#lib/store/journeys/learned-to.ts';
import { readReferences } from '#lib/store/journeys/members.ts';
import { type FinishedRow, readChanges, readFinished } from '#lib/store/journeys/read-finished.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { gatherJourneys } from './gather-journeys.ts';
import { entryTypeOf } from './judge-paths.ts';
import { loadProgress } from './resolve-journeys.ts';

/** A journey is learned from when nothing has come of it for so long: late spans have had their time. */
const SETTLED_MS = 30_000;
const FIRST_LOOK_BACK_MS = 24 * 3_600_000;
/** Of one round. */
const SAMPLE = { looked: 5_000, each: 50, all: 300 };
const JOURNEYS_AT_A_TIME = 50;
const GATHER = { spans: 20_000, rounds: 8 };
const MOST_REFERENCES = 20_000;
/** Journeys whose figures are made anew where what is expected of them has changed. */
const RECHECK = { withinMs: 3_600_000, most: 300 };

export interface LearnedPaths {
  journeys: number;
  paths: number;
  /** Paths that began a new version. */
  versions: number;
}

/**
 * One round of learning: journeys that ended well since the last round, sampled evenly over their entry types, are added to what is known of their paths.
 * What was learned and how far that was read are written together, so that no journey counts twice.
 */
export async function learnPaths(store: Store, now: Date): Promise<LearnedPaths> {
  const until = new Date(now.getTime() - SETTLED_MS);
  const oldest = new Date(now.getTime() - FIRST_LOOK_BACK_MS);
  const known = await readLearnedTo(store);
  const after = known === null || known < oldest ? oldest : known;
  if (after >= until) return { journeys: 0, paths: 0, versions: 0 };
  const finished = await readFinished(store, after, until, SAMPLE);
  const changes = (await readChanges(store, after, now)).map(({ at, words, service }) => ({ atMs: at.getTime(), words, service }));
  const byType = new Map<string, FinishedJourney[]>();
  for (let first = 0; first < finished.length; first += JOURNEYS_AT_A_TIME) await measure(store, finished.slice(first, first + JOURNEYS_AT_A_TIME), byType);

  return store.transaction(async (tx) => {
    const learned: LearnedPaths = { journeys: 0, paths: 0, versions: 0 };
    // One order of locks for everybody.
    const types = [...byType.keys()].sort();
    const before = await lockLearning(tx, types);
    const edits = await readEdits(tx, types);
    let room = MOST_PATHS - (await countPaths(tx));
    for (const type of types) {
      const old = before.get(type) ?? null;
      if (old === null && room-- <= 0) continue;
      const journeys = byType.get(type)!;
      const { learning, closed } = learnPath(old?.learning ?? null, type, journeys, changes, now.getTime());
      const path = derivePath(statsIn(learning), learning, old?.path ?? null);
      await savePath(tx, learning, path, now);
      if (closed !== null) {
        const { version, sinceMs, untilMs, why, shift, stats } = closed;
        await saveVersion(tx, type, { version, since: new Date(sinceMs), until: new Date(untilMs), why, shift, path: derivePath(stats, { entryType: type, version, sinceMs }) });
        learned.versions++;
      }
      await expectAnew(tx, old?.path ?? null, path, edits.get(type) ?? [], edits.get(type) ?? [], now);
      learned.paths++;
      learned.journeys += journeys.length;
    }
    await writeLearnedTo(tx, until);
    return learned;
  });
}

/** Reads journeys and measures what they did; one that can't be read whole at once is left out. */
async function measure(store: Store, finished: readonly FinishedRow[], byType: Map<string, FinishedJourney[]>): Promise<void> {
  const references = await readReferences(store, finished.map((row) => row.id), MOST_REFERENCES);
  const { graphs, members, partial } = await gatherJourneys(store, { references: references.map((each) => each.ref) }, GATHER);
  if (partial || references.length === MOST_REFERENCES) {
    if (finished.length > 1) for (const row of finished) await measure(store, [row], byType);
    return;
  }
  const wanted = new Set(finished.map((row) => row.id));
  const progress = await loadProgress(store, graphs);
  for (const graph of graphs) {
    const id = graph.references.map((reference) => members.get(reference)).find((each) => each !== undefined && wanted.has(each));
    const type = entryTypeOf(graph);
    if (id === undefined || type === null) continue;
    wanted.delete(id);
    const journey = { startMs: Number(graph.startNs / 1_000_000n), stats: statsOf(addCommittedGroups(graph, progress.records)) };
    const list = byType.get(type);
    if (list === undefined) byType.set(type, [journey]);
    else list.push(journey);
  }
}

/** Brings the noted figures of journeys into line with what is expected of them now. */
export async function expectAnew(tx: Statements, before: ExpectedPath | null, after: ExpectedPath, editsBefore: readonly StepEdit[], editsAfter: readonly StepEdit[], now: Date): Promise<void> {
  const was = required(before, editsBefore);
  const is = required(after, editsAfter);
  const dropped = [...was.keys()].filter((step) => !is.has(step));
  const changed = [...is].some(([step, times]) => was.get(step) !== times);
  await forgetMissing(tx, after.entryType, dropped);
  if (changed) await checkAgain(tx, after.entryType, new Date(now.getTime() - RECHECK.withinMs), now, RECHECK.most);
}

function required(path: ExpectedPath | null, edits: readonly StepEdit[]): Map<string, number> {
  if (path === null || path.journeys < ENOUGH_JOURNEYS) return new Map();
  return new Map(withEdits(path, edits).steps.flatMap((step) => (step.required > 0 ? [[step.id, step.required] as const] : [])));
}
