/** What the lag of a partition did over the window. `incomplete` = too little was seen to say. */
export type LagTrend = 'growing' | 'steady' | 'shrinking' | 'caught-up' | 'incomplete';

/** Part of the window that must have been seen. */
const COMPLETE = 0.8;
const MIN_POINTS = 5;

/**
 * Trend over a window of wall-clock time, whatever the group's commit interval is (Burrow counts commits instead, which misjudges slow committers, #303).
 * Compares the mean of the first third with that of the last: one dip of a sawtooth neither makes nor unmakes a trend.
 * @param lags lag at the times in `times`, NaN where it was not known; both in any order
 */
export function lagTrend(lags: readonly number[], times: readonly number[], nowMs: number, windowMs: number): LagTrend {
  const from = nowMs - windowMs;
  let points = 0;
  let oldest = Infinity;
  let caughtUp = false;
  let firstSum = 0;
  let firstCount = 0;
  let lastSum = 0;
  let lastCount = 0;
  for (let i = 0; i < lags.length; i += 1) {
    const lag = lags[i] ?? NaN;
    const at = times[i] ?? NaN;
    if (Number.isNaN(lag) || !(at >= from)) continue;
    points += 1;
    if (at < oldest) oldest = at;
    if (lag <= 0) caughtUp = true;
    if (at < from + windowMs / 3) {
      firstSum += lag;
      firstCount += 1;
    } else if (at >= nowMs - windowMs / 3) {
      lastSum += lag;
      lastCount += 1;
    }
  }
  if (caughtUp) return 'caught-up';
  if (points < MIN_POINTS || oldest > nowMs - windowMs * COMPLETE || firstCount === 0 || lastCount === 0) return 'incomplete';
  const first = firstSum / firstCount;
  const last = lastSum / lastCount;
  if (last > first * 1.05 + 1) return 'growing';
  return last < first * 0.98 ? 'shrinking' : 'steady';
}
