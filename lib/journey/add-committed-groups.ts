import type { Hop, JourneyGraph } from '#lib/model/journey.ts';
import { coordinateText } from './references.ts';

/** What the offsets say of one published record. */
export interface RecordCommits {
  topic: string;
  partition: number;
  offset: bigint;
  groups: readonly {
    name: string;
    /** null = unknown */
    committedOffset: bigint | null;
    /** Since when the group's commits on this partition are watched, ns; null = unknown. What it did before is not known. */
    watchedSinceNs: bigint | null;
  }[];
}

/**
 * A group that committed past a record without any span of it is a ghost hop: it passed there, when and with what outcome nobody says. Left out
 * where spans without a group's name may be that group's, and for records from before the group was watched. Pure.
 */
export function addCommittedGroups(graph: JourneyGraph, commits: readonly RecordCommits[]): JourneyGraph {
  const ghosts: { hop: Hop; from: string; detail: string }[] = [];
  for (const send of graph.hops) {
    if (send.kind !== 'send' || send.topic === null || send.partition === null || send.offset === null) continue;
    const { topic, partition, offset } = send;
    const known = commits.find((each) => each.topic === topic && each.partition === partition && each.offset === offset);
    if (known === undefined) continue;
    const handled = graph.hops.filter((hop) => hop.kind === 'process' && hop.topic === topic && ((hop.partition === partition && hop.offset === offset) || graph.edges.some((edge) => edge.from === send.id && edge.to === hop.id)));
    const isOf = (hop: Hop, group: string) => hop.group === group || (hop.group === null && hop.service === group);
    if (handled.some((hop) => hop.group === null && !known.groups.some((group) => group.name === hop.service))) continue;
    for (const { name, committedOffset, watchedSinceNs } of known.groups) {
      if (committedOffset === null || committedOffset <= offset || watchedSinceNs === null || watchedSinceNs > send.startNs || handled.some((hop) => isOf(hop, name))) continue;
      ghosts.push({
        from: send.id, detail: `${name} has committed ${committedOffset}, past ${coordinateText({ topic, partition, offset })}; no span tells of it`,
        hop: {
          id: `o:${topic}:${partition}@${offset}|${name}`, kind: 'process', knownBy: 'commits', service: null, topic, partition, offset, group: name, traceId: null, spanId: null, startNs: send.startNs,
          durationNs: 0n, queueNs: null, skewNs: null, error: null, ghost: true, attempts: [], uncertain: false, deferredTo: null, messageKey: send.messageKey, deadLetterId: null, replayId: null, actor: null, outcome: null,
        },
      });
    }
  }
  if (ghosts.length === 0) return graph;
  const places = new Map(graph.hops.map((hop, place) => [hop.id, place]));
  const after = (hop: Hop): number => places.get(ghosts.find((ghost) => ghost.hop === hop)?.from ?? hop.id)!;
  // Right behind what they read: at which time they did is not known.
  const hops = [...graph.hops, ...ghosts.map((ghost) => ghost.hop)].toSorted((a, b) => after(a) - after(b) || Number(a.knownBy === 'commits') - Number(b.knownBy === 'commits') || (a.id < b.id ? -1 : 1));
  return { ...graph, hops, edges: [...graph.edges, ...ghosts.map(({ from, hop, detail }) => ({ from, to: hop.id, evidence: [{ kind: 'coordinate' as const, detail }] }))] };
}
