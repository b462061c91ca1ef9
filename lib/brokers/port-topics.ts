import type { BrokerFailure } from './port-offsets.ts';

/** One partition as the cluster has it now. */
export interface PartitionFacts {
  /** null while an election is under way or every replica is offline. */
  leader: number | null;
  replicas: readonly number[];
  inSyncReplicas: readonly number[];
  /** Size of the leader's log on disk; null where it may not be read or the leader did not answer. */
  bytes: bigint | null;
}

/** What changes seldom about a topic. */
export interface TopicFacts {
  name: string;
  /** The broker's id of this incarnation, null where it gives none. */
  topicId: string | null;
  internal: boolean;
  /** By partition number. */
  partitions: readonly PartitionFacts[];
  /** The settings of `TOPIC_SETTINGS` by name; null where they may not be read, with the reason in `configFailure`, or were not asked for, without one. */
  config: Readonly<Record<string, string>> | null;
  configFailure: BrokerFailure | null;
}

export interface TopicFactsSnapshot {
  topics: readonly TopicFacts[];
  /** Brokers that did not tell the sizes of their logs, and why: DescribeLogDirs needs the right to describe the cluster. */
  sizeFailures: ReadonlyMap<number, BrokerFailure>;
  requests: number;
}

/** What is read of a topic's configuration. */
export const TOPIC_SETTINGS = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'min.insync.replicas', 'max.message.bytes', 'compression.type', 'message.timestamp.type'] as const;

/** What a broker can be asked about topics. One bad topic or broker is a value, not an exception; it throws only when no broker answers at all. */
export interface TopicsPort {
  /**
   * Replicas and sizes of every topic: meant for a slow loop.
   * @param options.withConfig whether the settings of a topic are asked for, too: they are most of the work and change least; absent: of every topic
   */
  describeTopics(options: { signal: AbortSignal; withConfig?: (topic: string) => boolean }): Promise<TopicFactsSnapshot>;
}
