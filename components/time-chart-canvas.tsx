'use client';

import { memo, useMemo, type ReactNode } from 'react';
import { Area, ComposedChart, Label, ReferenceLine, XAxis, YAxis, type DotItemDotProps } from 'recharts';
import { figureTicks, timeTicks } from './chart-ticks.ts';
import { TimeChartCursor } from './time-chart-cursor.tsx';
import { chartFigure, type ChartMark, type ChartPoint, type TimeChartProps } from './time-chart.tsx';

const HUES = ['var(--color-series-1)', 'var(--color-series-2)', 'var(--color-series-3)', 'var(--color-series-4)', 'var(--color-series-5)', 'var(--color-series-6)'];
const DASHES = ['', '5 3', '2 2', '8 3 2 3', '1 3', '10 4'];
const TICK = { fontSize: 11, fill: 'var(--color-muted)' };

/** Room around the plot, px; the cursor over it lies exactly on it. */
const LEFT = 68;
const TOP = 6;
const AXIS = 22;
/** Letters that fit beside the plot. */
const LABEL_MAX = 18;

interface Row {
  t: number;
  between?: [number, number] | null;
  [series: string]: number | null | [number, number] | undefined;
}

/** The drawing of a time chart; loaded apart from the page. The words stand in time-chart.tsx, what moves over it in time-chart-cursor.tsx. */
export function TimeChartCanvas(props: TimeChartProps): ReactNode {
  const { series, points } = props;
  const widest = Math.max(0, ...series.map((one) => one.label.length));
  const right = series.length > 1 ? Math.min(130, widest * 6.8 + 18) : 10;
  const [from, to] = useMemo(() => rangeOf(points, props.range), [points, props.range]);
  return (
    <div className="relative h-full">
      <div aria-hidden className="absolute inset-0">
        <Drawing {...props} from={from} to={to} right={right} />
      </div>
      <div className="absolute" style={{ left: LEFT, right, top: TOP, bottom: AXIS }}>
        <TimeChartCursor {...props} from={from} to={to} hues={HUES} />
      </div>
    </div>
  );
}

function rangeOf(points: readonly ChartPoint[], range: TimeChartProps['range']): [number, number] {
  if (range) return [Date.parse(range.from), Date.parse(range.to)];
  return [Date.parse(points[0]?.at ?? '1970-01-01'), Date.parse(points.at(-1)?.at ?? '1970-01-01')];
}

interface DrawingProps extends TimeChartProps {
  from: number;
  to: number;
  right: number;
}

// Apart, so that a cursor that moves does not draw 700 points again.
const Drawing = memo(function Drawing({ series, points, format, marks = [], threshold, fillBetween, under, stepMs, from, to, right, heightPx = 160 }: DrawingProps): ReactNode {
  const rows = useMemo(
    () =>
      points.flatMap((point, index): Row[] => {
        const row: Row = { t: Date.parse(point.at) };
        for (const one of series) row[`s:${one.key}`] = point.values[one.key] ?? null;
        if (under) row['under'] = point.values[under] ?? null;
        if (fillBetween) {
          const [low, high] = fillBetween.map((key) => point.values[key]);
          row.between = typeof low === 'number' && typeof high === 'number' ? [Math.min(low, high), Math.max(low, high)] : null;
        }
        // What was read holds for its whole step: without it the first minute of a chart is a dot, and each run ends a step too early.
        const next = points[index + 1];
        const runEnds = stepMs !== undefined && series.some((one) => row[`s:${one.key}`] !== null && typeof next?.values[one.key] !== 'number');
        return runEnds ? [row, { ...row, t: Math.min(to, row.t + stepMs - 1) }] : [row];
      }),
    [points, series, fillBetween, under, stepMs, to],
  );
  const max = Math.max(threshold?.value ?? 0, ...rows.flatMap((row) => series.map((one) => row[`s:${one.key}`]).filter((value) => typeof value === 'number')));
  const upright = figureTicks(max, format);
  const top = upright.at(-1) ?? 1;
  const across = timeTicks(from, to, 8, -new Date(from).getTimezoneOffset() * 60_000);
  const labelled = marksWithRoom(marks, to - from);
  const labels = endLabels(rows, series, top, heightPx - TOP - AXIS);
  const fill = under ? 'under' : series.length === 1 && !fillBetween ? `s:${series[0]?.key}` : null;
  return (
    // Its own keyboard layer would put a focus into a drawing that is not read out: the cursor above it and the table twin are the way for a keyboard.
    <ComposedChart responsive style={{ width: '100%', height: '100%' }} data={rows} accessibilityLayer={false} margin={{ top: TOP, right, bottom: 0, left: 0 }}>
      {upright.map((y) => (
        <ReferenceLine key={y} y={y} stroke="var(--color-line)" />
      ))}
      <XAxis dataKey="t" type="number" height={AXIS} domain={[from, to]} allowDataOverflow ticks={across} niceTicks="none" tickFormatter={(t: number) => tick(t, to - from)} tick={TICK} stroke="var(--color-line)" minTickGap={24} tickLine={false} />
      <YAxis width={LEFT} ticks={upright} niceTicks="none" interval={0} tickFormatter={(value: number) => chartFigure(format, value).replaceAll(' ', '\u00a0')} tick={TICK} axisLine={false} tickLine={false} domain={[0, top]} />
      {fillBetween ? <Area dataKey="between" type="linear" stroke="none" fill="var(--color-behind)" fillOpacity={0.18} isAnimationActive={false} connectNulls={false} activeDot={false} /> : null}
      {fill ? <Area dataKey={fill} type="linear" stroke="none" fill={HUES[0] ?? ''} fillOpacity={0.14} isAnimationActive={false} connectNulls={false} activeDot={false} /> : null}
      {marks.map((mark) => (
          <ReferenceLine key={`${mark.at} ${mark.label}`} x={Date.parse(mark.at)} stroke={MARK_HUES[mark.kind ?? 'state']} strokeDasharray={MARK_DASHES[mark.kind ?? 'state']} ifOverflow="hidden">
            {labelled.has(mark) ? <Label value={mark.short ?? mark.label} position="insideTopLeft" fontSize={10} fill="var(--color-muted)" /> : null}
          </ReferenceLine>
      ))}
      {threshold ? (
        <ReferenceLine y={threshold.value} stroke="var(--color-bad)" strokeDasharray="4 3">
          <Label value={threshold.label} position="insideBottomRight" fontSize={10} fill="var(--color-bad-ink)" />
        </ReferenceLine>
      ) : null}
      {series.map((one, index) => (
        <Area key={one.key} type="linear" dataKey={`s:${one.key}`} stroke={HUES[index] ?? ''} strokeDasharray={DASHES[index] ?? ''} strokeWidth={1.5} fill="none" dot={(dot) => lonelyDot(dot, rows, one.key, HUES[index] ?? '')} activeDot={false} isAnimationActive={false} connectNulls={false}>
          {null}
        </Area>
      ))}
      {series.length > 1
        ? labels.map(({ index, value, label, shift }) => (
            <ReferenceLine key={index} y={value} stroke="none">
              <Label value={label} position="right" offset={6} dy={shift} fontSize={11} fill={HUES[index] ?? ''} style={{ fontWeight: 500 }} />
            </ReferenceLine>
          ))
        : null}
    </ComposedChart>
  );
});

