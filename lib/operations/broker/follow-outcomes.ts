import { partitionKey, type ReplayPort } from '#lib/brokers/port-replay.ts';
import { formatDeadLetterId, formatReplayRef, MAX_FAILED_GENERATIONS, type LogPosition, type ReplayItemState } from '#lib/model/replay.ts';
import { decideOutcome, type GroupFacts, judgedRef, type OutcomeDecision, type RetrySuccessor, type Successor } from '#lib/replay/decide-outcome.ts';
import {
  findProcessSpans,
  findSuccessors,
  openItems,
  parkExhausted,
  readPositions,
  replaysToFollow,
  saveOutcomes,
  targetCommits,
  type OpenItem,
  type OutcomeToSave,
} from '#lib/store/replays/follow-items.ts';
import { findRetrySuccessors, type RetrySuccessorRow } from '#lib/store/retry-records/find-retry-successors.ts';
import type { Store } from '#lib/store/store.ts';

const MAX_REPLAYS = 50;
const PAGE = 2_000;
/** Items looked at in one run of one replay; the next run goes on behind them. */
const MAX_ITEMS = 20_000;
const NO_CONSUMER_AFTER_MS = 120_000;
const GIVE_UP_AFTER_MS = 7 * 86_400_000;
/** Clocks of the store and the collector may differ by this. */
const CLOCK_SLACK_MS = 2_000;
/** End offsets remembered per cluster, each with the moment before it was taken. */
const MAX_PROBES = 60;

interface Probe {
  /** Commits seen until then lie before these ends. */
  at: Date;
  ends: LogPosition[];
}

/** What is remembered between runs. Lost on a restart, which only delays a proof. */
export interface FollowMemory {
  probes: Map<number, Probe[]>;
  cursors: Map<string, { topicId: number; partition: number; offset: bigint } | null>;
}

export function followMemory(): FollowMemory {
  return { probes: new Map(), cursors: new Map() };
}

export interface FollowFigures {
  replays: number;
  items: number;
  changed: number;
}

/**
 * Follows what became of sent records, one run: reads commits, then the ends of dead-letter and retry topics (in this order: an end taken after a commit
 * was seen holds whatever that consumer put there before it committed), then how far those topics were read, then successors and spans.
 */
export async function followOutcomes(work: { store: Store; brokerOf: (clusterId: number) => ReplayPort; clusterIds: readonly number[]; memory: FollowMemory; now: () => Date; signal: AbortSignal }): Promise<FollowFigures> {
  const { store, memory } = work;
  const figures: FollowFigures = { replays: 0, items: 0, changed: 0 };
  const proven = new Map<number, Date | null>();
  for (const replay of await replaysToFollow(store, work.clusterIds, MAX_REPLAYS)) {
    figures.replays += 1;
    let looked = 0;
    let after = memory.cursors.get(replay.id) ?? null;
    while (looked < MAX_ITEMS && !work.signal.aborted) {
      const items = await openItems(store, replay.id, after, PAGE);
      looked += items.length;
      figures.items += items.length;
      const last = items.at(-1);
      after = last && items.length === PAGE ? { topicId: last.topicId, partition: last.partition, offset: last.offset } : null;
      if (items.length > 0) {
        const commits = await targetCommits(store, replay.clusterId, [...new Set(items.flatMap((one) => one.targetTopic ?? []))]);
        let until = proven.get(replay.clusterId);
        if (until === undefined) proven.set(replay.clusterId, (until = await provenUntil(work, replay.clusterId)));
        figures.changed += await decidePage(work, replay, items, commits, until);
      }
      if (after === null) break;
    }
    memory.cursors.set(replay.id, after);
  }
  return figures;
}

