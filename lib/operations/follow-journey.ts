import { judgeJourney, pathOf } from '#lib/journey/judge-journey.ts';
import type { JourneyGraph } from '#lib/model/journey.ts';
import type { Store } from '#lib/store/store.ts';
import { toPathJudgementWire } from './expected-path-wire.ts';
import { loadPathJudge } from './judge-paths.ts';
import { type JourneyWire, journeyStates, toEdgeWire, toHopWire, toMs, toTime } from './journey-wire.ts';
import { loadJourney } from './load-journey.ts';

/**
 * One journey with all its hops, computed from the spans, dead letters and replays as they are now, and judged at `now` with
 * the offsets of the last cycle. An id that was merged into an older one leads there.
 * @throws WaybillError `journey-not-found` 404
 */
export async function followJourney(store: Store, input: { id: string; now: Date }): Promise<JourneyWire> {
  const { id, row, graph, progress, partial } = await loadJourney(store, input.id);
  if (graph === null) {
    // Its spans are gone; what the list knew of it is still true.
    return {
      id, key: row.key, keyBy: row.keyBy, state: journeyStates.find((state) => state === row.state) ?? 'unknown', verdict: row.verdict, startedAt: row.startedAt.toISOString(),
      lastActivityAt: row.lastActivityAt.toISOString(), durationMs: row.lastActivityAt.getTime() - row.startedAt.getTime(), hops: [], edges: [], path: [], traceIds: [], groups: [], partial: true, usual: null,
    };
  }
  const { state, verdict } = judgeJourney(graph, progress.records, input.now.getTime(), progress.options);
  const paths = await loadPathJudge(store, [graph], progress.records, input.now);
  // Of a part of a journey nobody can say what is missing.
  const judgement = partial ? null : paths.judge(graph);
  const path = paths.pathOf(graph);
  return {
    id, key: graph.key, keyBy: graph.keyBy, state, verdict, startedAt: toTime(graph.startNs), lastActivityAt: toTime(graph.lastNs), durationMs: toMs(graph.lastNs - graph.startNs),
    hops: graph.hops.map((hop) => toHopWire(hop, graph.startNs)), edges: graph.edges.map(toEdgeWire), path: pathOf(graph), traceIds: graph.traceIds, groups: await watchedGroups(store, graph),
    partial, usual: judgement === null || path === null ? null : toPathJudgementWire(judgement, path),
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
