import type { Hop, JourneyGraph, JourneyState } from '#lib/model/journey.ts';
import { sayDuration } from './say-duration.ts';

/** What the offsets say of one record: who reads its topic, and how far each has got. */
export interface RecordProgress {
  topic: string;
  partition: number;
  offset: bigint;
  /** When the offsets were read: older than the record, they say nothing of it. */
  observedAtMs: number;
  groups: { name: string; /** null = unknown */ committedOffset: bigint | null }[];
}

export interface JudgeOptions {
  /** How long a record may wait without being called stuck, ms. */
  stuckAfterMs: number;
  /** How long after an error a further attempt may come, ms. */
  retryAfterMs: number;
  /** Topics that exist and that no group has ever read. */
  unreadTopics?: ReadonlySet<string>;
}

export const defaultJudgeOptions: JudgeOptions = { stuckAfterMs: 60_000, retryAfterMs: 60_000 };

export interface Judgement {
  state: JourneyState;
  /** One sentence: subject, state, since when, figure, cause where known. */
  verdict: string;
  /** When the state may change without new facts; null = never. */
  nextCheckAtMs: number | null;
}

/**
 * The state of a journey and the sentence that says it. Pure: `nowMs` is an argument.
 *
 * unknown    nothing that tells
 * in-flight  a record waits, is being handled or retried, or a replay is on its way
 * stuck      a record has waited longer than stuckAfterMs for a group that reads its topic
 * failed     the last attempt of a consumer failed, and nothing followed for retryAfterMs
 * dead-lettered  a dead letter that was not replayed, or failed again
 * replayed   every dead letter was replayed and none failed again
 * done       every published record was handled, or nobody reads it
 */
