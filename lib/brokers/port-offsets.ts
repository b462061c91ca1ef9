import type { GroupMember, GroupType, OpenTransaction } from '#lib/model/lag.ts';

/** Why one item could not be read. A value, not an exception: the items beside it stay good. */
export interface BrokerFailure {
  /** Kafka's name of the error in lower case with dashes ("group-authorization-failed"), or "timeout", "connection", "no-leader", "unsupported". */
  code: string;
  message: string;
  /** Whether the next cycle may succeed without anybody doing something. */
  retryable: boolean;
}

export interface ClusterNode {
  id: number;
  host: string;
  port: number;
  rack: string | null;
}

export interface ClusterDescription {
  /** The broker's own id of the cluster; null where it gives none. */
  clusterId: string | null;
  controllerId: number | null;
  nodes: readonly ClusterNode[];
}

/** End offsets of one topic. Arrays are indexed by partition; null = not read, with the reason in `failures`. */
export interface TopicOffsets {
  name: string;
  /** The broker's id of this incarnation of the topic, null where it gives none. */
  topicId: string | null;
  internal: boolean;
  replicationFactor: number | null;
  leaders: readonly (number | null)[];
  highWatermarks: (bigint | null)[];
  lastStableOffsets: (bigint | null)[];
  logStartOffsets: (bigint | null)[];
  failures: Map<number, BrokerFailure>;
}

/** Committed offsets of one group in one topic; `offsets[i]` belongs to `partitions[i]`. Partitions without a commit are absent. */
export interface CommittedTopic {
  topic: string;
  partitions: number[];
  offsets: bigint[];
  /** What the broker itself counts as lag, where it does (share groups); null = it does not know. */
  lags?: (bigint | null)[];
}

export interface GroupOffsets {
  name: string;
  type: GroupType;
  /** As the broker says: Stable, Empty, PreparingRebalance … */
  state: string;
  protocolType: string;
  coordinator: number;
  /** null = not read, with the reason in `failure`. */
  committed: CommittedTopic[] | null;
  failure: BrokerFailure | null;
}

/** One reading of every group and partition of a cluster. Committed offsets were read before end offsets, so lag reads slightly high, never negative. */
export interface OffsetsSnapshot {
  cluster: ClusterDescription;
  groups: GroupOffsets[];
  topics: Map<string, TopicOffsets>;
  /** Brokers that did not answer: groups they coordinate may be missing from `groups`, which is not the same as deleted. */
  brokerFailures: Map<number, BrokerFailure>;
  /** When reading committed offsets and then end offsets came to an end, epoch ms. Anchors use the second. */
  committedReadAt: number;
  endsReadAt: number;
  requests: number;
  /** Requests on a slower pace since the reading before, that nothing here waited for: which topics there are. */
  requestsBesides: number;
  /** How long the brokers asked us to wait, all answers together. Already waited. */
  throttledMs: number;
  durationMs: number;
}

export interface GroupDescription {
  group: string;
  members: GroupMember[] | null;
  protocol: string | null;
  state: string | null;
  failure: BrokerFailure | null;
}

export interface OffsetAtTime {
  topic: string;
  partition: number;
  /** First record at or after the asked time; null where there is none. */
  offset: bigint | null;
  /** Its own timestamp, epoch ms. */
  timestamp: number | null;
}

export interface PartitionTransactions {
  topic: string;
  partition: number;
  /** The one that began first comes first. null = could not be read, with the reason in `failure`. */
  transactions: OpenTransaction[] | null;
  failure: BrokerFailure | null;
}

/** What a broker can be asked about offsets. No method throws for one bad group, topic or broker; it throws only when no broker answers at all. */
export interface OffsetsPort {
  describeCluster(): Promise<ClusterDescription>;
  /** Every group and every partition in one reading. */
  snapshotOffsets(options: { signal: AbortSignal }): Promise<OffsetsSnapshot>;
  /**
   * What is missing from a snapshot is gone (null), or it can't be said, and why: its broker is silent (`silent`: brokers that did not answer), it is
   * moving, or Waybill may not see it.
   */
  confirmGroupsGone(groups: readonly { name: string; type: GroupType }[], silent: ReadonlyMap<number, BrokerFailure>): Promise<Map<string, BrokerFailure | null>>;
  confirmTopicsGone(names: readonly string[]): Promise<Map<string, BrokerFailure | null>>;
  /** How long offsets are kept of a group that nobody is at work in, ms (KIP-211); null where Waybill's user may not see it. */
  describeOffsetsRetention(): Promise<number | null>;
  /** Whether Waybill's user may see every topic; null where that can't be said. What it may not see is left out of every list and of a group's commits. */
  seesEveryTopic(): Promise<boolean | null>;
  /** Members and assignments. Groups whose type has no members of its own come back with an empty list. */
  describeGroups(groups: readonly { name: string; type: GroupType; coordinator: number }[]): Promise<GroupDescription[]>;
  /** For each partition the first record at or after `timestampMs`. Partitions that fail are left out. */
  findOffsetsAtTime(partitions: readonly { topic: string; partition: number }[], timestampMs: number): Promise<OffsetAtTime[]>;
  /** For each partition the record with the newest timestamp. Partitions that fail, and all of a broker that does not tell, are left out. */
  findNewestTimestamps(partitions: readonly { topic: string; partition: number }[]): Promise<OffsetAtTime[]>;
  /** Which transactions are open on these partitions. Several requests a broker: for the few partitions whose last stable offset stands still. */
  describeOpenTransactions(partitions: readonly { topic: string; partition: number }[]): Promise<PartitionTransactions[]>;
}
