import type { Hop, JourneyGraph } from '#lib/model/journey.ts';

export interface GivenHop extends Partial<Hop> {
  kind: Hop['kind'];
  service: string | null;
  topic: string;
  atMs: number;
  tookMs?: number;
  /** Place of the hop that caused it. */
  after?: number;
}

/** A journey of these hops, given in their order. */
export function aGraph(given: readonly GivenHop[], startMs = 1_000_000): JourneyGraph {
  const ns = (ms: number) => BigInt(Math.round(ms * 1_000)) * 1_000n;
  const hops = given.map((each, place): Hop => {
    const { atMs, tookMs = 1, after: _, ...hop } = each;
    return {
      id: `h${place}`, knownBy: 'spans', partition: 0, offset: BigInt(place), group: null, traceId: null, spanId: null, startNs: ns(startMs + atMs), durationNs: ns(tookMs), queueNs: null, skewNs: null, error: null, ghost: false,
      attempts: [], uncertain: false, deferredTo: null, messageKey: null, deadLetterId: null, replayId: null, actor: null, outcome: null, ...hop,
    };
  });
  const ends = hops.map((hop) => hop.startNs + hop.durationNs);
  return {
    hops, edges: given.flatMap(({ after }, place) => (after === undefined ? [] : [{ from: `h${after}`, to: `h${place}`, evidence: [{ kind: 'parent' as const, detail: '' }] }])), key: null, keyBy: null, traceIds: [],
    startNs: hops[0]?.startNs ?? 0n, lastNs: ends.reduce((most, end) => (end > most ? end : most), 0n), references: [],
  };
}

/** checkout → order → payment → notification, `slowMs` later at payment. */
export function anOrder({ startMs = 1_000_000, slowMs = 0, without = [] as string[] } = {}): JourneyGraph {
  const hops: GivenHop[] = [
    { kind: 'send', service: 'checkout', topic: 'orders', atMs: 0, tookMs: 5 },
    { kind: 'process', service: 'payment', group: 'payment-group', topic: 'orders', atMs: 20, tookMs: 100 + slowMs, after: 0 },
    { kind: 'send', service: 'payment', topic: 'payments', atMs: 110 + slowMs, tookMs: 5, after: 1 },
    { kind: 'process', service: 'notification', topic: 'payments', atMs: 140 + slowMs, tookMs: 50, after: 2 },
  ];
  const kept = hops.filter((hop) => !without.includes(`${hop.kind} ${hop.service}`));
  // What caused a hop that is left out is left out with it.
  return aGraph(kept.map((hop) => ({ ...hop, ...(hop.after === undefined ? {} : { after: Math.max(0, kept.indexOf(hops[hop.after]!)) }) })), startMs);
}
