import { WaybillError } from '#lib/errors.ts';
import { addCommittedGroups } from '#lib/journey/add-committed-groups.ts';
import { judgeJourney, pathOf } from '#lib/journey/judge-journey.ts';
import type { JourneyGraph } from '#lib/model/journey.ts';
import { findAlias } from '#lib/store/journeys/find-journeys.ts';
import { readReferences } from '#lib/store/journeys/members.ts';
import type { Store } from '#lib/store/store.ts';
import { gatherJourneys } from './gather-journeys.ts';
import { type JourneyWire, journeyStates, toEdgeWire, toHopWire, toMs, toTime } from './journey-wire.ts';
import { loadProgress } from './resolve-journeys.ts';

const bounds = { spans: 5_000, rounds: 8 };
const mostReferences = 2_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * One journey with all its hops, computed from the spans, dead letters and replays as they are now, and judged at `now` with
 * the offsets of the last cycle. An id that was merged into an older one leads there.
 * @throws WaybillError `journey-not-found` 404
 */
export async function followJourney(store: Store, input: { id: string; now: Date }): Promise<JourneyWire> {
  const missing = () => new WaybillError('journey-not-found', `There is no journey ${input.id}. Spans are kept for a limited time; its may be gone.`, { status: 404 });
  if (!uuid.test(input.id)) throw missing();
  const id = (await findAlias(store, input.id)) ?? input.id;
  const row = await store.prisma.journey.findUnique({ where: { id } });
  if (row === null) throw missing();
  const references = (await readReferences(store, [id], mostReferences)).map((each) => each.ref);
  const { graphs, members, partial } = await gatherJourneys(store, { references }, bounds);
  const own = new Set(references);
  const shared = (graph: (typeof graphs)[number]) => graph.references.filter((reference) => own.has(reference) && members.get(reference) === id).length;
  const found = graphs.toSorted((a, b) => shared(b) - shared(a))[0];
  if (found === undefined) {
    // Its spans are gone; what the list knew of it is still true.
    return {
      id, key: row.key, keyBy: row.keyBy, state: journeyStates.find((state) => state === row.state) ?? 'unknown', verdict: row.verdict, startedAt: row.startedAt.toISOString(),
      lastActivityAt: row.lastActivityAt.toISOString(), durationMs: row.lastActivityAt.getTime() - row.startedAt.getTime(), hops: [], edges: [], path: [], traceIds: [], groups: [], partial: true,
    };
  }
  const progress = await loadProgress(store, [found]);
  const graph = addCommittedGroups(found, progress.records);
  const { state, verdict } = judgeJourney(graph, progress.records, input.now.getTime(), progress.options);
  return {
    id, key: graph.key, keyBy: graph.keyBy, state, verdict, startedAt: toTime(graph.startNs), lastActivityAt: toTime(graph.lastNs), durationMs: toMs(graph.lastNs - graph.startNs),
    hops: graph.hops.map((hop) => toHopWire(hop, graph.startNs)), edges: graph.edges.map(toEdgeWire), path: pathOf(graph), traceIds: graph.traceIds, groups: await watchedGroups(store, graph),
    partial: partial || references.length === mostReferences,
  };
}

/** The groups named in a journey; where a span names none, a group called like its service. */
async function watchedGroups(store: Store, graph: JourneyGraph): Promise<JourneyWire['groups']> {
  const names = [...new Set(graph.hops.flatMap((hop) => (hop.kind === 'process' ? [hop.group ?? hop.service ?? []].flat() : [])))];
  if (names.length === 0) return [];
  const [groups, clusters] = await Promise.all([
    store.prisma.consumerGroup.findMany({ where: { name: { in: names }, deletedAt: null }, select: { name: true, status: true, clusterId: true }, take: 50 }),
    store.prisma.cluster.findMany({ select: { id: true, name: true }, take: 64 }),
  ]);
  return groups.flatMap((group) => {
    const cluster = clusters.find((each) => each.id === group.clusterId);
    return cluster === undefined ? [] : [{ name: group.name, cluster: cluster.name, status: group.status }];
  });
}