/** Whatever was dead-lettered or put onto a retry topic before this moment has been read; null: nothing is proved yet. */
async function provenUntil(work: { store: Store; brokerOf: (clusterId: number) => ReplayPort; memory: FollowMemory; now: () => Date }, clusterId: number): Promise<Date | null> {
  const at = work.now(); // before the ends are taken
  const first = await readPositions(work.store, clusterId);
  const ends = await work.brokerOf(clusterId).readEndOffsets([...new Set(first.map((one) => one.topic))]);
  const probes = [...(work.memory.probes.get(clusterId) ?? []), { at, ends }].slice(-MAX_PROBES);
  const read = new Map((await readPositions(work.store, clusterId)).map((one) => [partitionKey(one.topic, one.partition), one.nextOffset]));
  const reached = probes.findLastIndex((probe) => probe.ends.every((end) => end.offset === 0n || (read.get(partitionKey(end.topic, end.partition)) ?? -1n) >= end.offset));
  work.memory.probes.set(clusterId, probes.slice(Math.max(0, reached)));
  return reached < 0 ? null : probes[reached]!.at;
}

async function decidePage(work: { store: Store; now: () => Date }, replay: { id: string; clusterId: number }, items: readonly OpenItem[], commits: Awaited<ReturnType<typeof targetCommits>>, proven: Date | null): Promise<number> {
  const { store } = work;
  const placed = items.flatMap((one) => (one.targetTopic !== null && one.sentPartition !== null && one.sentOffset !== null ? [{ topic: one.targetTopic, partition: one.sentPartition, offset: one.sentOffset }] : []));
  const refOf = (one: OpenItem) => formatReplayRef(replay.id, one, one.generation);
  const earliest = items.reduce((least, one) => (one.sentAt < least ? one.sentAt : least), items[0]!.sentAt);
  const [successors, retries] = await Promise.all([findSuccessors(store, replay.clusterId, items.map(refOf), placed), findRetrySuccessors(store, replay.clusterId, items.map(refOf), placed)]);
  const [spans, retryCommits] = await Promise.all([
    findProcessSpans(store, replay.clusterId, earliest, [...placed, ...retries]),
    retries.length === 0 ? [] : targetCommits(store, replay.clusterId, [...new Set(retries.map((one) => one.topic))]),
  ]);
  const at = (topic: string | null, partition: number | null, offset: bigint | null) => `${topic}:${partition}@${offset}`;
  const byRef = Map.groupBy(successors, (one) => one.replayRef ?? '');
  const byOrigin = Map.groupBy(successors, (one) => at(one.originTopic, one.originPartition, one.originOffset));
  const spansAt = Map.groupBy(spans, (one) => at(one.topic, one.partition, one.offset));
  const retriesByRef = Map.groupBy(retries, (one) => one.replayRef ?? '');
  const retriesByOrigin = Map.groupBy(retries, (one) => at(one.originTopic, one.originPartition, one.originOffset));
  const commitsAt = Map.groupBy([...commits, ...retryCommits], (one) => partitionKey(one.topic, one.partition));
  const now = work.now();
  const changed: OutcomeToSave[] = [];
  const failed: { topicId: number; partition: number; offset: bigint }[] = [];

  for (const item of items) {
    const here = at(item.targetTopic, item.sentPartition, item.sentOffset);
    // By its origin only where it arrived after the sending: a topic that was recreated has had another record at that coordinate before.
    const since = item.sentAt.getTime() - CLOCK_SLACK_MS;
    const cameOf = <Row extends { ingestedAt: Date }>(ofRef: ReadonlyMap<string, Row[]>, ofOrigin: ReadonlyMap<string, Row[]>): Row[] => [
      ...new Set([...(ofRef.get(refOf(item)) ?? []), ...(item.sentOffset === null ? [] : (ofOrigin.get(here) ?? []).filter((one) => one.ingestedAt.getTime() >= since))]),
    ];
    const own = cameOf(byRef, byOrigin).filter((one) => !(one.topicId === item.topicId && one.partition === item.partition && one.offset === item.offset));
    const all: Successor[] = [
      ...own.map((one): Successor => ({ kind: 'dead-letter', group: one.group, errorClass: one.errorClass, errorMessage: one.errorMessage, ref: formatDeadLetterId(one) })),
      ...cameOf(retriesByRef, retriesByOrigin).map((one) => retrySuccessor(one, item.originGroup, commitsAt.get(partitionKey(one.topic, one.partition)) ?? [], spansAt.get(at(one.topic, one.partition, one.offset)) ?? [])),
    ];
    const decision = decideOutcome({
      sentOffset: item.sentOffset ?? 0n,
      sentAtMs: item.sentAt.getTime(),
      nowMs: now.getTime(),
      originGroup: item.originGroup,
      groups: item.sentOffset === null ? [] : groupFacts(commitsAt.get(partitionKey(item.targetTopic!, item.sentPartition!)) ?? [], spansAt.get(here) ?? []),
      successors: all,
      caughtUp: caughtUp(item, judgedRef(all), proven),
      noConsumerAfterMs: item.sentOffset === null ? Infinity : NO_CONSUMER_AFTER_MS,
      giveUpAfterMs: GIVE_UP_AFTER_MS,
    });
    const state: ReplayItemState = decision.outcome === 'waiting' ? 'sent' : decision.outcome;
    if (state !== item.state || decision.settled || decision.judged !== item.judged) {
      changed.push({ ...item, before: item.state, state, settled: decision.settled, detail: detailOf(decision) });
      if (state === 'failed-again') failed.push(...own);
    }
  }
  await saveOutcomes(store, replay.id, changed, now);
  await parkExhausted(store, failed, MAX_FAILED_GENERATIONS, now);
  return changed.length;
}

