import type { GroupType, LagStatus, SecondsQuality } from '#lib/model/lag.ts';
import { type Anchors, createAnchors } from './anchors.ts';
import type { HiddenTopics } from './hidden-topics.ts';
import type { CommitsEnded } from './how-commits-ended.ts';
import type { MinuteFigures } from './observe-minute.ts';

// What the collector of one cluster remembers between cycles. All of it can be rebuilt from the store, so a restart changes no status.
// Mutable on purpose: at 50,000 partitions a cycle, copies would be most of the work.

/** One partition of one topic incarnation. Times are epoch ms throughout. */
export interface TopicPartitionState {
  leader: number | null;
  endOffset: bigint | null;
  lastStableOffset: bigint | null;
  logStartOffset: bigint | null;
  /** By how many offsets the end grew in this cycle; null = not known. */
  grown: bigint | null;
  changedAt: number;
  failedSince: number | null;
  error: string | null;
  anchors: Anchors;
  /** When the broker was last asked for older anchors. */
  backfilledAt: number | null;
}

export interface TopicState {
  id: number;
  name: string;
  kafkaTopicId: string;
  internal: boolean;
  partitions: TopicPartitionState[];
}

export interface GroupPartitionState {
  topicId: number;
  partition: number;
  committedOffset: bigint | null;
  /** Acknowledged beyond the committed offset; above 0 only in share groups. */
  acknowledgedAhead: bigint;
  previousOffset: bigint | null;
  committedAt: number | null;
  watchedSince: number;
  /** The end when the commit last moved: tells whether the end moved since. null until the commit is seen to move. */
  endAtCommit: bigint | null;
  oldestAt: number | null;
  oldestQuality: SecondsQuality | null;
  rewoundAt: number | null;
  commitGapMs: number | null;
  vanished: boolean;
  failedSince: number | null;
  error: string | null;
  status: LagStatus;
  statusSince: number | null;
  /** The last status that was not "unknown", and its beginning: a failed reading must not make it start anew. */
  known: LagStatus;
  knownSince: number | null;
  /** Lag at each of the cluster's last cycles, NaN where not known. null until something waits: most partitions never need it. */
  window: number[] | null;
}

export interface GroupState {
  id: number;
  name: string;
  type: GroupType;
  state: string;
  coordinator: number | null;
  memberCount: number | null;
  /** JSON of the members as stored, to write only changes. */
  membersJson: string | null;
  describedAt: number | null;
  /** What its members read and Waybill may not see. */
  hidden: HiddenTopics | null;
  /** When its last member was seen to leave. null while it has members, and where nobody saw them leave. */
  memberlessSince: number | null;
  /** What became of commits that are gone while others or the group itself remain. */
  ended: CommitsEnded | null;
  rebalancingSince: number | null;
  failedSince: number | null;
  lastGoodAt: number | null;
  error: string | null;
  status: LagStatus;
  statusSince: number | null;
  known: LagStatus;
  knownSince: number | null;
  /** By topic id, then partition. */
  partitions: Map<number, Map<number, GroupPartitionState>>;
  /** Growth and progress of the last cycles, for the rates. */
  rates: { at: number; produced: number; consumed: number }[];
  /** The minute under way, and the one written last. */
  minute: MinuteFigures | null;
  writtenMinute: MinuteFigures | null;
  /** Rates as stored; null where that is not known. */
  storedRates: { produced: number | null; consumed: number | null } | null;
}

export interface ClusterState {
  clusterId: number;
  topics: Map<string, TopicState>;
  topicsById: Map<number, TopicState>;
  groups: Map<string, GroupState>;
  /** Waybill's user may see only some topics, so that commits in the others are in no figure. null = not known. */
  topicsHidden: boolean | null;
  /** When that was last asked. */
  sightAskedAt: number | null;
  /** Times of the last cycles; `GroupPartitionState.window` has the same slots. */
  cycleTimes: number[];
  cycle: number;
  /** Times of the last cycles in order, further back than the window: stored, so that a restart knows when nobody looked. */
  pastCycles: number[];
}

/** Room for the window at any interval; wall clock decides what counts. */
export const WINDOW_SLOTS = 16;
/** As many cycle times as anchors are rebuilt from in full. */
const PAST_CYCLES = 64;

/** Begins a cycle that read at `readAtMs`. */
export function beginCycle(cluster: ClusterState, readAtMs: number): void {
  cluster.cycle += 1;
  cluster.cycleTimes[cluster.cycle % cluster.cycleTimes.length] = readAtMs;
  cluster.pastCycles.push(readAtMs);
  if (cluster.pastCycles.length > PAST_CYCLES) cluster.pastCycles.shift();
}

export function createClusterState(clusterId: number): ClusterState {
  return { clusterId, topics: new Map(), topicsById: new Map(), groups: new Map(), topicsHidden: null, sightAskedAt: null, cycleTimes: Array.from({ length: WINDOW_SLOTS }, () => NaN), cycle: 0, pastCycles: [] };
}

export function createGroupPartition(topicId: number, partition: number, nowMs: number): GroupPartitionState {
  return {
    topicId,
    partition,
    committedOffset: null,
    acknowledgedAhead: 0n,
    previousOffset: null,
    committedAt: null,
    watchedSince: nowMs,
    endAtCommit: null,
    oldestAt: null,
    oldestQuality: null,
    rewoundAt: null,
    commitGapMs: null,
    vanished: false,
    failedSince: null,
    error: null,
    status: 'unknown',
    statusSince: nowMs,
    known: 'ok',
    knownSince: null,
    window: null,
  };
}

/** A partition of which nothing was read yet. */
export function createTopicPartition(nowMs: number): TopicPartitionState {
  return { leader: null, endOffset: null, lastStableOffset: null, logStartOffset: null, grown: null, changedAt: nowMs, failedSince: null, error: null, anchors: createAnchors(), backfilledAt: null };
}

/** A group of which nothing was read yet. */
export function createGroup(id: number, name: string): GroupState {
  return {
    id,
    name,
    type: 'unknown',
    state: '',
    coordinator: null,
    memberCount: null,
    membersJson: null,
    describedAt: null,
    hidden: null,
    memberlessSince: null,
    ended: null,
    rebalancingSince: null,
    failedSince: null,
    lastGoodAt: null,
    error: null,
    status: 'unknown',
    statusSince: null,
    known: 'ok',
    knownSince: null,
    partitions: new Map(),
    rates: [],
    minute: null,
    writtenMinute: null,
    storedRates: null,
  };
}
