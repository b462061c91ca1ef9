import type { ChartFormat } from './time-chart.tsx';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps a person reads time in, ms. */
const TIME_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY];

/** Ticks of the upright axis, from 0 past `max`, about four of them: round in the unit of the figures. The last one is the end of the axis. */
export function figureTicks(max: number, format: ChartFormat): number[] {
  const top = Number.isFinite(max) && max > 0 ? max : format === 'duration' ? SECOND : 1;
  const rough = top / 3;
  const step = (format === 'duration' ? TIME_STEPS.find((one) => one >= rough) : undefined) ?? roundStep(rough, format === 'count');
  const count = Math.ceil(top / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

function roundStep(rough: number, whole: boolean): number {
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * magnitude >= rough * (1 - 1e-9)) ?? 10) * magnitude;
  return whole ? Math.max(1, Math.ceil(step)) : step;
}

/**
 * Ticks of the time axis: full minutes, hours or days of the reader's time zone, at most `most` of them.
 * @param offsetMs how far local time is ahead of UTC at the start of the range
 */
export function timeTicks(from: number, to: number, most: number, offsetMs: number): number[] {
  const step = TIME_STEPS.find((one) => one >= SECOND && (to - from) / one <= most) ?? Math.ceil((to - from) / most / DAY) * DAY;
  const first = Math.ceil((from + offsetMs) / step) * step - offsetMs;
  const ticks: number[] = [];
  for (let at = first; at <= to; at += step) ticks.push(at);
  return ticks;
}
