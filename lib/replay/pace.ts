/** How far a rate-limited job is: a bucket that holds at most one second's worth. */
export interface Pace {
  /** Records that may be sent at `atMs`. */
  allowance: number;
  atMs: number;
}

export function startPace(ratePerSecond: number, nowMs: number): Pace {
  return { allowance: ratePerSecond, atMs: nowMs };
}

/** Records that may go now (at least 1 once `waitMs` has passed) and how long to wait until then. */
export function allowed(pace: Pace, ratePerSecond: number, nowMs: number): { records: number; waitMs: number } {
  const have = refill(pace, ratePerSecond, nowMs);
  return have >= 1 ? { records: Math.floor(have), waitMs: 0 } : { records: 1, waitMs: Math.ceil(((1 - have) * 1_000) / ratePerSecond) };
}

export function spend(pace: Pace, ratePerSecond: number, records: number, nowMs: number): Pace {
  return { allowance: refill(pace, ratePerSecond, nowMs) - records, atMs: nowMs };
}

function refill(pace: Pace, ratePerSecond: number, nowMs: number): number {
  return Math.min(ratePerSecond, pace.allowance + (Math.max(0, nowMs - pace.atMs) * ratePerSecond) / 1_000);
}
