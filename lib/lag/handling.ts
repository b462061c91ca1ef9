// What the spans of a group's consumers say about how it handles records. Without spans nothing is known, which is not the same as no errors.

/** One attempt to process a record, from a span. */
export interface Attempt {
  topic: string;
  partition: number;
  offset: bigint;
  failed: boolean;
  durationMs: number;
  /** Epoch ms. */
  startedAt: number;
  key: string | null;
  error: string | null;
}

/** A record of the group's that went to a dead-letter topic. */
export interface DeadRecord {
  topic: string;
  partition: number;
  offset: bigint;
}

export interface Handling {
  /** Attempts that were seen. */
  attempts: number;
  failed: number;
  deadLetters: number;
  /** Failed attempts, and dead letters of which no failed attempt was seen, against all. null where no attempt was seen: never 0 then. */
  errorRate: number | null;
  /** Mean duration of an attempt; null where none was seen. */
  meanMs: number | null;
}

/** Figures over some attempts. A dead letter whose failing attempt was seen counts once. */
export function handlingOf(attempts: readonly Attempt[], deadRecords: readonly DeadRecord[]): Handling {
  const failedAt = new Set<string>();
  let failed = 0;
  let totalMs = 0;
  for (const attempt of attempts) {
    totalMs += attempt.durationMs;
    if (!attempt.failed) continue;
    failed += 1;
    failedAt.add(placeOf(attempt));
  }
  const dead = new Set(deadRecords.map(placeOf));
  const unseen = [...dead].filter((place) => !failedAt.has(place)).length;
  const all = attempts.length + unseen;
  return { attempts: attempts.length, failed, deadLetters: dead.size, errorRate: attempts.length === 0 ? null : (failed + unseen) / all, meanMs: attempts.length === 0 ? null : totalMs / attempts.length };
}

/** Repeated attempts at one record, all failing, the last of them the latest that was tried. */
export interface Retries {
  offset: bigint;
  attempts: number;
  firstAt: number;
  lastAt: number;
  error: string | null;
}

/** The record at the committed offset, where it was tried at least twice and every attempt failed. */
export function retriesAt(attempts: readonly Attempt[], committedOffset: bigint | null): Retries | null {
  if (committedOffset === null) return null;
  const here = attempts.filter((attempt) => attempt.offset === committedOffset).toSorted((a, b) => a.startedAt - b.startedAt);
  const [first] = here;
  const last = here.at(-1);
  if (!first || !last || here.length < 2 || here.some((attempt) => !attempt.failed)) return null;
  return { offset: committedOffset, attempts: here.length, firstAt: first.startedAt, lastAt: last.startedAt, error: last.error };
}

/** The key that most of these records have, where keys were seen at all. */
export function topKey(attempts: readonly Attempt[]): { key: string; records: number; of: number } | null {
  const places = new Map<string, string>();
  for (const attempt of attempts) if (attempt.key !== null) places.set(placeOf(attempt), attempt.key);
  const counts = new Map<string, number>();
  for (const key of places.values()) counts.set(key, (counts.get(key) ?? 0) + 1);
  const [most] = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return most === undefined ? null : { key: most[0], records: most[1], of: places.size };
}

function placeOf(at: { topic: string; partition: number; offset: bigint }): string {
  return `${at.topic}:${at.partition}@${at.offset}`;
}
