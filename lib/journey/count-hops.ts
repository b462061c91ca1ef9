import type { Hop, JourneyGraph } from '#lib/model/journey.ts';
import { classOf } from './time-histogram.ts';

/** Where a hop goes: a service that sends to a topic, or a consumer that handles a topic's record. null = not conveyed. */
export interface HopWay {
  /** Waybill's row id. */
  cluster: number | null;
  kind: 'send' | 'process';
  service: string | null;
  topic: string;
  group: string | null;
}

/** What one hop adds to the figures of its way. */
export interface HopCount {
  way: HopWay;
  /** Minutes since 1970, of its beginning. */
  minute: number;
  /** 1; 0 of what is known from the headers of a dead letter alone: a share of errors needs those that went well too. */
  hops: 0 | 1;
  failed: 0 | 1;
  failedAttempts: number;
  /** It ended as a dead letter; of a publication: it is one. */
  deadLetters: 0 | 1;
  /** Its error may be another record's of its batch: neither failed nor well. */
  uncertain: 0 | 1;
  /** Class of the time in the queue and of the time that all attempts took (time-histogram.ts); null = not known. */
  queueClass: number | null;
  processingClass: number | null;
}

/**
 * What the hops of a journey add to the map: each hop once, by what the journey says of it, whatever spans told of it. Left out is what
 * happened without a span at a time nobody knows (commits of a group), and what Waybill itself sent (a replay). Pure.
 * @param clusterOf the cluster that the hop's span names; null = none
 */
export function countHops(graph: JourneyGraph, clusterOf: (hop: Hop) => number | null): HopCount[] {
  const clusters = clustersByTopic(graph, clusterOf);
  const deadLettered = handledInVain(graph);
  const counts: HopCount[] = [];
  for (const hop of graph.hops) {
    const { topic, service, group } = hop;
    if (topic === null || (service === null && group === null) || hop.knownBy === 'commits' || hop.knownBy === 'ledger') continue;
    const seen = hop.knownBy === 'spans' ? 1 : 0;
    const way = (kind: HopWay['kind']): HopWay => ({ cluster: clusterOf(hop) ?? clusters.get(topic) ?? null, kind, service, topic, group });
    const minute = Number(hop.startNs / 60_000_000_000n);
    if (hop.kind === 'process') {
      const isLost = deadLettered.has(hop.id);
      const uncertain = seen === 1 && hop.error !== null && hop.uncertain && !isLost;
      counts.push({
        way: way('process'), minute, hops: seen, failed: seen === 1 && (isLost || hop.error !== null) && !uncertain ? 1 : 0, failedAttempts: hop.attempts.filter((attempt) => attempt.error !== null).length,
        deadLetters: isLost ? 1 : 0, uncertain: uncertain ? 1 : 0, queueClass: hop.queueNs === null ? null : classOf(toMs(hop.queueNs)),
        processingClass: hop.attempts.length === 0 ? null : classOf(toMs(hop.attempts.reduce((sum, attempt) => sum + attempt.durationNs, 0n))),
      });
      continue;
    }
    const isLetter = hop.kind === 'dead-letter';
    counts.push({
      way: way('send'), minute, hops: seen, failed: !isLetter && hop.error !== null ? 1 : 0, failedAttempts: 0, deadLetters: isLetter ? 1 : 0, uncertain: 0, queueClass: null, processingClass: null,
    });
  }
  return counts;
}

/** The handlings that led to a dead letter: by evidence, or by the event's key where the same service published it. Time order alone tells nothing. */
function handledInVain(graph: JourneyGraph): Set<string> {
  const byId = new Map(graph.hops.map((hop) => [hop.id, hop]));
  const found = new Set<string>();
  for (const { from, to, evidence } of graph.edges) {
    const [handling, letter] = [byId.get(from), byId.get(to)];
    if (handling?.kind !== 'process' || letter?.kind !== 'dead-letter') continue;
    const isOwn = handling.service !== null && handling.service === letter.service;
    if (evidence.some(({ kind }) => kind !== 'inferred' && (kind !== 'correlation' || isOwn))) found.add(from);
  }
  return found;
}

/** A span that does not name its cluster is taken for the one that the others of its journey name with this topic. */
function clustersByTopic(graph: JourneyGraph, clusterOf: (hop: Hop) => number | null): Map<string, number | null> {
  const clusters = new Map<string, number | null>();
  for (const hop of graph.hops) {
    const cluster = clusterOf(hop);
    if (hop.topic === null || cluster === null) continue;
    const known = clusters.get(hop.topic);
    clusters.set(hop.topic, known === undefined || known === cluster ? cluster : null);
  }
  return clusters;
}

function toMs(ns: bigint): number {
  return Number(ns) / 1e6;
}
