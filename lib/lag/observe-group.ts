import type { GroupType, LagStatus, SecondsQuality } from '#lib/model/lag.ts';
import { timeOfOffset } from './anchors.ts';
import { type ClusterState, createGroupPartition, type GroupPartitionState, type GroupState, type TopicPartitionState } from './cluster-state.ts';
import { hiddenPartitions } from './hidden-topics.ts';
import { groupStatus, isRebalancing } from './group-status.ts';
import type { CommitsEnded } from './how-commits-ended.ts';
import { lagTrend } from './lag-trend.ts';
import type { CommitSample } from './pack-sample.ts';
import { partitionLag } from './partition-lag.ts';
import { partitionStatus, type StatusTimes } from './partition-status.ts';
import { storedStatus } from './stored-status.ts';

/** One group as a broker adapter reads it; see lib/brokers/port-offsets.ts. */
export interface ReadGroup {
  type: GroupState['type'];
  state: string;
  coordinator: number;
  /** null = could not be read. */
  committed: readonly { topic: string; partitions: readonly number[]; offsets: readonly bigint[]; lags?: readonly (bigint | null)[] }[] | null;
  failure: { message: string } | null;
}

export interface GroupObservation {
  /** Commits that moved, for the packed sample. */
  changed: CommitSample[];
  /** Partitions whose row must be written. */
  dirty: GroupPartitionState[];
  /** Partitions whose row goes: their commits were deleted, or are gone for so long that nobody misses them. */
  forgotten: { topicId: number; partition: number }[];
  /** The group's own row must be written. */
  groupDirty: boolean;
  /** Members began to rearrange since the last reading. */
  rebalanceBegan: boolean;
  clamped: number;
  /** Sum over the partitions that are known; null where none is. */
  lag: bigint | null;
  oldestAt: number | null;
  oldestQuality: SecondsQuality;
  unknownPartitions: number;
  producedPerSecond: number | null;
  consumedPerSecond: number | null;
}

const RATE_SPAN_MS = 60_000;
/** Commits that are gone are told for a day. */
const MISSED_MS = 86_400_000;
/** A longer gap between two readings hides when members left. */
const SEEN_WITHIN_MS = 600_000;
/** Weight of the newest gap in the running mean of how long a group takes to move. */
const GAP_WEIGHT = 0.3;

/**
 * Takes one reading of a group into its state and decides its status. The topics of the cluster must have been observed before, from the same snapshot.
 * @param endingOf what became of commits that are gone; null where that was not looked for
 * A reading that failed leaves every figure as it was and marks it old: never 0.
 */
