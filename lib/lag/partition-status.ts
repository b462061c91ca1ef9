import type { LagStatus, PartitionPosition } from '#lib/model/lag.ts';
import type { LagTrend } from './lag-trend.ts';
import { partitionLag } from './partition-lag.ts';

/** What is known about one partition of a group besides its offsets. Times are epoch ms. */
export interface PartitionFacts {
  position: PartitionPosition;
  /** The last reading failed: `position` may be old. */
  readFailed: boolean;
  /** When the commit was last seen to move; null = not seen since Waybill knows the partition. */
  committedAt: number | null;
  /** Since when Waybill watches this partition of this group. */
  watchedSince: number;
  /** When the oldest unprocessed record was written; null where nothing waits or it is not known. */
  oldestAt: number | null;
  /** When the committed offset last went back, while it has not reached its old place again. */
  rewoundAt: number | null;
  /** The end moved after the commit last did. */
  endMovedSince: boolean;
  /** There was a commit with records waiting behind it, and it is gone. */
  vanished: boolean;
  /** How long the group usually takes to move while records wait. null = not known yet. */
  commitGapMs: number | null;
  trend: LagTrend;
  previous: LagStatus;
}

/** What the other partitions of the group say. */
export interface GroupContext {
  /** The broker says that the group has no members, and it is of a kind that has members. */
  memberless: boolean;
  /** Some partition of the group moved within the window. */
  progressed: boolean;
}

export interface StatusTimes {
  /** Length of the window by wall clock. */
  windowMs: number;
  /** How long records may wait in a group without members: a restart takes a moment. */
  memberlessMs: number;
  /** Lag in time under which a group is not called behind, whatever its trend. */
  behindMs: number;
}

/** Times for a cycle of `intervalMs`: a window of 12 cycles, from half a minute to half an hour. */
export function statusTimes(intervalMs: number): StatusTimes {
  const windowMs = Math.min(Math.max(12 * intervalMs, 30_000), 1_800_000);
  return { windowMs, memberlessMs: Math.min(30_000, windowMs), behindMs: 15_000 };
}

/**
 * Status of one partition of a group: Burrow's rules over a window of wall-clock time, with its known flaws mended.
 * - Idle and caught up is ok, however long ago the last commit was (#38, #128, #237).
 * - Patience grows with the group's own commit interval, so slow committers are not late (#303).
 * - The end of the log is compared too: it goes on moving when the group has stopped; a zero in the window masks nothing then (#745).
 * - With an incomplete window (Waybill has just started) the previous status stays unless the facts decide alone.
 */
export function partitionStatus(facts: PartitionFacts, group: GroupContext, times: StatusTimes, nowMs: number): LagStatus {
  if (facts.readFailed) return 'unknown';
  const { position } = facts;
  if (facts.vanished) return 'expired';
  if (position.committedOffset === null) return 'unknown';
  const { lag, lost, clamped } = partitionLag(position);
  if (lag === null) return 'unknown';
  // Beyond the end of a log that was cut short or made anew: what its consumer has to do is not told by offsets, and "caught up" it is not.
  if (clamped) return 'unknown';
  if (lost !== null && lost > 0n) return 'losing-data';
  if (facts.rewoundAt !== null && nowMs - facts.rewoundAt < times.windowMs) return 'rewound';
  if (lag === 0n) return group.memberless ? 'empty' : 'ok';

  // A record that arrives after hours of quiet starts the clock, not the commit of hours ago.
  const movedAt = facts.committedAt ?? (group.memberless ? -Infinity : facts.watchedSince);
  const unmovedSince = Math.max(movedAt, facts.oldestAt ?? facts.watchedSince);
  const unmovedMs = nowMs - unmovedSince;
  if (group.memberless) return unmovedMs >= times.memberlessMs || facts.previous === 'stopped' ? 'stopped' : keep(facts.previous);
  if (unmovedMs >= Math.max(times.windowMs, 3 * (facts.commitGapMs ?? 0))) {
    return !group.progressed && (facts.endMovedSince || facts.previous === 'stopped') ? 'stopped' : 'stalled';
  }

  const behindMs = facts.oldestAt === null ? null : nowMs - facts.oldestAt;
  const mayBeBehind = behindMs === null || behindMs >= times.behindMs + (facts.commitGapMs ?? 0);
  switch (facts.trend) {
    case 'caught-up':
    case 'shrinking':
      return 'ok';
    case 'growing':
      return mayBeBehind ? 'falling-behind' : 'ok';
    case 'steady':
      // Not getting better is still behind; only a fall ends it.
      return facts.previous === 'falling-behind' && mayBeBehind ? 'falling-behind' : 'ok';
    case 'incomplete':
      if (facts.previous === 'falling-behind' && mayBeBehind) return 'falling-behind';
      // "Stopped" and "stalled" end with a commit and with nothing else.
      if (facts.previous === 'stopped' || facts.previous === 'stalled') return facts.committedAt !== null && nowMs - facts.committedAt < times.windowMs ? 'ok' : facts.previous;
      return 'ok';
  }
}

function keep(previous: LagStatus): LagStatus {
  return previous === 'falling-behind' || previous === 'stalled' ? previous : 'ok';
}
