const PER_MINUTE = 30;
const MINUTE_MS = 60_000;

let windowStart = 0;
let failures = 0;

/**
 * Whether another sign-in may be tried: at most 30 failed ones a minute in this process, whoever they come from, because addresses behind a
 * proxy can be made up. Links and tokens have 256 random bits; this guards an administrator token that somebody chose badly.
 * @param add failures to count now
 */
export function failuresAllow(now: Date, add = 0): boolean {
  if (now.getTime() - windowStart >= MINUTE_MS || now.getTime() < windowStart) {
    windowStart = now.getTime();
    failures = 0;
  }
  failures += add;
  return failures < PER_MINUTE;
}
