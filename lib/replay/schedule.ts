/** When a replay starts by itself. */
export interface ReplaySchedule {
  startAt: Date;
  /** Not later than this, where Waybill was down at its time; null: however late. */
  startBy: Date | null;
}

const DAY_MS = 86_400_000;
/** Stored bytes and offsets of progress live longer than this. */
const MAX_AHEAD_MS = 7 * DAY_MS;
const MAX_LATE_MS = DAY_MS;

/** Why a schedule is none, in a sentence; null: it is one. */
export function refuseSchedule({ startAt, startBy }: ReplaySchedule, now: Date): string | null {
  if (startAt <= now) return 'The start lies in the past. Leave it out to start at once.';
  if (startAt.getTime() - now.getTime() > MAX_AHEAD_MS) return 'A replay starts within 7 days: until then its bytes are certain to be kept.';
  if (startBy !== null && startBy <= startAt) return 'The latest start lies before the start.';
  if (startBy !== null && startBy.getTime() - startAt.getTime() > MAX_LATE_MS) return 'The latest start is at most a day after the start. Leave it out to start however late.';
  return null;
}

/** What is due of a scheduled replay. missed: nobody was there to start it in time. */
export function decideStart({ startAt, startBy }: ReplaySchedule, now: Date): 'wait' | 'start' | 'missed' {
  if (now < startAt) return 'wait';
  return startBy !== null && now > startBy ? 'missed' : 'start';
}
