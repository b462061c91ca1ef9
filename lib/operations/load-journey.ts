import { WaybillError } from '#lib/errors.ts';
import { addCommittedGroups, type RecordCommits } from '#lib/journey/add-committed-groups.ts';
import type { JudgeOptions, RecordProgress } from '#lib/journey/judge-journey.ts';
import type { JourneyGraph } from '#lib/model/journey.ts';
import { findAlias, findById, type JourneyListRow } from '#lib/store/journeys/find-journeys.ts';
import { readReferences } from '#lib/store/journeys/members.ts';
import type { Store } from '#lib/store/store.ts';
import { gatherJourneys } from './gather-journeys.ts';
import { loadProgress } from './resolve-journeys.ts';

const bounds = { spans: 5_000, rounds: 8 };
const mostReferences = 2_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface LoadedJourney {
  id: string;
  /** As the list knows it. */
  row: JourneyListRow;
  /** As its spans, dead letters and replays are now; null where they are gone. */
  graph: JourneyGraph | null;
  progress: { records: (RecordProgress & RecordCommits)[]; options: JudgeOptions };
  /** A bound was met: there may be more hops. */
  partial: boolean;
}

/**
 * Reads one journey whole. An id that was merged into an older one leads there.
 * @throws WaybillError `journey-not-found` 404
 */
export async function loadJourney(store: Store, asked: string): Promise<LoadedJourney> {
  const missing = () => new WaybillError('journey-not-found', `There is no journey ${asked}. Spans are kept for a limited time; its may be gone.`, { status: 404 });
  if (!uuid.test(asked)) throw missing();
  const id = (await findAlias(store, asked)) ?? asked;
  const row = await findById(store, id);
  if (row === null) throw missing();
  const references = (await readReferences(store, [id], mostReferences)).map((each) => each.ref);
  const { graphs, members, partial } = await gatherJourneys(store, { references }, bounds);
  const own = new Set(references);
  const shared = (graph: JourneyGraph) => graph.references.filter((reference) => own.has(reference) && members.get(reference) === id).length;
  const found = graphs.toSorted((a, b) => shared(b) - shared(a))[0];
  const progress = await loadProgress(store, found === undefined ? [] : [found]);
  return { id, row, graph: found === undefined ? null : addCommittedGroups(found, progress.records), progress, partial: partial || references.length === mostReferences };
}
