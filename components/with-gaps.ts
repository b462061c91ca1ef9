import type { ChartPoint } from './time-chart.tsx';

/**
 * Points in time order with an empty one wherever more than `stepMs` (and half of it) passed without a reading, so that a chart breaks
 * its line there: time nobody looked at is a gap, never a line between its ends.
 */
export function withGaps(points: readonly ChartPoint[], stepMs: number): ChartPoint[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const sinceMs = before === undefined ? 0 : Date.parse(point.at) - Date.parse(before.at);
    return before !== undefined && sinceMs > stepMs * 1.5 ? [{ at: new Date(Date.parse(before.at) + stepMs).toISOString(), values: {} }, point] : [point];
  });
}
