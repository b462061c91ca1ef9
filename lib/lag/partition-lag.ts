import type { PartitionPosition } from '#lib/model/lag.ts';

export interface PartitionLag {
  /** High watermark minus committed offset, in offsets, less what a share group acknowledged beyond it. null where either is not known: "no commit" is neither 0 nor the whole log. */
  lag: bigint | null;
  /** The difference was negative (a commit read after the end, or a log cut short) and is shown as 0. Counted, because it should not happen. */
  clamped: boolean;
  /** Offsets below the log start that were never committed: these records are gone. null where not known. */
  lost: bigint | null;
  /** Offsets a read_committed consumer can't see yet because of an open transaction. null where not known. */
  blocked: bigint | null;
  /** Share of what the log still holds that is unread, 0 to 1: near 1, retention is about to take unread records. null where not known. */
  retentionUsed: number | null;
}

/** Lag of one partition. Expects the committed offset to have been read before the end offset. */
export function partitionLag(position: PartitionPosition): PartitionLag {
  const { committedOffset, endOffset, lastStableOffset, logStartOffset } = position;
  const difference = committedOffset === null || endOffset === null ? null : endOffset - committedOffset - (position.acknowledgedAhead ?? 0n);
  const lag = difference === null ? null : difference < 0n ? 0n : difference;
  const lost = committedOffset === null || logStartOffset === null ? null : logStartOffset > committedOffset ? logStartOffset - committedOffset : 0n;
  const blocked = endOffset === null || lastStableOffset === null ? null : endOffset > lastStableOffset ? endOffset - lastStableOffset : 0n;
  const held = endOffset === null || logStartOffset === null ? null : endOffset - logStartOffset;
  const retentionUsed = lag === null || held === null ? null : held <= 0n ? 0 : Math.min(1, Number((lag * 10_000n) / held) / 10_000);
  return { lag, clamped: difference !== null && difference < 0n, lost, blocked, retentionUsed };
}
