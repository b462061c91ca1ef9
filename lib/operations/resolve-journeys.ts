import { randomBytes } from 'node:crypto';
import { addCommittedGroups, type RecordCommits } from '#lib/journey/add-committed-groups.ts';
import { defaultJudgeOptions, judgeJourney, type JudgeOptions, type RecordProgress } from '#lib/journey/judge-journey.ts';
import type { JourneyGraph } from '#lib/model/journey.ts';
import { type DeviationRow, saveDeviations } from '#lib/store/journeys/deviations.ts';
import { lockResolving, mergeJourneys, readKeys, writeMembers } from '#lib/store/journeys/members.ts';
import { deletePending, restJourneys } from '#lib/store/journeys/pending.ts';
import { readProgress, readUnreadTopics } from '#lib/store/journeys/read-progress.ts';
import { type JourneyRow, saveJourneys } from '#lib/store/journeys/save-journeys.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { countJourneyHops, type JourneyToCount } from './count-journey-hops.ts';
import { gatherJourneys, type Seeds } from './gather-journeys.ts';
import { loadPathJudge, toDeviation } from './judge-paths.ts';

export interface Resolved {
  journeys: number;
  merged: number;
  partial: boolean;
}

export interface ResolveSeeds extends Seeds {
  /** Rows of journey_pending that these traces settle. */
  pendingIds?: readonly bigint[];
  /** Journeys whose time to be looked at has come; those that have no spans left are not looked at again. */
  dueIds?: readonly string[];
  /** Change nothing where a bound was met: the caller tries again with fewer. */
  orNothing?: boolean;
}

const bounds = { spans: 20_000, rounds: 8 };

/**
 * Brings the stored journeys of some traces or references up to date: new ones get an id, joined ones keep the older id and
 * leave an alias, and each gets its state, verdict and time of its next check. The spans are the truth; running it again
 * changes nothing.
 */
export async function resolveJourneys(store: Store, seeds: ResolveSeeds, now: Date): Promise<Resolved> {
  return store.transaction(async (tx) => {
    // One at a time: two resolvers that met the same new event would give it two ids.
    await lockResolving(tx);
    const { graphs: gathered, members, partial, spans } = await gatherJourneys(tx, seeds, bounds);
    if (partial && seeds.orNothing === true) return { journeys: 0, merged: 0, partial };
    const progress = await loadProgress(tx, gathered);
    const graphs = gathered.map((graph) => addCommittedGroups(graph, progress.records));
    const journeys = await readKeys(tx, [...new Set(members.values())]);
    const paths = await loadPathJudge(tx, graphs, progress.records, now);
    const deviations: DeviationRow[] = [];
    const rows: JourneyRow[] = [];
    const toCount: JourneyToCount[] = [];
    const owned = new Map<string, string>();
    const merges = new Map<string, string>();
    for (const graph of graphs) {
      // A dead letter that names neither its event nor spans anybody sent is on its own screen, not a journey.
      if (graph.key === null && graph.traceIds.length === 0) continue;
      const claimed = [...new Set(graph.references.flatMap((reference) => members.get(reference) ?? []))].filter((id) => !isOther(graph, journeys.get(id), members)).map((id) => merges.get(id) ?? id).toSorted();
      const free = claimed.filter((id) => !rows.some((row) => row.id === id));
      const id = free[0] ?? newJourneyId(graph.startNs);
      for (const other of new Set(free)) if (other !== id) merges.set(other, id);
      const { state, verdict, nextCheckAtMs } = judgeJourney(graph, progress.records, now.getTime(), progress.options);
      // Of a part of a journey nobody can say what is missing.
      const usual = partial ? null : paths.judge(graph);
      if (usual !== null) deviations.push(toDeviation(id, graph, usual));
      const checkAtMs = earlier(nextCheckAtMs, usual?.nextCheckAtMs ?? null);
      const last = graph.hops.at(-1)!;
      rows.push({
        id, clusterId: null, key: graph.key, keyBy: graph.keyBy, state, verdict, entryType: graph.hops[0]!.topic, lastHop: `${last.kind} ${last.service ?? last.group ?? ''} ${last.topic ?? ''}`.trim(),
        hopCount: graph.hops.length, failed: state === 'failed' || state === 'dead-lettered', startedAt: time(graph.startNs), lastActivityAt: time(graph.lastNs),
        nextCheckAt: checkAtMs === null ? null : new Date(checkAtMs), counted: null,
      });
      toCount.push({ id, graph, counted: journeys.get(id)?.counted ?? null });
      for (const reference of graph.references) owned.set(reference, id);
    }
    const counted = await countJourneyHops(tx, toCount, [...merges.keys()].flatMap((id) => journeys.get(id)?.counted ?? []), (hop) => spans.get(`${hop.traceId}:${hop.spanId}`)?.cluster ?? null, now);
    for (const row of rows) row.counted = counted.get(row.id) ?? null;
    await mergeJourneys(tx, [...merges].map(([from, to]) => ({ from, to })));
    await saveJourneys(tx, rows);
    await saveDeviations(tx, deviations, [...merges.keys()]);
    await writeMembers(tx, [...owned].filter(([reference, id]) => (merges.get(members.get(reference) ?? '') ?? members.get(reference)) !== id).map(([ref, journeyId]) => ({ ref, journeyId })), now);
    await deletePending(tx, seeds.pendingIds ?? []);
    await restJourneys(tx, (seeds.dueIds ?? []).filter((id) => !rows.some((row) => row.id === id)));
    return { journeys: rows.length, merged: merges.size, partial };
  });
}

