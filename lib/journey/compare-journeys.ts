import type { ExpectedPath } from '#lib/model/expected-path.ts';
import type { Hop, JourneyGraph } from '#lib/model/journey.ts';
import { findStep } from './judge-path.ts';
import { hasFailed, measureHops, stepOf } from './measure-hops.ts';
import { push } from './order.ts';
import { sayDuration } from './say-duration.ts';

export interface ComparedSide {
  hopId: string | null;
  /** From the start, ms; null = unknown. Of a usual path the median. */
  atMs: number | null;
  /** Waiting and handling after what caused it, ms; null = unknown. Of a usual path the median. */
  tookMs: number | null;
  /** Of a usual path. */
  p95Ms: number | null;
  share: number | null;
  required: boolean;
  failed: boolean;
}

export type Difference = 'same' | 'only-left' | 'only-right' | 'slower' | 'faster' | 'outcome' | 'unknown';

export interface ComparedHop {
  /** "process payment-service orders#1": the second time. */
  key: string;
  kind: Hop['kind'];
  who: string;
  topic: string | null;
  /** 1 for the first. */
  times: number;
  left: ComparedSide | null;
  right: ComparedSide | null;
  difference: Difference;
  /** By how much the left one took longer; null where that is not known. */
  byMs: number | null;
  words: string;
}

/** Two times are worth a word where they differ by half and by more than a person would notice. */
const NOTICED = { factor: 1.5, leastMs: 50 };
/** A usual path shows branches that at least every second journey takes. */
const USUAL_SHARE = 0.5;

interface Line {
  key: string;
  kind: Hop['kind'];
  who: string;
  topic: string | null;
  times: number;
  side: ComparedSide;
}

/** A journey beside another one, hop by hop. Pure. */
export function compareWithJourney(left: JourneyGraph, right: JourneyGraph): ComparedHop[] {
  return align(linesOf(left, null), linesOf(right, null)).map(({ left: one, right: other }) => {
    const line = (one ?? other)!;
    const row = { ...head(line), left: one?.side ?? null, right: other?.side ?? null, byMs: null };
    if (one === null) return { ...row, difference: 'only-right', words: 'only in the other journey' };
    if (other === null) return { ...row, difference: 'only-left', words: `only in this journey${one.side.failed ? ', where it failed' : ''}` };
    if (one.side.failed !== other.side.failed) return { ...row, difference: 'outcome', words: one.side.failed ? 'failed here, done in the other' : 'done here, failed in the other' };
    const [a, b] = [one.side.tookMs, other.side.tookMs];
    if (a === null || b === null) return one.side.atMs === 0 ? { ...row, difference: 'same', words: 'begins the journey' } : { ...row, difference: 'unknown', words: 'times not known' };
    const noticed = Math.abs(a - b) >= NOTICED.leastMs && Math.max(a, b) >= NOTICED.factor * Math.min(a, b);
    return { ...row, byMs: a - b, difference: !noticed ? 'same' : a > b ? 'slower' : 'faster', words: !noticed ? 'about the same' : `${sayDuration(Math.abs(a - b))} ${a > b ? 'slower' : 'faster'} here` };
  });
}

/** A journey beside the usual path of its entry type. Pure. */
export function compareWithUsual(journey: JourneyGraph, path: ExpectedPath): ComparedHop[] {
  const usual = path.steps.filter((step) => !step.ignored).flatMap((step) =>
    (step.occurrences.length > 0 ? step.occurrences : [{ share: step.share, sinceStartP50Ms: null, sinceStartP95Ms: null, after: [] }]).map((occurrence, place): Line => ({
      key: `${step.id}#${place}`, kind: step.kind, who: step.service ?? step.group ?? 'unknown', topic: step.topic, times: place + 1,
      side: { hopId: null, atMs: occurrence.sinceStartP50Ms, tookMs: occurrence.after[0]?.p50Ms ?? null, p95Ms: occurrence.after[0]?.p95Ms ?? null, share: occurrence.share, required: place < step.required, failed: false },
    })),
  );
  const own = linesOf(journey, path);
  const had = new Set(own.map((line) => line.key));
  const shown = usual.filter((line) => had.has(line.key) || line.side.required || (line.side.share ?? 0) >= USUAL_SHARE).toSorted((a, b) => (a.side.atMs ?? Infinity) - (b.side.atMs ?? Infinity) || 0);
  return align(own, shown).map(({ left: one, right: other }) => {
    const row = { ...head((one ?? other)!), left: one?.side ?? null, right: other?.side ?? null, byMs: null };
    if (one === null) return { ...row, difference: 'only-right', words: `not in this journey; ${percent(other!.side.share)} of journeys have it${other!.side.required ? ', and it is expected' : ''}` };
    if (other === null) return { ...row, difference: 'only-left', words: one.side.failed ? 'failed; no hop of the usual path' : 'not on the usual path' };
    if (one.side.failed) return { ...row, difference: 'outcome', words: 'failed here' };
    const { tookMs } = one.side;
    if (tookMs === null || other.side.p95Ms === null || other.side.tookMs === null) return one.side.atMs === 0 ? { ...row, difference: 'same', words: 'begins the journey' } : { ...row, difference: 'unknown', words: 'times not known' };
    const overMs = tookMs - other.side.p95Ms;
    return overMs > 0 ? { ...row, byMs: tookMs - other.side.tookMs, difference: 'slower', words: `${sayDuration(overMs)} over its p95` } : { ...row, byMs: tookMs - other.side.tookMs, difference: 'same', words: 'as usual' };
  });
}