export function judgeJourney(graph: JourneyGraph, progress: readonly RecordProgress[], nowMs: number, options: JudgeOptions = defaultJudgeOptions): Judgement {
  const { hops } = graph;
  const lastMs = ms(graph.lastNs);
  const again = (state: JourneyState, verdict: string, inMs: number): Judgement => ({ state, verdict, nextCheckAtMs: nowMs + Math.max(1_000, inMs) });

  const letters = hops.filter((hop) => hop.kind === 'dead-letter');
  const replays = hops.filter((hop) => hop.kind === 'replay' && hop.outcome !== 'cancelled' && hop.outcome !== 'refused');
  const open = letters.filter((letter) => !replays.some((replay) => replay.deadLetterId === letter.deadLetterId && letter.deadLetterId !== null && replay.outcome !== 'failed-again'));
  if (open.length > 0) {
    const letter = open.at(-1)!;
    const failedAgain = replays.some((replay) => replay.outcome === 'failed-again');
    const at = failingHop(graph, letter);
    const who = at?.service ?? at?.group ?? letter.service ?? letter.group;
    const cause = letter.error ?? at?.attempts.findLast((attempt) => attempt.error !== null)?.error ?? null;
    return {
      state: 'dead-lettered', nextCheckAtMs: null,
      verdict: `Dead-lettered${who === null || who === undefined ? '' : ` at ${who}`}${failedAgain ? ' again after a replay' : ''}${attemptsText(at)}: the record lies at ${place(letter)}${cause === null ? '' : `. ${short(cause)}`}.`,
    };
  }
  if (letters.length > 0) {
    const replay = replays.at(-1)!;
    const at = failingHop(graph, letters[0]!);
    const who = at?.service ?? letters[0]!.service;
    const handled = hops.filter((hop) => hop.kind === 'process' && hop.startNs >= replay.startNs && hop.topic === replay.topic && hop.offset === replay.offset && hop.partition === replay.partition);
    const failed = handled.find((hop) => hop.error !== null && !hop.uncertain);
    const beginning = `Dead-lettered${who === null ? '' : ` at ${who}`}, replayed by ${replay.actor ?? 'someone'}`;
    if (failed !== undefined) return again('in-flight', `${beginning}; the new attempt at ${failed.service ?? failed.group ?? 'the consumer'} failed: ${short(failed.error!)}. Another may follow.`, 10_000);
    // Other groups read the topic too: what counts is the one whose failure made the dead letter, where that is known.
    const own = at === undefined ? handled[0] : handled.find((hop) => (hop.service !== null && hop.service === at.service) || (hop.group !== null && hop.group === at.group));
    if (own !== undefined || replay.outcome === 'processed') {
      const by = own?.service ?? own?.group;
      return { state: 'replayed', nextCheckAtMs: null, verdict: `${beginning}, and processed${by === undefined || by === null ? '' : ` by ${by}`}.` };
    }
    if (replay.topic === null) return again('in-flight', `${beginning}; the record is not sent yet.`, 5_000);
    return again('in-flight', `${beginning}; it waits at ${place(replay)}${replay.outcome === 'consumed' ? ', its group has committed past it' : ''}.`, 5_000);
  }

  const failed = hops.filter((hop) => hop.kind === 'process' && hop.error !== null && !hop.uncertain && hop.deferredTo === null);
  if (failed.length > 0) {
    const hop = failed.at(-1)!;
    const who = hop.service ?? hop.group ?? 'a consumer';
    const sinceMs = nowMs - ms(lastAttempt(hop));
    if (sinceMs < options.retryAfterMs) return again('in-flight', `${who} failed on ${place(hop)}${attemptsText(hop)}; another attempt may follow. ${short(hop.error!)}.`, options.retryAfterMs - sinceMs);
    return again('failed', `Failed at ${who}${attemptsText(hop)} on ${place(hop)}, ${sayDuration(sinceMs)} ago, and nothing followed. ${short(hop.error!)}.`, 3_600_000);
  }

  const waiting: { hop: Hop; group: string; behind: bigint | null }[] = [];
  const unheard: Hop[] = [];
  const unread: Hop[] = [];
  for (const hop of hops) {
    if (hop.kind !== 'send') continue;
    const readers = hops.filter((other) => other.kind === 'process' && graph.edges.some((edge) => edge.from === hop.id && edge.to === other.id));
    const known = hop.partition === null || hop.offset === null ? undefined
      : progress.find((each) => each.topic === hop.topic && each.partition === hop.partition && each.offset === hop.offset);
    if (known === undefined || known.observedAtMs < ms(hop.startNs)) {
      if (readers.length === 0) (options.unreadTopics?.has(hop.topic ?? '') === true ? unread : unheard).push(hop);
      continue;
    }
    // A group without a commit here may not read this partition at all.
    const behind = known.groups.filter((group) => group.committedOffset !== null && group.committedOffset <= known.offset && !readers.some((reader) => reader.group === group.name || (reader.group === null && reader.service === group.name)));
    // Spans without a group name (kafkajs) stand for as many of the groups, whichever those are.
    const nameless = readers.filter((reader) => reader.group === null && !known.groups.some((group) => group.name === reader.service)).length;
    if (behind.length > nameless) for (const group of behind) waiting.push({ hop, group: group.name, behind: known.offset - group.committedOffset! + 1n });
  }
  if (waiting.length > 0) {
    const [first] = waiting.toSorted((a, b) => (a.hop.startNs < b.hop.startNs ? -1 : 1));
    const waitedMs = nowMs - ms(first!.hop.startNs);
    const what = `${first!.group}, waiting on ${place(first!.hop)}; the group is ${first!.behind} ${first!.behind === 1n ? 'record' : 'records'} away from having passed it`;
    if (waitedMs > options.stuckAfterMs) return again('stuck', `Stuck ${sayDuration(waitedMs)} at ${what}.`, 30_000);
    return again('in-flight', `In flight to ${what}.`, Math.min(options.stuckAfterMs - waitedMs + 1, 10_000));
  }
  if (unheard.length > 0 && nowMs - ms(unheard[0]!.startNs) < options.stuckAfterMs) {
    return again('in-flight', `Published to ${place(unheard.at(-1)!)}; no consumer has been seen yet.`, 5_000);
  }
  const uncertain = hops.find((hop) => hop.uncertain);
  if (uncertain !== undefined) {
    return { state: 'unknown', nextCheckAtMs: null, verdict: `The batch that ${uncertain.service ?? uncertain.group ?? 'a consumer'} was handling failed; whether this record did is not conveyed.` };
  }
  if (hops.length === 0) return { state: 'unknown', verdict: 'No hop is known.', nextCheckAtMs: null };
  if (nowMs - lastMs < 2_000) return again('in-flight', `In flight: ${lastText(hops)}.`, 2_000);
  const retried = hops.filter((hop) => hop.attempts.length > 1 && hop.error === null);
  const deferred = hops.find((hop) => hop.deferredTo !== null);
  const tail = `${unread.length > 0 ? ` Nobody reads ${topicsOf(unread)}.` : ''}${unheard.length > 0 ? ` No consumer of ${topicsOf(unheard)} was seen.` : ''}`;
  const took = sayDuration(Number((graph.lastNs - graph.startNs) / 1_000_000n));
  return { state: 'done', nextCheckAtMs: null, verdict: `Done in ${took}${retried.length > 0 ? `, after ${retried[0]!.attempts.length} attempts at ${retried[0]!.service ?? retried[0]!.group ?? 'a consumer'}` : deferred !== undefined ? `, after a retry by way of ${deferred.deferredTo}` : ''}: ${lastText(hops)}.${tail}` };
}

