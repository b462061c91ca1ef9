'use client';

import { useMemo, type ReactNode } from 'react';
import { formatCount, formatDuration, formatRate } from '#components/format.ts';
import { TimeChart, type ChartMark, type ChartPoint } from '#components/time-chart.tsx';
import type { GroupHistory } from '#lib/operations/get-group-history.ts';

const MAX_MARKS = 8;

/** Seconds behind, records behind, and both rates, on one time axis. Steps that were not read are gaps. */
export function GroupCharts({ history, group }: { history: GroupHistory; group: string }): ReactNode {
  const { points, marks } = useMemo(() => pointsOf(history), [history]);
  const last = history.items.at(-1);
  const most = <Key extends 'lagSecondsMax'>(key: Key) => history.items.reduce<number | null>((found, item) => (item[key] !== null && (found === null || item[key] > found) ? item[key] : found), null);
  const mostSeconds = most('lagSecondsMax');
  const mostLag = history.items.reduce<bigint | null>((found, item) => (item.lagMax !== null && (found === null || BigInt(item.lagMax) > found) ? BigInt(item.lagMax) : found), null);
  return (
    <div className="mb-6 grid gap-3">
      <TimeChart
        title="Time behind"
        sentence={mostSeconds === null ? `How old the oldest unprocessed record of ${group} was is not known in this range.` : `The oldest unprocessed record was at most ${formatDuration(mostSeconds * 1_000)} old; now ${last?.lagSeconds === null || last === undefined ? 'unknown' : formatDuration(last.lagSeconds * 1_000)}.`}
        series={[{ key: 'seconds', label: 'Oldest record' }]}
        points={points}
        format="duration"
        marks={marks}
        heightPx={130}
      />
      <TimeChart
        title="Records behind"
        sentence={mostLag === null ? 'No lag is known in this range.' : `At most ${formatCount(mostLag)} records waited; now ${last?.lag === null || last === undefined ? 'unknown' : formatCount(last.lag)}.`}
        series={[{ key: 'lag', label: 'Lag' }]}
        points={points}
        format="count"
        marks={marks}
        heightPx={130}
      />
      <TimeChart
        title="Produced and consumed"
        sentence={last === undefined || last.consumedPerSecond === null ? 'The rates need two readings.' : `Now ${formatRate(last.producedPerSecond)} produced and ${formatRate(last.consumedPerSecond)} consumed.`}
        series={[
          { key: 'produced', label: 'Produced' },
          { key: 'consumed', label: 'Consumed' },
        ]}
        points={points}
        format="rate"
        fillBetween={['produced', 'consumed']}
        heightPx={130}
      />
    </div>
  );
}

function pointsOf({ items, from, to, stepSeconds }: GroupHistory): { points: ChartPoint[]; marks: ChartMark[] } {
  const byStep = new Map(items.map((item) => [Math.floor(Date.parse(item.at) / 1_000 / stepSeconds), item]));
  const first = Math.floor(Date.parse(from) / 1_000 / stepSeconds);
  const end = Math.floor(Date.parse(to) / 1_000 / stepSeconds);
  const points: ChartPoint[] = [];
  const marks: ChartMark[] = [];
  let status: string | null = null;
  for (let step = first; step <= end; step += 1) {
    const at = new Date(step * stepSeconds * 1_000).toISOString();
    const item = byStep.get(step);
    points.push({
      at,
      values: {
        seconds: item?.lagSecondsMax === null || item === undefined ? null : item.lagSecondsMax * 1_000,
        // A drawing: what a double loses of an offset is less than a pixel.
        lag: item?.lagMax === null || item === undefined ? null : Number.parseFloat(item.lagMax),
        produced: item?.producedPerSecond ?? null,
        consumed: item?.consumedPerSecond ?? null,
      },
    });
    if (item && status !== null && item.status !== status) marks.push({ at, label: item.status.replaceAll('-', ' ') });
    if (item) status = item.status;
  }
  return { points, marks: marks.slice(-MAX_MARKS) };
}
