import type { AwaitedStep, ExpectedOccurrence, ExpectedPath, ExpectedStep, PathJudgement, SlowHop, StepName } from '#lib/model/expected-path.ts';
import type { JourneyGraph } from '#lib/model/journey.ts';
import type { RecordCommits } from './add-committed-groups.ts';
import { ENOUGH_JOURNEYS, isSameConsumer } from './derive-path.ts';
import { type MeasuredHop, measureHops } from './measure-hops.ts';
import { push } from './order.ts';
import { MOST_OCCURRENCES } from './path-stats.ts';
import { coordinateText } from './references.ts';

/** A hop is not called missing before this long after what it follows, however fast it usually is: spans are sent in batches. */
export const LEAST_ALLOWANCE_MS = 20_000;
/** … nor before this many times the p95 of its time. */
const ALLOWED_P95S = 3;
/** One hop in twenty is over its p95, so one of most journeys: slow is what takes twice that, and noticeably longer. */
const SLOW_FACTOR = 2;
const SLOW_LEAST_MS = 100;
/** Times of fewer journeys than this are no p95. */
const ENOUGH_TIMES = 20;

/** How long to wait for a step whose p95 is this, ms. */
export function allowanceMs(p95Ms: number): number {
  return Math.max(LEAST_ALLOWANCE_MS, ALLOWED_P95S * p95Ms);
}

/**
 * Holds a journey against the path of its entry type. Pure: `nowMs` is an argument.
 * A required step that has not happened is awaited until its time after the hop it follows is over, then missing. A group that committed past a
 * record has passed there, with a span or without.
 * @param commits what the offsets say of published records, by place (commitsByPlace)
 * @returns null where the path was learned from too few journeys
 */
export function judgePath(graph: Pick<JourneyGraph, 'hops' | 'edges' | 'startNs'>, path: ExpectedPath, commits: ReadonlyMap<string, RecordCommits>, nowMs: number): PathJudgement | null {
  if (path.journeys < ENOUGH_JOURNEYS) return null;
  const seen = new Map<string, MeasuredHop[]>();
  const failed = new Set<string>();
  const extra: PathJudgement['extra'] = [];
  const slow: SlowHop[] = [];
  const slowKeys = new Set<string>();
  const startMs = Number(graph.startNs / 1_000_000n);
  for (const measured of measureHops(graph)) {
    const step = findStep(path, measured.step);
    if (measured.occurrence === null) {
      if (step !== null) failed.add(step.id);
      continue;
    }
    if (step === null) {
      if (!path.incomplete) extra.push({ hopId: measured.hop.id, step: measured.step });
      continue;
    }
    const place = seen.get(step.id)?.length ?? 0;
    push(seen, step.id, measured);
    if (step.ignored) continue;
    if (place >= step.occurrences.length && step.occurrences.length > 0 && step.occurrences.length < MOST_OCCURRENCES) extra.push({ hopId: measured.hop.id, step: nameOf(step) });
    const over = howSlow(measured, step.occurrences[place]);
    if (over !== null) {
      slowKeys.add(`${measured.step.id}#${measured.occurrence}`);
      // What a slow handler publishes at its end is late because of the handler, which is told already.
      if (step.kind === 'process' || !slowKeys.has(measured.cause ?? '')) slow.push({ hopId: measured.hop.id, step: nameOf(step), ...over });
    }
  }

  const due = dueTimes(path, seen, startMs);
  const judgement: PathJudgement = { version: path.version, learnedFrom: path.journeys, expected: 0, done: 0, missing: [], awaited: [], unseen: [], extra, slow: slow.toSorted((a, b) => b.overMs - a.overMs), nextCheckAtMs: null };
  for (const step of path.steps) {
    if (step.required === 0) continue;
    const count = seen.get(step.id)?.length ?? 0;
    const unseen = Math.min(Math.max(0, step.required - count), passedUnseen(step, path, graph, commits, seen.get(step.id) ?? []));
    for (let passed = 0; passed < unseen; passed++) judgement.unseen.push(nameOf(step));
    judgement.expected += step.required;
    judgement.done += Math.min(step.required, count + unseen);
    if (count + unseen >= step.required) continue;
    const first = due(step, count + unseen);
    const cause = causeOf(path, step, count + unseen);
    const awaited: AwaitedStep = {
      step: nameOf(step), seen: count + unseen, required: step.required, dueMs: first.atMs, after: cause === null ? null : cause.step.id, behind: first.behind, failed: failed.has(step.id),
    };
    if (nowMs >= awaited.dueMs) judgement.missing.push(awaited);
    else judgement.awaited.push(awaited);
  }
  // Where the path breaks off comes first.
  judgement.missing.sort((a, b) => Number(a.behind) - Number(b.behind));
  const next = judgement.awaited.map((each) => each.dueMs);
  judgement.nextCheckAtMs = next.length === 0 ? null : Math.min(...next);
  return judgement;
}