export interface PathStep {
  text: string;
  kind: Hop['kind'];
  /** Attempts that failed. */
  failed: number;
  ok: boolean;
  ghost: boolean;
  /** How many such steps in a row this one stands for. */
  times: number;
}

/** The one-line path: `shop-api → payment ✕✕✕ → orders.DLT → replay → payment ✓`. What a handler published is shown by who handled it next. */
export function pathOf(graph: Pick<JourneyGraph, 'hops' | 'edges'>): PathStep[] {
  const byId = new Map(graph.hops.map((hop) => [hop.id, hop]));
  const published = new Set(graph.edges.filter((edge) => byId.get(edge.from)?.kind === 'process').map((edge) => edge.to));
  const steps = graph.hops.filter((hop) => hop.kind !== 'send' || !published.has(hop.id)).map((hop): PathStep => ({
    text: hop.kind === 'dead-letter' ? (hop.topic ?? 'dead letter') : hop.kind === 'replay' ? 'replay' : (hop.service ?? hop.group ?? 'unknown'),
    kind: hop.kind,
    failed: Math.max(hop.attempts.filter((attempt) => attempt.error !== null).length, hop.kind === 'process' && hop.error !== null && !hop.uncertain ? hop.attempts.length || 1 : 0),
    ok: hop.kind === 'process' && hop.error === null && !hop.uncertain,
    ghost: hop.ghost,
    times: 1,
  }));
  const path: PathStep[] = [];
  for (const step of steps) {
    const last = path.at(-1);
    if (last !== undefined && last.text === step.text && last.kind === step.kind && last.ok === step.ok && last.ghost === step.ghost && last.failed === 0 && step.failed === 0) last.times++;
    else path.push(step);
  }
  return path;
}

/** The hop whose handling ended in this dead letter. */
function failingHop(graph: JourneyGraph, letter: Hop): Hop | undefined {
  const from = new Set(graph.edges.filter((edge) => edge.to === letter.id).map((edge) => edge.from));
  return graph.hops.find((hop) => hop.kind === 'process' && from.has(hop.id));
}

function attemptsText(hop: Hop | undefined): string {
  return hop !== undefined && hop.attempts.length > 1 ? ` after ${hop.attempts.length} attempts` : '';
}

function place(hop: Hop): string {
  if (hop.topic === null) return 'an unknown place';
  return hop.partition === null || hop.offset === null ? hop.topic : `${hop.topic} p${hop.partition}@${hop.offset}`;
}

function lastText(hops: Hop[]): string {
  const last = hops.findLast((hop) => hop.kind === 'process') ?? hops.at(-1)!;
  if (last.knownBy === 'commits') return `${last.group} has committed past ${place(last)}`;
  return last.kind === 'process' ? `last handled by ${last.service ?? last.group ?? 'an unknown consumer'}` : `last published to ${last.topic}`;
}

function topicsOf(hops: Hop[]): string {
  return [...new Set(hops.map((hop) => hop.topic))].join(', ');
}

function short(text: string): string {
  const line = text.split('\n', 1)[0]!.trim().replace(/[.]$/, '');
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

function lastAttempt(hop: Hop): bigint {
  const last = hop.attempts.at(-1);
  return last === undefined ? hop.startNs + hop.durationNs : last.startNs + last.durationNs;
}

function ms(ns: bigint): number {
  return Number(ns / 1_000_000n);
}