/** The differences that a person would name first. */
export function nameDifferences(rows: readonly ComparedHop[], most = 5): string[] {
  const rank: Record<Difference, number> = { outcome: 0, 'only-right': 1, 'only-left': 2, slower: 3, faster: 4, unknown: 5, same: 6 };
  // What a slow handler publishes at its end is late because of the handler, which is named already.
  const told = new Set(rows.flatMap((row) => (row.kind === 'process' && row.byMs !== null ? [`${row.who} ${row.difference}`] : [])));
  return rows
    .filter((row) => row.difference !== 'same' && row.difference !== 'unknown' && !(row.kind === 'send' && row.byMs !== null && told.has(`${row.who} ${row.difference}`)))
    .toSorted((a, b) => rank[a.difference] - rank[b.difference] || Math.abs(b.byMs ?? 0) - Math.abs(a.byMs ?? 0))
    .slice(0, most)
    .map((row) => `${row.who} ${row.kind === 'send' ? 'to' : row.kind === 'process' ? 'on' : row.kind.replaceAll('-', ' ')} ${row.topic ?? 'an unknown topic'}${row.times > 1 ? ` (${ordinal(row.times)} time)` : ''}: ${row.words}`);
}

function head({ key, kind, who, topic, times }: Line): Pick<ComparedHop, 'key' | 'kind' | 'who' | 'topic' | 'times'> {
  return { key, kind, who, topic, times };
}

/** All hops in their order; a name that comes again counts up. With a path, a consumer known by its group alone takes the name it has there. */
function linesOf(graph: JourneyGraph, path: ExpectedPath | null): Line[] {
  const times = new Map(measureHops(graph).map((measured) => [measured.hop.id, measured]));
  const counts = new Map<string, number>();
  return graph.hops.map((hop) => {
    const step = stepOf(hop);
    const named = (step !== null && path !== null ? findStep(path, step) : null) ?? step;
    const who = hop.kind === 'replay' ? (hop.actor ?? 'someone') : (named?.service ?? hop.service ?? hop.group ?? 'unknown');
    const id = named?.id ?? `${hop.kind} ${who} ${hop.topic ?? '?'}`;
    const place = counts.get(id) ?? 0;
    counts.set(id, place + 1);
    const measured = times.get(hop.id);
    const atMs = hop.knownBy === 'commits' ? null : Math.max(0, Number((hop.startNs - graph.startNs) / 1_000n) / 1_000);
    return { key: `${id}#${place}`, kind: hop.kind, who, topic: hop.topic, times: place + 1, side: { hopId: hop.id, atMs, tookMs: measured?.afterMs ?? null, p95Ms: null, share: null, required: false, failed: hop.kind === 'dead-letter' ? false : hasFailed(hop) } };
  });
}

/** Side by side in the left one's order; what only the right one has stands behind what it follows there. */
function align(left: readonly Line[], right: readonly Line[]): { left: Line | null; right: Line | null }[] {
  const places = new Map(left.map((line, place) => [line.key, place]));
  const behind = new Map<number, Line[]>();
  const same = new Map<string, Line>();
  let last = -1;
  for (const line of right) {
    const place = places.get(line.key);
    if (place === undefined) push(behind, last, line);
    else {
      same.set(line.key, line);
      last = place;
    }
  }
  const only = (place: number) => (behind.get(place) ?? []).map((line) => ({ left: null, right: line }));
  return [...only(-1), ...left.flatMap((line, place) => [{ left: line, right: same.get(line.key) ?? null }, ...only(place)])];
}

function ordinal(times: number): string {
  return ['', '1st', '2nd', '3rd'][times] ?? `${times}th`;
}

function percent(share: number | null): string {
  return share === null ? 'an unknown share' : `${share >= 0.9995 ? '100' : share > 0.99 ? '99' : String(Math.round(share * 100))} %`;
}