/** The commits of published records by where those lie. */
export function commitsByPlace(records: readonly RecordCommits[]): Map<string, RecordCommits> {
  return new Map(records.map((record) => [coordinateText(record), record]));
}

/** The step that a hop is; null where the path has none such. */
export function findStep(path: Pick<ExpectedPath, 'steps'>, name: StepName): ExpectedStep | null {
  return (
    path.steps.find((step) => step.id === name.id) ??
    (name.kind !== 'process' ? null : (path.steps.find((step) => (name.service === null ? isSameConsumer(step, name) : step.service === null && isSameConsumer(name, step))) ?? null))
  );
}

function nameOf({ id, kind, service, group, topic }: StepName): StepName {
  return { id, kind, service, group, topic };
}

/** By how much a hop took longer than it usually does after what caused it. */
function howSlow({ afterMs, cause }: MeasuredHop, occurrence: ExpectedOccurrence | undefined): Omit<SlowHop, 'hopId' | 'step'> | null {
  const usual = occurrence?.after.find((each) => each.cause === cause);
  if (afterMs === null || usual === undefined || usual.journeys < ENOUGH_TIMES) return null;
  const overMs = afterMs - usual.p95Ms;
  return overMs >= SLOW_LEAST_MS && afterMs >= SLOW_FACTOR * usual.p95Ms ? { tookMs: afterMs, p50Ms: usual.p50Ms, p95Ms: usual.p95Ms, overMs } : null;
}

function causeOf(path: ExpectedPath, step: ExpectedStep, place: number): { step: ExpectedStep; place: number; p95Ms: number } | null {
  const usual = step.occurrences[place]?.after[0];
  if (usual === undefined) return null;
  const at = usual.cause.lastIndexOf('#');
  const cause = path.steps.find((other) => other.id === usual.cause.slice(0, at));
  return cause === undefined ? null : { step: cause, place: Number(usual.cause.slice(at + 1)), p95Ms: usual.p95Ms };
}

/** When the time of a step that has not happened is over: counted from what it follows, or from when that should have happened. */
function dueTimes(path: ExpectedPath, seen: ReadonlyMap<string, MeasuredHop[]>, startMs: number): (step: ExpectedStep, place: number) => { atMs: number; behind: boolean } {
  const due = (step: ExpectedStep, place: number, trail: readonly string[]): { atMs: number; behind: boolean } => {
    const byStart = startMs + allowanceMs(step.occurrences[place]?.sinceStartP95Ms ?? path.durationP95Ms);
    const cause = causeOf(path, step, place);
    const name = `${step.id}#${place}`;
    if (cause === null || trail.includes(name)) return { atMs: byStart, behind: false };
    const hop = seen.get(cause.step.id)?.[cause.place];
    if (hop !== undefined) return { atMs: hop.sinceStartMs === null ? byStart : startMs + hop.sinceStartMs + allowanceMs(cause.p95Ms), behind: false };
    return { atMs: due(cause.step, cause.place, [...trail, name]).atMs + allowanceMs(cause.p95Ms), behind: true };
  };
  return (step, place) => due(step, place, []);
}

/** Records of this journey that the step's group committed past without a hop that tells of it. */
function passedUnseen(step: ExpectedStep, path: ExpectedPath, graph: Pick<JourneyGraph, 'hops'>, commits: ReadonlyMap<string, RecordCommits>, hops: readonly MeasuredHop[]): number {
  if (step.kind !== 'process') return 0;
  const told = new Set(hops.map(({ hop }) => `${hop.partition}@${hop.offset}`));
  const others = new Set(path.steps.flatMap((other) => (other.kind === 'process' && other !== step ? [other.group, other.service] : [])));
  const isOwn = (group: string) => group === step.group || group === step.service || (step.group === null && !others.has(group));
  return graph.hops.filter((send) => {
    if (send.kind !== 'send' || send.topic !== step.topic || send.partition === null || send.offset === null || told.has(`${send.partition}@${send.offset}`)) return false;
    const record = commits.get(coordinateText({ topic: send.topic!, partition: send.partition, offset: send.offset }));
    return record?.groups.some((group) => isOwn(group.name) && group.committedOffset !== null && group.committedOffset > send.offset! && group.watchedSinceNs !== null && group.watchedSinceNs <= send.startNs) ?? false;
  }).length;
}