export function observeGroup(cluster: ClusterState, group: GroupState, read: ReadGroup, times: StatusTimes, readAtMs: number, endingOf: EndingOf = () => null): GroupObservation {
  const changed: CommitSample[] = [];
  const dirty = new Set<GroupPartitionState>();
  const forgotten: GroupObservation['forgotten'] = [];
  let groupDirty = group.type !== read.type || group.state !== read.state || group.coordinator !== read.coordinator;
  // Members change when the state does: they are asked again at once, and not only when their minute is over.
  if (group.state !== read.state) group.describedAt = null;
  const wasMemberless = isMemberless(group.type, group.state);
  const before = cluster.cycleTimes[(cluster.cycle + cluster.cycleTimes.length - 1) % cluster.cycleTimes.length] ?? NaN;
  const hadMembers = group.state !== '' && !wasMemberless && readAtMs - before <= SEEN_WITHIN_MS;
  group.type = read.type;
  group.state = read.state;
  group.coordinator = read.coordinator;
  // The list of groups came from this broker a moment ago: "Empty" is a fact even where the members were described a minute ago.
  const memberless = isMemberless(read.type, read.state);
  if (memberless && group.memberCount !== 0) {
    group.memberCount = 0;
    groupDirty = true;
  }
  // A state that changes is written, and these change with nothing else.
  group.memberlessSince = !memberless ? null : hadMembers ? readAtMs : group.memberlessSince;
  const rebalanceBegan = isRebalancing(read.state) && group.rebalancingSince === null;
  group.rebalancingSince = isRebalancing(read.state) ? (group.rebalancingSince ?? readAtMs) : null;

  const failed = read.committed === null;
  if (failed) {
    const error = read.failure?.message ?? 'The committed offsets were not read.';
    if (group.failedSince === null || group.error !== error) groupDirty = true;
    group.failedSince ??= readAtMs;
    group.error = error;
  } else {
    if (group.failedSince !== null) groupDirty = true;
    group.failedSince = null;
    group.error = null;
    group.lastGoodAt = readAtMs;
  }

  let produced = 0;
  let consumed = 0;
  let rated = false;
  if (read.committed !== null) {
    const seen = new Set<GroupPartitionState>();
    for (const { topic: name, partitions, offsets, lags } of read.committed) {
      const topic = cluster.topics.get(name);
      if (!topic) continue;
      let byPartition = group.partitions.get(topic.id);
      if (!byPartition) group.partitions.set(topic.id, (byPartition = new Map()));
      for (let i = 0; i < partitions.length; i += 1) {
        const number = partitions[i] ?? -1;
        const offset = offsets[i];
        const end = topic.partitions[number];
        if (offset === undefined || !end) continue;
        let state = byPartition.get(number);
        if (!state) byPartition.set(number, (state = createGroupPartition(topic.id, number, readAtMs)));
        seen.add(state);
        const step = observeCommit(state, end, offset, readAtMs, !(memberless && wasMemberless));
        const ahead = acknowledgedAhead(end, offset, lags?.[i]);
        if (ahead !== state.acknowledgedAhead) {
          state.acknowledgedAhead = ahead;
          dirty.add(state);
        }
        if (step.changed) {
          changed.push({ topicId: topic.id, partition: number, committedOffset: offset });
          dirty.add(state);
        }
        if (step.consumed !== null && end.grown !== null && end.grown >= 0n) {
          rated = true;
          consumed += step.consumed;
          produced += Number(end.grown);
        }
      }
    }
    for (const [topicId, byPartition] of group.partitions) {
      const topic = cluster.topicsById.get(topicId);
      if (!topic) {
        // The topic is gone, and its commits with it: not an expiry.
        group.partitions.delete(topicId);
        continue;
      }
      for (const state of byPartition.values()) {
        if (seen.has(state)) continue;
        if (state.committedOffset === null) {
          if (state.vanished && state.status === 'expired' && readAtMs - (state.statusSince ?? readAtMs) >= MISSED_MS) forget(group, state, forgotten);
          continue;
        }
        // Commits in a topic that Waybill may not see are left out of the answer: what can't be read has not vanished.
        if ((topic.partitions[state.partition]?.failedSince ?? null) !== null) continue;
        const waiting = (topic.partitions[state.partition]?.endOffset ?? 0n) > state.committedOffset;
        changed.push({ topicId, partition: state.partition, committedOffset: null });
        const ending = waiting ? endingOf(group, topicId) : null;
        if (!waiting || ending?.how === 'deleted') {
          forget(group, state, forgotten);
          continue;
        }
        if (ending !== null) {
          group.ended = ending;
          groupDirty = true;
        }
        state.previousOffset = state.committedOffset;
        state.committedOffset = null;
        state.acknowledgedAhead = 0n;
        state.vanished = true;
        state.oldestAt = null;
        state.oldestQuality = null;
        dirty.add(state);
      }
    }
  }
  if (rated) {
    group.rates.push({ at: readAtMs, produced, consumed });
    while (group.rates.length > 2 && readAtMs - (group.rates[1]?.at ?? readAtMs) >= RATE_SPAN_MS) group.rates.shift();
  }

  if (group.ended !== null && !failed && !someVanished(group)) {
    group.ended = null;
    groupDirty = true;
  }

  const slot = cluster.cycle % cluster.cycleTimes.length;
  let progressed = false;
  for (const byPartition of group.partitions.values()) {
    for (const state of byPartition.values()) if (state.committedAt !== null && readAtMs - state.committedAt < times.windowMs) progressed = true;
  }

  const counts = new Map<LagStatus, number>();
  let lag: bigint | null = null;
  let oldestAt: number | null = null;
  let oldestQuality: SecondsQuality = 'exact';
  let unknownPartitions = 0;
  let clamped = 0;
  let worstSince: Map<LagStatus, number> | null = null;
  for (const [topicId, byPartition] of group.partitions) {
    const topic = cluster.topicsById.get(topicId);
    for (const state of byPartition.values()) {
      const end = topic?.partitions[state.partition];
      const position = { committedOffset: state.committedOffset, acknowledgedAhead: state.acknowledgedAhead, endOffset: end?.endOffset ?? null, lastStableOffset: end?.lastStableOffset ?? null, logStartOffset: end?.logStartOffset ?? null };
      const figures = partitionLag(position);
      const endFailed = end === undefined || end.failedSince !== null;
      if (figures.clamped && !endFailed && !failed) clamped += 1;
      // Until now nothing waited, in every cycle since it is watched.
      if (figures.lag !== null && figures.lag > 0n) state.window ??= cluster.cycleTimes.map((time) => (time >= state.watchedSince && time < readAtMs ? 0 : NaN));
      if (state.window !== null) state.window[slot] = failed || endFailed || figures.lag === null ? NaN : Number(figures.lag);
      if (!failed && !endFailed && end !== undefined) {
        if (updateOldest(state, end, figures.lag, readAtMs)) dirty.add(state);
      }
      const status = partitionStatus(
        {
          position,
          readFailed: failed || endFailed,
          committedAt: state.committedAt,
          watchedSince: state.watchedSince,
          oldestAt: state.oldestAt,
          rewoundAt: state.rewoundAt,
          endMovedSince: state.endAtCommit !== null && end !== undefined && end.endOffset !== null && end.endOffset > state.endAtCommit,
          vanished: state.vanished,
          commitGapMs: state.commitGapMs,
          trend: failed || endFailed || state.window === null ? 'incomplete' : lagTrend(state.window, cluster.cycleTimes, readAtMs, times.windowMs),
          previous: state.known,
        },
        { memberless, progressed },
        times,
        readAtMs,
      );
      if (status !== state.status) {
        const before = storedStatus(state);
        setStatus(state, status, status === 'stopped' || status === 'stalled' ? Math.max(state.committedAt ?? 0, state.oldestAt ?? 0) || readAtMs : readAtMs);
        const after = storedStatus(state);
        if (after.status !== before.status || after.since !== before.since) dirty.add(state);
      }
      counts.set(status, (counts.get(status) ?? 0) + 1);
      if (status === 'stopped' || status === 'stalled') {
        worstSince ??= new Map();
        worstSince.set(status, Math.min(worstSince.get(status) ?? Infinity, state.statusSince ?? readAtMs));
      }
      if (failed || endFailed) unknownPartitions += 1;
      if (figures.lag !== null) lag = (lag ?? 0n) + figures.lag;
      if (state.oldestAt !== null && (oldestAt === null || state.oldestAt < oldestAt)) {
        oldestAt = state.oldestAt;
        oldestQuality = state.oldestQuality ?? 'unknown';
      }
      if (figures.lag !== null && figures.lag > 0n && state.oldestAt === null && oldestAt === null) oldestQuality = 'unknown';
    }
  }

  // What may not be seen is unknown too, and neither nothing nor caught up.
  const hidden = hiddenPartitions(group.hidden);
  if (hidden > 0 || (cluster.topicsHidden === true && group.partitions.size === 0)) counts.set('unknown', (counts.get('unknown') ?? 0) + Math.max(1, hidden));
  unknownPartitions += hidden;
  const status = groupStatus({ partitions: counts, readFailed: failed, rebalancingSince: group.rebalancingSince, memberless }, readAtMs);
  if (status !== group.status) {
    setStatus(group, status, worstSince?.get(status) ?? (status === 'rebalancing' ? group.rebalancingSince : null) ?? readAtMs);
    groupDirty = true;
  }
  const spanMs = readAtMs - (group.rates[0]?.at ?? readAtMs);
  const hasRates = !failed && group.rates.length >= 2 && spanMs > 0;
  // The first entry only opens the span: what it counted happened before.
  const sum = (key: 'produced' | 'consumed') => group.rates.slice(1).reduce((total, entry) => total + entry[key], 0);
  return {
    changed,
    dirty: [...dirty],
    forgotten,
    groupDirty,
    rebalanceBegan,
    clamped,
    lag,
    oldestAt,
    oldestQuality: lag === null ? 'unknown' : oldestQuality,
    unknownPartitions,
    producedPerSecond: hasRates ? sum('produced') / (spanMs / 1_000) : null,
    consumedPerSecond: hasRates ? sum('consumed') / (spanMs / 1_000) : null,
  };
}