/** Whether a stored journey is of another event: only a weak reference joins them, and their keys under the same attribute differ. */
function isOther(graph: JourneyGraph, journey: { key: string | null; keyBy: string | null } | undefined, members: ReadonlyMap<string, string>): boolean {
  if (journey === undefined || journey.key === null || graph.key === null || journey.keyBy !== graph.keyBy || journey.key === graph.key) return false;
  return !graph.references.some((reference) => reference === `key:${journey.key}` && members.has(reference));
}

/** What the offsets say of the records that were published in these journeys. */
export async function loadProgress(on: Statements, graphs: readonly JourneyGraph[]): Promise<{ records: (RecordProgress & RecordCommits)[]; options: JudgeOptions }> {
  const sends = graphs.flatMap((graph) => graph.hops.filter((hop) => hop.kind === 'send' && hop.topic !== null && hop.partition !== null && hop.offset !== null));
  const rows = await readProgress(on, sends.map((hop) => ({ topic: hop.topic!, partition: hop.partition! })));
  const byPlace = new Map<string, typeof rows>();
  for (const row of rows) {
    const place = `${row.topic}:${row.partition}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), row]);
  }
  const published = new Set(graphs.flatMap((graph) => graph.hops.flatMap((hop) => (hop.kind === 'send' && hop.topic !== null ? [hop.topic] : []))));
  const options = { ...defaultJudgeOptions, unreadTopics: new Set(await readUnreadTopics(on, [...published])) };
  const records = sends.flatMap((hop) => {
    const groups = byPlace.get(`${hop.topic}:${hop.partition}`);
    if (groups === undefined) return [];
    return [{
      topic: hop.topic!, partition: hop.partition!, offset: hop.offset!, observedAtMs: Math.min(...groups.map((group) => group.observedAt?.getTime() ?? 0)),
      groups: groups.map((row) => ({ name: row.group, committedOffset: row.committedOffset, watchedSinceNs: BigInt(row.watchedSince.getTime()) * 1_000_000n })),
    }];
  });
  return { records, options };
}

/** UUID version 7 (RFC 9562) of the event's start: of two journeys that turn out to be one, the older id wins. */
function newJourneyId(startNs: bigint): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Number(startNs / 1_000_000n), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function time(ns: bigint): Date {
  return new Date(Number(ns / 1_000_000n));
}
