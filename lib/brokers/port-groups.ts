import type { BrokerFailure } from './port-offsets.ts';

/** What became of one partition of a change. */
export interface PartitionOutcome {
  topic: string;
  partition: number;
  /** null = it was done. */
  failure: BrokerFailure | null;
}

/** What a broker can be asked to change about a group. It refuses by itself where members are at work: that is a failure in the answer, not an exception. */
export interface GroupsPort {
  /** Commits offsets in the name of a group without members. */
  resetOffsets(group: string, offsets: readonly { topic: string; partition: number; offset: bigint }[]): Promise<PartitionOutcome[]>;
  /** Forgets committed offsets; refused for a topic that a member subscribes to. */
  deleteOffsets(group: string, partitions: readonly { topic: string; partition: number }[]): Promise<PartitionOutcome[]>;
  /** Forgets a group with all its offsets. null = it is gone. */
  deleteGroup(group: string): Promise<BrokerFailure | null>;
}
