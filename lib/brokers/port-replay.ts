import type { LogPosition, ReplayMode, ReplayRecord, ReplayTarget } from '#lib/model/replay.ts';

/**
 * What replay asks of a broker. Everything that can lose or double a record is behind this port, so that a broker
 * which cannot do it says so (`exactlyOnceReplay`) instead of pretending.
 */
export interface ReplayPort {
  /** What each topic takes; a topic that does not exist is absent from the answer. */
  describeReplayTargets(topics: readonly string[]): Promise<Map<string, ReplayTarget>>;
  /** Those of the topics that do not exist. One that may not be seen, or has no leader now, is not among them. */
  missingTopics(topics: readonly string[]): Promise<string[]>;
  /** High watermarks of every partition of the topics (not the last stable offset: aborted records count too). */
  readEndOffsets(topics: readonly string[]): Promise<LogPosition[]>;
  /**
   * Takes over the job: a new producer of the job's transactional id fences every older one and settles its transaction.
   * @throws ReplaySendError; "denied" where the rights for a transaction are missing
   */
  openReplay(job: ReplayJob, hooks?: ReplaySenderHooks): Promise<ReplaySender>;
  /** Looks for this job's committed records in the target, from `from` on. */
  scanForReplay(scan: ReplayScan, signal: AbortSignal): Promise<ReplayScanResult>;
}

export interface ReplayJob {
  replayId: string;
  mode: ReplayMode;
  /** The broker aborts a transaction of a worker that is silent for this long. */
  transactionTimeoutMs: number;
}

/** Where tests end the process: between the sending of a batch and its commit lies the worst moment of all. */
export interface ReplaySenderHooks {
  beforeCommit?: () => Promise<void>;
}

export interface ReplaySender {
  readonly mode: ReplayMode;
  /**
   * The next offset the job has not passed, per DLQ partition, with transactions settled (requireStable).
   * null: the job's group holds no offset there. In at-least-once mode always null: the ledger alone knows.
   */
  readProgress(partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, bigint | null>>;
  /** Commits positions in a transaction without records, so that a fenced worker cannot set progress back. */
  commitPositions(positions: readonly LogPosition[]): Promise<void>;
  /**
   * One transaction: all records and all positions, or nothing. The caller keeps the records of one partition in each request under the target's
   * maxBatchBytes. Positions are next offsets (first offset not passed).
   * @param requests how many records go with each request, in order; all with one where it is left out
   * @throws ReplaySendError; after it, and after an answer other than "committed", the sender is used up.
   */
  send(records: readonly ReplayRecord[], positions: readonly LogPosition[], requests?: readonly number[]): Promise<SendOutcome>;
  close(): Promise<void>;
}

export type SendOutcome =
  /** Offsets line up with the records that were passed in. */
  | { kind: 'committed'; offsets: bigint[] }
  /** The broker refuses these records (indices) for good; nothing was committed. More than one: one of them is at fault. */
  | { kind: 'refused'; code: 'too-large' | 'rejected-by-broker'; suspects: number[]; message: string };

export interface ReplayScan {
  replayId: string;
  /** First offsets to read; the end offsets saved with the intent, or later ones that are known to be ours. */
  from: readonly LogPosition[];
  timeoutMs: number;
}

export interface ReplayScanResult {
  /** Value of replay-id → where it lies. */
  found: Map<string, LogPosition>;
  /** Same replay-id seen more than once among committed records: must stay empty. */
  doubled: string[];
  /** False where absence proves nothing: the last stable offset did not reach the high watermark in time, or the log start passed `from`. */
  complete: boolean;
  reason: string | null;
}

/** Key of a partition in the answers above. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}

/** fenced: another worker has taken over, stop and drop the job. ambiguous: what became of the transaction only recovery can tell. denied: rights. */
export type SendErrorKind = 'fenced' | 'ambiguous' | 'denied';

export class ReplaySendError extends Error {
  readonly kind: SendErrorKind;
  constructor(kind: SendErrorKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ReplaySendError';
    this.kind = kind;
  }
}
