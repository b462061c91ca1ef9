import type { ReplayPort, ReplaySender } from '#lib/brokers/port-replay.ts';
import type { RecordsPort } from '#lib/brokers/port-records.ts';
import type { Store } from '#lib/store/store.ts';
import type { ReplayJobRow } from '#lib/store/replays/hold-replay.ts';

/** Where tests end or hold the process. */
export type Failpoint = 'opened' | 'anchored' | 'claimed' | 'refused' | 'before-commit' | 'committed' | 'saved';

export interface ReplayWork {
  store: Store;
  broker: ReplayPort & Pick<RecordsPort, 'readMessage'>;
  /** host:pid of this process. */
  holder: string;
  leaseMs: number;
  /** The broker ends a silent worker's transaction after this time. */
  transactionTimeoutMs: number;
  /** How long recovery waits for another application's open transaction in the target. */
  scanTimeoutMs: number;
  /** Items claimed at once, and records in one transaction. */
  chunkSize: number;
  batchSize: number;
  /** Headers that a dialect's dead letters lose on the way back. */
  headersToStrip: (dialect: string | null) => readonly string[];
  signal: AbortSignal;
  /** Tests only. */
  failpoint?: (point: Failpoint) => Promise<void>;
}

/**
 * finished, paused, canary, cancelled, needs-decision: the job's state now. dropped: another worker has it. stopped: this process ends.
 * again: something failed whose outcome only recovery can tell; run the job again after a pause.
 */
export type ReplayRunEnd = 'finished' | 'paused' | 'canary' | 'cancelled' | 'needs-decision' | 'dropped' | 'stopped' | 'again';

/** A job while a worker runs it. */
export interface ReplayRun {
  readonly work: ReplayWork;
  /** As last read; kept up to date beside the sending. */
  job: ReplayJobRow;
  /** The one producer of the job. After a refusal another takes its place. */
  sender: ReplaySender;
  /** Aborts when the process ends or another worker takes over. */
  readonly signal: AbortSignal;
}

/** Opens the job's producer, which fences whoever ran it before. @throws ReplaySendError */
export function openSender(work: ReplayWork, job: ReplayJobRow): Promise<ReplaySender> {
  const { failpoint } = work;
  return work.broker.openReplay({ replayId: job.id, mode: job.mode, transactionTimeoutMs: work.transactionTimeoutMs }, failpoint ? { beforeCommit: () => failpoint('before-commit') } : {});
}
