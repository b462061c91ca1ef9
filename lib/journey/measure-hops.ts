import type { StepName } from '#lib/model/expected-path.ts';
import { type Edge, EVIDENCE_BY_STRENGTH, type Hop, type JourneyGraph } from '#lib/model/journey.ts';

/** A hop as a step of a path. */
export interface MeasuredHop {
  hop: Hop;
  step: StepName;
  /** How often the step had happened before in this journey; null: it failed, and is no step done. */
  occurrence: number | null;
  /** From the journey's start, ms; null where no time is known. */
  sinceStartMs: number | null;
  /** "step id#occurrence" of what caused it. */
  cause: string | null;
  /** From the start of its cause to its own end, ms: waiting and handling. null where either is not known. */
  afterMs: number | null;
}

/** What a hop's deed is called, whichever event it was done for; null for hops that are no steps. */
export function stepOf(hop: Pick<Hop, 'kind' | 'service' | 'group' | 'topic'>): StepName | null {
  if (hop.kind !== 'send' && hop.kind !== 'process') return null;
  const { kind, service, topic } = hop;
  const group = kind === 'process' ? hop.group : null;
  return { id: `${kind} ${service ?? group ?? '?'} ${topic ?? '?'}`, kind, service, group, topic };
}

/** A failed hop is no step done. One that put its record on a retry topic is: what came of it is told by the hops from there. */
export function hasFailed(hop: Pick<Hop, 'error' | 'uncertain' | 'deferredTo'>): boolean {
  return hop.error !== null && !hop.uncertain && hop.deferredTo === null;
}

/** A journey's publications and handlings in their order, with what caused each and how long that took. Pure. */
export function measureHops(graph: Pick<JourneyGraph, 'hops' | 'edges' | 'startNs'>): MeasuredHop[] {
  const byId = new Map(graph.hops.map((hop) => [hop.id, hop]));
  const causes = causesOf(graph.edges);
  const counts = new Map<string, number>();
  const names = new Map<string, string>();
  const measured: MeasuredHop[] = [];
  for (const hop of graph.hops) {
    const step = stepOf(hop);
    if (step === null) continue;
    const failed = hasFailed(hop);
    const before = counts.get(step.id) ?? 0;
    names.set(hop.id, `${step.id}#${before}`);
    if (!failed) counts.set(step.id, before + 1);
    measured.push({ hop, step, occurrence: failed ? null : before, sinceStartMs: hasTime(hop) ? ms(hop.startNs - graph.startNs) : null, cause: null, afterMs: null });
  }
  for (const each of measured) {
    const cause = byId.get(causes.get(each.hop.id) ?? '');
    if (cause === undefined) continue;
    each.cause = names.get(cause.id) ?? null;
    if (each.cause !== null && hasTime(cause) && hasTime(each.hop)) each.afterMs = ms(each.hop.startNs + each.hop.durationNs - cause.startNs);
  }
  return measured;
}

/** A group that is known by its commits alone passed at a time nobody knows. */
export function hasTime(hop: Hop): boolean {
  return hop.knownBy !== 'commits';
}

/** What each hop came of: of several edges the one with the strongest evidence. */
function causesOf(edges: readonly Edge[]): Map<string, string> {
  const best = new Map<string, { from: string; rank: number }>();
  for (const edge of edges) {
    const rank = Math.min(EVIDENCE_BY_STRENGTH.length, ...edge.evidence.map((each) => EVIDENCE_BY_STRENGTH.indexOf(each.kind)));
    const known = best.get(edge.to);
    if (known === undefined || rank < known.rank || (rank === known.rank && edge.from < known.from)) best.set(edge.to, { from: edge.from, rank });
  }
  return new Map([...best].map(([to, { from }]) => [to, from]));
}

function ms(ns: bigint): number {
  return Math.max(0, Number(ns / 1_000n) / 1_000);
}
