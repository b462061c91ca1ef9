import type { LagOverTime } from '#lib/model/lag.ts';
import { secondsSince } from './anchors.ts';
import type { GroupState } from './cluster-state.ts';
import type { GroupObservation } from './observe-group.ts';

/** A group over one minute, for the charts. */
export interface MinuteFigures extends LagOverTime {
  /** Its beginning, epoch ms. */
  minute: number;
  oldestAt: number | null;
}

const MINUTE_MS = 60_000;
/** Where nothing changes a row is written this often all the same, so that who reads need not look back for ever. */
const REPEAT_MS = 6 * 3_600_000;

/**
 * Takes one reading into the minute under way.
 * @returns the minute before, where that is now over and says something that the one written last does not: a group that stands still costs nothing
 */
export function observeMinute(group: GroupState, seen: Pick<GroupObservation, 'lag' | 'oldestAt' | 'oldestQuality' | 'producedPerSecond' | 'consumedPerSecond' | 'unknownPartitions'>, nowMs: number): MinuteFigures | null {
  const minute = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const lag = group.failedSince === null ? seen.lag : null;
  const seconds = lag === null ? null : lag === 0n ? 0 : secondsSince(seen.oldestAt, nowMs);
  const before = group.minute;
  const running = before?.minute === minute ? before : null;
  group.minute = {
    minute,
    lagMax: running === null || lag === null ? (running?.lagMax ?? lag) : running.lagMax === null || lag > running.lagMax ? lag : running.lagMax,
    lagLast: lag,
    secondsMax: running === null || seconds === null ? (running?.secondsMax ?? seconds) : Math.max(running.secondsMax ?? 0, seconds),
    secondsLast: seconds,
    oldestAt: lag === null || lag === 0n ? null : seen.oldestAt,
    quality: lag === null ? null : lag === 0n ? 'exact' : seen.oldestQuality,
    producedPerSecond: seen.producedPerSecond,
    consumedPerSecond: seen.consumedPerSecond,
    status: group.status,
    unknownPartitions: seen.unknownPartitions,
    memberCount: group.memberCount,
  };
  if (before === null || running !== null) return null;
  const { writtenMinute } = group;
  // Each group has its own hour for repeating, so that not all of them come at once.
  const repeats = writtenMinute !== null && before.minute - writtenMinute.minute >= REPEAT_MS - (group.id % 60) * MINUTE_MS;
  if (writtenMinute !== null && !repeats && saysTheSame(before, writtenMinute)) return null;
  group.writtenMinute = before;
  return before;
}

// The age of what waits grows by itself: it is the same as long as the same record is the oldest.
function saysTheSame(a: MinuteFigures, b: MinuteFigures): boolean {
  return (
    a.lagMax === b.lagLast &&
    a.lagLast === b.lagLast &&
    a.oldestAt === b.oldestAt &&
    a.quality === b.quality &&
    a.producedPerSecond === b.producedPerSecond &&
    a.consumedPerSecond === b.consumedPerSecond &&
    a.status === b.status &&
    a.unknownPartitions === b.unknownPartitions &&
    a.memberCount === b.memberCount
  );
}
