import type { LogPosition, ReplayMode } from '#lib/model/replay.ts';

// What a new worker makes of an item the ledger calls "claimed": it may have been sent, and only the broker knows.
//
//   progress of its DLQ partition   in the target        →
//   beyond the item                 found                  sent, there
//   beyond the item                 complete, not found    needs decision (the ledger is older than the log, or the record is gone)
//   beyond the item                 not provable           sent, place unknown (the transaction that moved progress held it)
//   at or before the item           -                      send
//   gone                            found                  sent, there
//   gone                            complete, not found    send
//   gone                            not provable           needs decision

export interface RecoveryInput {
  mode: ReplayMode;
  /** Next offset the job has not passed in the item's DLQ partition, null where the broker no longer knows. */
  progress: bigint | null;
  offset: bigint;
  /** Where the scan saw the item's replay-id, null where it did not. */
  found: LogPosition | null;
  /** Whether the scan proves absence. */
  scanComplete: boolean;
}

export type RecoveryDecision = { kind: 'send' } | { kind: 'sent'; at: LogPosition | null } | { kind: 'needs-decision'; why: 'passed-but-absent' | 'progress-gone' };

/** Decides one claimed item after a crash; never guesses. */
export function decideRecovery({ mode, progress, offset, found, scanComplete }: RecoveryInput): RecoveryDecision {
  if (found) return { kind: 'sent', at: found };
  // This mode promises "at least once" and keeps no progress at the broker: what is not seen is sent again.
  if (mode === 'at-least-once') return { kind: 'send' };
  if (progress === null) return scanComplete ? { kind: 'send' } : { kind: 'needs-decision', why: 'progress-gone' };
  if (offset >= progress) return { kind: 'send' };
  return scanComplete ? { kind: 'needs-decision', why: 'passed-but-absent' } : { kind: 'sent', at: null };
}

/** Whether the target must be searched before items can be decided: only where the ledger lags behind progress, or progress is gone. */
export function needsScan(mode: ReplayMode, items: readonly { progress: bigint | null; offset: bigint }[]): boolean {
  return items.some(({ progress, offset }) => mode === 'at-least-once' || progress === null || offset < progress);
}