const MARK_HUES = { state: 'var(--color-line-strong)', rebalance: 'var(--color-flight)', deploy: 'var(--color-replayed)' } as const;
const MARK_DASHES = { state: '2 3', rebalance: '5 3', deploy: '1 0' } as const;

/** Marks whose words do not lie on those of the next one; the others say theirs under the cursor and in the list. */
function marksWithRoom(marks: readonly ChartMark[], spanMs: number): ReadonlySet<ChartMark> {
  const room = new Set<ChartMark>();
  let nextMs = Number.POSITIVE_INFINITY;
  for (const mark of marks.toSorted((left, right) => Date.parse(right.at) - Date.parse(left.at))) {
    if (nextMs - Date.parse(mark.at) >= spanMs * 0.13) room.add(mark);
    nextMs = Date.parse(mark.at);
  }
  return room;
}

/** A point without a neighbour has no line to be part of: unless it is drawn as a dot, it shows nothing. */
function lonelyDot({ cx, cy, index, key }: DotItemDotProps, rows: readonly Row[], series: string, hue: string): ReactNode {
  const known = (at: number) => typeof rows[at]?.[`s:${series}`] === 'number';
  const lonely = known(index) && !known(index - 1) && !known(index + 1) && cx !== undefined && cy !== undefined;
  return lonely ? <circle key={String(key)} cx={cx} cy={cy} r={2.5} fill={hue} /> : <g key={String(key)} />;
}

/** A label at the end of each line instead of a legend; labels that would lie on each other move apart. */
function endLabels(rows: readonly Row[], series: TimeChartProps['series'], top: number, heightPx: number): { index: number; value: number; label: string; shift: number }[] {
  const ends = series.flatMap((one, index) => {
    const value = rows.findLast((row) => typeof row[`s:${one.key}`] === 'number')?.[`s:${one.key}`];
    return typeof value === 'number' ? [{ index, value, label: one.label.length > LABEL_MAX ? `${one.label.slice(0, LABEL_MAX - 1)}…` : one.label, shift: 0 }] : [];
  });
  ends.sort((left, right) => right.value - left.value);
  let lowest = Number.NEGATIVE_INFINITY;
  for (const end of ends) {
    const wanted = (1 - end.value / top) * heightPx;
    const placed = Math.max(wanted, lowest + 13);
    end.shift = placed - wanted;
    lowest = placed;
  }
  const over = lowest - heightPx;
  return over > 0 ? ends.map((end) => ({ ...end, shift: end.shift - over })) : ends;
}

function tick(t: number, spanMs: number): string {
  const date = new Date(t);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (spanMs > 36 * 3_600_000 ? midnight || spanMs > 8 * 86_400_000 : midnight) return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(date);
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', ...(spanMs < 5 * 60_000 ? { second: '2-digit' } : {}), hourCycle: 'h23' }).format(date);
}
