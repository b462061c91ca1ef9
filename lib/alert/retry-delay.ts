const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits before attempt 1, 2, … of a delivery (alerts-and-webhooks: about 7 h 53 min in all). */
export const RETRY_DELAYS_MS: readonly number[] = [
  0, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR,
];

/** A receiver can ask for at most this much patience. */
export const MAX_RETRY_AFTER_MS = HOUR;

/**
 * How long to wait before the next attempt, or null when the schedule is exhausted.
 * @param attemptsMade attempts already made (0 before the first)
 * @param random a number in [0, 1): spreads the wait by +-20 %, so that endpoints behind one outage do not return in step
 * @param retryAfterMs what the receiver asked for (429, 503), capped at 1 h; the wait is never shorter than it
 */
export function retryDelayMs(attemptsMade: number, random: number, retryAfterMs: number | null): number | null {
  const base = RETRY_DELAYS_MS[attemptsMade];
  if (base === undefined) return null;
  const spread = Math.round(base * (0.8 + 0.4 * random));
  return retryAfterMs === null ? spread : Math.max(spread, Math.min(Math.max(retryAfterMs, 0), MAX_RETRY_AFTER_MS));
}

/**
 * Retry-After of RFC 9110 section 10.2.3: seconds or an HTTP date.
 * @returns milliseconds from `now`, 0 for a date that has passed, null where absent or not understood
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * SECOND;
  // Only the date form of the RFC: Date.parse alone would also take "-1" or "soon 1".
  if (!/^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
