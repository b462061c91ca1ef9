import type { LagOverTime } from '#lib/model/lag.ts';

/** Figures of a group over one minute or hour. Sparse: where nothing changed there is none. */
export interface ChartReading extends LagOverTime {
  /** Start of the minute or hour, ms since 1970. */
  atMs: number;
}

export type ChartStep = ChartReading;

const MINUTE_MS = 60_000;

/** Steps that meet full hours and days, so that two charts of one length lie on each other. Minutes. */
const STEPS = [1, 2, 3, 4, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * MINUTE_MS);

/** The shortest step, at least `leastMs`, with which a time of `spanMs` gives at most `maxPoints` points wherever it begins. */
export function stepFor(spanMs: number, maxPoints: number, leastMs = MINUTE_MS): number {
  return STEPS.find((step) => step >= leastMs && Math.ceil(spanMs / step) + 1 <= maxPoints) ?? Math.ceil(spanMs / Math.max(1, maxPoints - 1) / MINUTE_MS) * MINUTE_MS;
}

/**
 * Readings in fewer steps. The highest figure of a step is the highest of all that fell into it and its last one is the last, so that a
 * spike survives however long the range. A step in which nobody read is absent: a gap is a gap. Where it was read and the group has no
 * reading of its own it stood as before, which `before` says of the start.
 * @param readings oldest first, of one group
 * @param readAtMs starts of the minutes or hours in which its cluster was read, oldest first; readings count as read whether they stand here or not
 */
export function chartSteps(readings: readonly ChartReading[], readAtMs: readonly number[], range: { fromMs: number; toMs: number; stepMs: number }, before: ChartReading | null): ChartStep[] {
  const { fromMs, toMs, stepMs } = range;
  const steps: (ChartStep & { produced: Mean; consumed: Mean })[] = [];
  let current = before;
  let next = 0;
  const add = (atMs: number, fresh: boolean, reading: ChartReading): void => {
    if (atMs < fromMs || atMs >= toMs) return;
    const stepAt = Math.floor(atMs / stepMs) * stepMs;
    let step = steps.at(-1);
    if (step?.atMs !== stepAt) {
      step = { ...reading, atMs: stepAt, lagMax: null, secondsMax: null, unknownPartitions: 0, produced: { sum: 0, count: 0 }, consumed: { sum: 0, count: 0 } };
      steps.push(step);
    }
    // What only goes on as it was stands at its last figure, not at the highest it once passed.
    step.lagMax = higher(step.lagMax, fresh ? reading.lagMax : reading.lagLast);
    step.secondsMax = higher(step.secondsMax, fresh ? reading.secondsMax : reading.secondsLast);
    step.unknownPartitions = Math.max(step.unknownPartitions, reading.unknownPartitions);
    Object.assign(step, { lagLast: reading.lagLast, secondsLast: reading.secondsLast, quality: reading.quality, status: reading.status, memberCount: reading.memberCount });
    count(step.produced, reading.producedPerSecond);
    count(step.consumed, reading.consumedPerSecond);
  };
  for (const atMs of readAtMs) {
    for (; next < readings.length && (readings[next]?.atMs ?? 0) < atMs; next += 1) {
      current = readings[next] ?? null;
      if (current) add(current.atMs, true, current);
    }
    const own = readings[next];
    if (own?.atMs === atMs) {
      current = own;
      next += 1;
      add(atMs, true, own);
    } else if (current) add(atMs, false, current);
  }
  for (const reading of readings.slice(next)) add(reading.atMs, true, reading);
  return steps.map(({ produced, consumed, ...step }) => ({ ...step, producedPerSecond: mean(produced), consumedPerSecond: mean(consumed) }));
}

interface Mean {
  sum: number;
  count: number;
}

function count(into: Mean, value: number | null): void {
  if (value === null) return;
  into.sum += value;
  into.count += 1;
}

function mean({ sum, count: of }: Mean): number | null {
  return of === 0 ? null : sum / of;
}

function higher<Figure extends bigint | number>(left: Figure | null, right: Figure | null): Figure | null {
  if (left === null || right === null) return left ?? right;
  return left > right ? left : right;
}
