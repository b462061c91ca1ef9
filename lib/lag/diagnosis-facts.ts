import type { GroupMember, LagStatus, OpenTransaction } from '#lib/model/lag.ts';
import type { Handling, Retries } from './handling.ts';
import type { WrongClock } from './judge-clock.ts';
import type { Label } from './offset-label.ts';
import type { TimeToLoss } from './time-to-loss.ts';

/** A last stable offset that stands still below the high watermark. */
export interface Block {
  lastStableOffset: bigint;
  since: number;
  askedAt: number | null;
  transactions: readonly OpenTransaction[];
  /** Why the brokers could not be asked. */
  error: string | null;
}

/** What is known about one partition of a group. null = not known. */
export interface PartitionEvidence {
  topic: string;
  partition: number;
  committedOffset: bigint | null;
  endOffset: bigint | null;
  lastStableOffset: bigint | null;
  logStartOffset: bigint | null;
  lag: bigint | null;
  lost: bigint | null;
  lagSeconds: number | null;
  status: LagStatus;
  producedPerSecond: number | null;
  consumedPerSecond: number | null;
  /** When the commit was last seen to move, epoch ms. */
  committedAt: number | null;
  /** When the log's figures last moved, epoch ms. */
  movedAt: number | null;
  leader: number | null;
  /** Member id of the owner; null = nobody's. */
  owner: string | null;
  /** Why the last reading failed. */
  error: string | null;
  loss: TimeToLoss;
  label: Label | null;
  /** A producer with a wrong clock wrote here. */
  clock: WrongClock | null;
  block: Block | null;
  handling: Handling | null;
  retries: Retries | null;
  topKey: { key: string; records: number; of: number } | null;
}

/** Everything a diagnosis may speak of. It says nothing of what is not in here. */
export interface DiagnosisFacts {
  group: string;
  type: string;
  status: LagStatus;
  /** Epoch ms. */
  statusSince: number | null;
  lag: bigint | null;
  lagSeconds: number | null;
  producedPerSecond: number | null;
  consumedPerSecond: number | null;
  /** The broker says that nobody is connected, and the group is of a kind that has members. */
  memberless: boolean;
  /** null = not described yet, or not of a kind that can be. */
  members: readonly GroupMember[] | null;
  partitions: readonly PartitionEvidence[];
  /** Over all partitions; null where no trace of the group was seen. */
  handling: Handling | null;
  /** Rearrangements of members over `spanMs`. */
  events: { rebalances: number; changes: number; joined: number; left: number; spanMs: number };
  /** Which right is missing to see some of what the group reads; null where nothing is known to be hidden. */
  hidden: string | null;
  /** Topics members asked for by name that the cluster does not have. */
  missingTopics: readonly string[];
  /** The last reading of the cluster. */
  cycle: { readMs: number; throttledMs: number } | null;
  hangingAfterMs: number;
  nowMs: number;
}

export type CauseKind =
  | 'transaction'
  | 'poison-message'
  | 'too-few-consumers'
  | 'idle-members'
  | 'skew'
  | 'rebalance-loop'
  | 'commit-past-end'
  | 'commit-before-start'
  | 'missing-topic'
  | 'broker'
  | 'missing-right'
  | 'wrong-clock'
  | 'nobody-produces'
  | 'no-member'
  | 'silent-members'
  | 'unowned-partitions';

/** One likely cause, as a colleague would say it. */
export interface Cause {
  kind: CauseKind;
  /** How much the evidence explains, 0 to 1: the list is sorted by it. Facts that decide alone are above 0.8, explanations of a quiet group below 0.3. */
  weight: number;
  /** One sentence with figures. */
  headline: string;
  /** The facts behind it, each with its figures. */
  evidence: string[];
  nextStep: string;
}

export type Diagnose = (facts: DiagnosisFacts) => Cause | null;