/** What became of a group's commits in a topic. */
export type EndingOf = (group: GroupState, topicId: number) => CommitsEnded | null;

function forget(group: GroupState, { topicId, partition }: GroupPartitionState, forgotten: GroupObservation['forgotten']): void {
  const byPartition = group.partitions.get(topicId);
  byPartition?.delete(partition);
  if (byPartition?.size === 0) group.partitions.delete(topicId);
  forgotten.push({ topicId, partition });
}

function someVanished(group: GroupState): boolean {
  for (const byPartition of group.partitions.values()) for (const state of byPartition.values()) if (state.vanished) return true;
  return false;
}

/** Without members, of a kind that has some. */
function isMemberless(type: GroupType, state: string): boolean {
  return (type === 'classic' || type === 'consumer' || type === 'streams' || type === 'share') && (state === 'Empty' || state === 'Dead');
}

/** @param byMembers false where nobody could have processed anything: the offset was set by hand */
function observeCommit(state: GroupPartitionState, end: TopicPartitionState, offset: bigint, nowMs: number, byMembers: boolean): { changed: boolean; consumed: number | null } {
  const previous = state.committedOffset;
  if (previous === offset) return { changed: false, consumed: 0 };
  state.committedOffset = offset;
  state.vanished = false;
  state.endAtCommit = end.endOffset;
  if (previous === null) {
    // First seen, or back after an expiry: nobody knows when it was committed.
    return { changed: true, consumed: null };
  }
  if (offset < previous) {
    state.rewoundAt = nowMs;
    state.previousOffset = previous;
  } else {
    if (byMembers && state.oldestAt !== null) {
      const gap = nowMs - Math.max(state.committedAt ?? state.watchedSince, state.oldestAt);
      if (gap > 0) state.commitGapMs = Math.round(state.commitGapMs === null ? gap : state.commitGapMs * (1 - GAP_WEIGHT) + gap * GAP_WEIGHT);
    }
    if (state.rewoundAt !== null && state.previousOffset !== null && offset >= state.previousOffset) state.rewoundAt = null;
    if (state.rewoundAt === null) state.previousOffset = previous;
  }
  state.committedAt = nowMs;
  // Offsets that somebody set forward were skipped, not consumed.
  if (!byMembers) return { changed: true, consumed: null };
  return { changed: true, consumed: offset > previous ? Number(offset - previous) : 0 };
}

