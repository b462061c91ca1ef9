/** Records written between two readings; the same of some topics, null where not known or not kept. */
export interface ThroughputReading {
  sinceMs: number;
  untilMs: number;
  /** Seconds of that time that were read: less than its length where readings are missing. */
  seconds: number;
  records: number;
  topics: readonly (number | null)[];
}

export interface ThroughputStep {
  atMs: number;
  /** Per second in all topics; null where nobody read. */
  all: number | null;
  /** Per second of each topic asked for, in their order. */
  topics: (number | null)[];
}

/** Below this share of a step a reading says more about its neighbour. */
const LEAST_SHARE = 0.5;

/** Length of a step of a chart over `rangeMs`: the readings of a minute, and of an hour where they are merged. */
export function throughputStepMs(rangeMs: number): number {
  const minute = 60_000;
  return rangeMs <= 6 * 60 * minute ? minute : rangeMs <= 24 * 60 * minute ? 5 * minute : rangeMs <= 7 * 24 * 60 * minute ? 60 * minute : 240 * minute;
}

/**
 * Mean rates in steps of equal length. A reading counts in each step by the time it shares with it; a step that readings cover by less than half is a gap.
 * @param readings of one cluster, in any order, not overlapping
 */
export function throughputSteps(readings: readonly ThroughputReading[], range: { fromMs: number; toMs: number; stepMs: number }, topics: number): ThroughputStep[] {
  const first = Math.floor(range.fromMs / range.stepMs);
  const count = Math.max(0, Math.ceil(range.toMs / range.stepMs) - first);
  const columns = topics + 1;
  const records = new Float64Array(count * columns);
  const seconds = new Float64Array(count * columns);
  for (const reading of readings) {
    if (!(reading.seconds > 0) || reading.untilMs <= reading.sinceMs) continue;
    const from = Math.max(0, Math.floor(reading.sinceMs / range.stepMs) - first);
    const to = Math.min(count - 1, Math.ceil(reading.untilMs / range.stepMs) - 1 - first);
    for (let step = from; step <= to; step += 1) {
      const startMs = (first + step) * range.stepMs;
      const shared = (Math.min(reading.untilMs, startMs + range.stepMs) - Math.max(reading.sinceMs, startMs)) / 1_000;
      for (let column = 0; column < columns; column += 1) {
        const written = column === 0 ? reading.records : reading.topics[column - 1];
        if (written === null || written === undefined) continue;
        records[step * columns + column]! += (written / reading.seconds) * shared;
        seconds[step * columns + column]! += shared;
      }
    }
  }
  const rate = (at: number) => ((seconds[at] ?? 0) * 1_000 >= range.stepMs * LEAST_SHARE ? (records[at] ?? 0) / (seconds[at] ?? 1) : null);
  return Array.from({ length: count }, (_, step) => ({
    atMs: (first + step) * range.stepMs,
    all: rate(step * columns),
    topics: Array.from({ length: topics }, (_unused, topic) => rate(step * columns + topic + 1)),
  }));
}
