import { partitionKey, type ReplayPort } from '#lib/brokers/port-replay.ts';
import { formatDeadLetterId, formatReplayRef, MAX_FAILED_GENERATIONS, type LogPosition, type ReplayItemState } from '#lib/model/replay.ts';
import { decideOutcome, type GroupFacts, type OutcomeDecision, type Successor } from '#lib/replay/decide-outcome.ts';
import {
  findProcessSpans,
  findSuccessors,
  openItems,
  parkExhausted,
  readTopics,
  replaysToFollow,
  saveOutcomes,
  targetCommits,
  type OpenItem,
  type OutcomeToSave,
} from '#lib/store/replays/follow-items.ts';
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
 * Follows what became of sent records, one run: reads commits, then the ends of dead-letter topics (in this order: an end taken after a commit was
 * seen holds whatever that consumer dead-lettered before it committed), then how far those topics are indexed, then successors and spans.
 */
export async function followOutcomes(work: { store: Store; brokerOf: (clusterId: number) => ReplayPort; clusterIds: readonly number[]; memory: FollowMemory; now: () => Date; signal: AbortSignal }): Promise<FollowFigures> {
  const { store, memory } = work;
  const figures: FollowFigures = { replays: 0, items: 0, changed: 0 };
  const proven = new Map<number, ProvenUntil>();
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
        if (!until) proven.set(replay.clusterId, (until = await proveDeadLetters(work, replay.clusterId)));
        figures.changed += await decidePage(work, replay, items, commits, until);
      }
      if (after === null) break;
    }
    memory.cursors.set(replay.id, after);
  }
  return figures;
}

interface ProvenUntil {
  /** Whatever was dead-lettered before this moment is indexed; null: nothing is proved yet. */
  at: Date | null;
  retryTopics: string[];
}

async function proveDeadLetters(work: { store: Store; brokerOf: (clusterId: number) => ReplayPort; memory: FollowMemory; now: () => Date }, clusterId: number): Promise<ProvenUntil> {
  const at = work.now(); // before the ends are taken
  const first = await readTopics(work.store, clusterId);
  const ends = await work.brokerOf(clusterId).readEndOffsets([...new Set(first.deadLetter.map((one) => one.topic))]);
  const probes = [...(work.memory.probes.get(clusterId) ?? []), { at, ends }].slice(-MAX_PROBES);
  const { deadLetter, retry } = await readTopics(work.store, clusterId);
  const read = new Map(deadLetter.map((one) => [partitionKey(one.topic, one.partition), one.nextOffset]));
  const reached = probes.findLastIndex((probe) => probe.ends.every((end) => end.offset === 0n || (read.get(partitionKey(end.topic, end.partition)) ?? -1n) >= end.offset));
  work.memory.probes.set(clusterId, probes.slice(Math.max(0, reached)));
  return { at: reached < 0 ? null : probes[reached]!.at, retryTopics: retry };
}

async function decidePage(work: { store: Store; now: () => Date }, replay: { id: string; clusterId: number }, items: readonly OpenItem[], commits: Awaited<ReturnType<typeof targetCommits>>, proven: ProvenUntil): Promise<number> {
  const { store } = work;
  const placed = items.flatMap((one) => (one.targetTopic !== null && one.sentPartition !== null && one.sentOffset !== null ? [{ topic: one.targetTopic, partition: one.sentPartition, offset: one.sentOffset }] : []));
  const refOf = (one: OpenItem) => formatReplayRef(replay.id, one, one.generation);
  const earliest = items.reduce((least, one) => (one.sentAt < least ? one.sentAt : least), items[0]!.sentAt);
  const [successors, spans] = await Promise.all([findSuccessors(store, replay.clusterId, items.map(refOf), placed), findProcessSpans(store, earliest, placed)]);
  const at = (topic: string | null, partition: number | null, offset: bigint | null) => `${topic}:${partition}@${offset}`;
  const byRef = Map.groupBy(successors, (one) => one.replayRef ?? '');
  const byOrigin = Map.groupBy(successors, (one) => at(one.originTopic, one.originPartition, one.originOffset));
  const spansAt = Map.groupBy(spans, (one) => at(one.topic, one.partition, one.offset));
  const commitsAt = Map.groupBy(commits, (one) => partitionKey(one.topic, one.partition));
  const now = work.now();
  const changed: OutcomeToSave[] = [];
  const failed: { topicId: number; partition: number; offset: bigint }[] = [];

  for (const item of items) {
    const here = at(item.targetTopic, item.sentPartition, item.sentOffset);
    // By its origin only where it arrived after the sending: a topic that was recreated has had another record at that coordinate before.
    const byPlace = item.sentOffset === null ? [] : (byOrigin.get(here) ?? []).filter((one) => one.ingestedAt.getTime() >= item.sentAt.getTime() - CLOCK_SLACK_MS);
    const own = [...new Set([...(byRef.get(refOf(item)) ?? []), ...byPlace])].filter((one) => !(one.topicId === item.topicId && one.partition === item.partition && one.offset === item.offset));
    const decision = decideOutcome({
      sentOffset: item.sentOffset ?? 0n,
      sentAtMs: item.sentAt.getTime(),
      nowMs: now.getTime(),
      originGroup: item.originGroup,
      groups: item.sentOffset === null ? [] : groupFacts(commitsAt.get(partitionKey(item.targetTopic!, item.sentPartition!)) ?? [], spansAt.get(here) ?? []),
      successors: own.map((one): Successor => ({ kind: 'dead-letter', group: one.group, errorClass: one.errorClass, errorMessage: one.errorMessage, ref: formatDeadLetterId(one) })),
      caughtUp: caughtUp(item, proven),
      noConsumerAfterMs: item.sentOffset === null ? Infinity : NO_CONSUMER_AFTER_MS,
      giveUpAfterMs: GIVE_UP_AFTER_MS,
    });
    const state: ReplayItemState = decision.outcome === 'waiting' ? 'sent' : decision.outcome;
    if (state !== item.state || decision.settled) {
      changed.push({ ...item, before: item.state, state, settled: decision.settled, detail: detailOf(decision) });
      if (state === 'failed-again') failed.push(...own);
    }
  }
  await saveOutcomes(store, replay.id, changed, now);
  await parkExhausted(store, failed, MAX_FAILED_GENERATIONS, now);
  return changed.length;
}

// Retry topics of the target are not indexed: where there are some, only a span or a dead letter is proof.
function caughtUp(item: OpenItem, proven: ProvenUntil): boolean | null {
  if (item.targetTopic !== null && proven.retryTopics.some((topic) => topic.includes(item.targetTopic!))) return null;
  const seenAt = item.state === 'consumed' ? item.outcomeAt : null; // the run that saw the commit first wrote this down
  return seenAt !== null && proven.at !== null && proven.at >= seenAt;
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
  return { groups: decision.groups, mixed: decision.mixed, error: decision.error };
}