function caughtUp(item: OpenItem, judged: string | null, proven: Date | null): boolean {
  // The run that saw the commit first wrote this down. A commit past an earlier attempt proves nothing of a later one.
  const seenAt = item.state === 'consumed' && item.judged === judged ? item.outcomeAt : null;
  return seenAt !== null && proven !== null && proven >= seenAt;
}

function retrySuccessor(row: RetrySuccessorRow, originGroup: string | null, commits: readonly { group: string; committedOffset: bigint }[], spans: readonly { ok: boolean }[]): RetrySuccessor {
  // Frameworks read retry topics with the group itself, or with one named after it (Spring appends a suffix). Where none fits everybody who reads it counts.
  const related = originGroup === null ? [] : commits.filter((one) => one.group.startsWith(originGroup));
  const readers = related.length > 0 ? related : commits;
  return {
    kind: 'retry',
    group: row.group,
    errorClass: row.errorClass,
    errorMessage: row.errorMessage,
    ref: `${row.topic}:${row.partition}@${row.offset}`,
    writtenAtMs: (row.writtenAt ?? row.ingestedAt).getTime(),
    passed: readers.length > 0 && readers.every((one) => one.committedOffset > row.offset),
    span: spans.some((one) => one.ok) ? 'ok' : spans.length > 0 ? 'error' : null,
  };
}

function groupFacts(commits: readonly { group: string; committedOffset: bigint }[], spans: readonly { group: string | null; ok: boolean }[]): GroupFacts[] {
  const names = new Set([...commits.map((one) => one.group), ...spans.flatMap((one) => one.group ?? [])]);
  const span = (group: string): 'ok' | 'error' | null => {
    // Older instrumentation does not name the group: its span counts for a lone group only.
    const own = spans.filter((one) => one.group === group || (one.group === null && names.size === 1));
    return own.some((one) => one.ok) ? 'ok' : own.length > 0 ? 'error' : null;
  };
  return [...names].map((group) => ({ group, committedOffset: commits.find((one) => one.group === group)?.committedOffset ?? null, span: span(group) }));
}

function detailOf(decision: OutcomeDecision): Record<string, unknown> {
  return { groups: decision.groups, mixed: decision.mixed, error: decision.error, judged: decision.judged };
}