/** A share group's broker counts its lag itself; what that lacks to the end was acknowledged out of order. Records that came between the two readings count as done for one cycle at most. */
function acknowledgedAhead(end: TopicPartitionState, start: bigint, brokerLag: bigint | null | undefined): bigint {
  if (brokerLag === null || brokerLag === undefined || end.endOffset === null) return 0n;
  const ahead = end.endOffset - start - brokerLag;
  return ahead > 0n ? ahead : 0n;
}

/** Keeps when the oldest unprocessed record was written. It stays until the commit moves, so that its age needs no writing. */
function updateOldest(state: GroupPartitionState, end: TopicPartitionState, lag: bigint | null, nowMs: number): boolean {
  if (lag === null || lag === 0n || state.committedOffset === null) {
    const had = state.oldestAt !== null || state.oldestQuality !== null;
    state.oldestAt = null;
    state.oldestQuality = null;
    return had;
  }
  const moved = state.committedAt === nowMs;
  if (!moved && state.oldestAt !== null && state.oldestQuality !== 'at-least') return false;
  const time = timeOfOffset(end.anchors, state.committedOffset);
  if (time.quality === 'unknown') return false;
  // After a restart the anchors may reach less far back than what was known before.
  if (!moved && time.quality === 'at-least' && state.oldestAt !== null && state.oldestAt <= time.atMs) return false;
  // Whole milliseconds, as they are stored: a restart must not change it.
  state.oldestAt = Math.round(Math.min(time.atMs, nowMs));
  state.oldestQuality = time.quality;
  return true;
}

function setStatus(of: Pick<GroupState, 'status' | 'statusSince' | 'known' | 'knownSince'>, status: LagStatus, sinceMs: number): void {
  // Back from "unknown" to what it was: it never ceased to be that.
  const resumed = of.status === 'unknown' && status === of.known && of.knownSince !== null;
  of.status = status;
  of.statusSince = resumed ? of.knownSince : sinceMs;
  if (status !== 'unknown') {
    of.known = status;
    of.knownSince = of.statusSince;
  }
}
