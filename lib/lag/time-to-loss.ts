import type { PartitionPosition } from '#lib/model/lag.ts';
import { partitionLag } from './partition-lag.ts';

export interface LossFacts {
  position: PartitionPosition;
  /** When the oldest unprocessed record was written, epoch ms; null where it is not known. */
  oldestAt: number | null;
  /** How long the topic keeps records by time; "forever" where it does not delete by time; null where the settings are not known. */
  retentionMs: number | 'forever' | null;
  /** The topic also deletes by size, or by compaction alone it never does. null = not known. */
  deletesBySize: boolean | null;
  /** How fast the log start moves, offsets per second; null = not known. */
  logStartPerSecond: number | null;
}

/** `seconds` until the first unread record may be deleted. 0 = it is happening. */
export type TimeToLoss = { seconds: number; by: 'retention' | 'log-start' } | 'never' | null;

/**
 * When the log start passes the committed offset, if the group stays where it is. By the topic's retention and the age of the oldest unread record
 * where both are known: brokers delete whole segments, so it is the earliest moment. Otherwise by how fast the log start moves.
 * null where nothing waits or nothing is known.
 */
export function timeToLoss(facts: LossFacts, nowMs: number): TimeToLoss {
  const { lag, lost } = partitionLag(facts.position);
  if (lag === null || lag === 0n) return null;
  if (lost !== null && lost > 0n) return { seconds: 0, by: 'log-start' };
  const byTime = typeof facts.retentionMs === 'number' && facts.oldestAt !== null ? Math.max(0, (facts.oldestAt + facts.retentionMs - nowMs) / 1_000) : null;
  const { committedOffset, logStartOffset } = facts.position;
  const byMovement = facts.logStartPerSecond !== null && facts.logStartPerSecond > 0 && committedOffset !== null && logStartOffset !== null ? Number(committedOffset - logStartOffset) / facts.logStartPerSecond : null;
  if (byTime !== null && (byMovement === null || byTime <= byMovement || facts.deletesBySize === false)) return { seconds: byTime, by: 'retention' };
  if (byMovement !== null) return { seconds: byMovement, by: 'log-start' };
  return facts.retentionMs === 'forever' && facts.deletesBySize === false ? 'never' : null;
}
