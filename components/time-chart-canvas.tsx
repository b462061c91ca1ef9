'use client';

import { useMemo, type ReactNode } from 'react';
import { Area, CartesianGrid, ComposedChart, Label, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis, type DotItemDotProps } from 'recharts';
import { formatTime } from './format.ts';
import { chartFigure, type TimeChartProps } from './time-chart.tsx';

const HUES = ['var(--color-series-1)', 'var(--color-series-2)', 'var(--color-series-3)', 'var(--color-series-4)', 'var(--color-series-5)', 'var(--color-series-6)'];
const DASHES = ['', '5 3', '2 2', '8 3 2 3', '1 3', '10 4'];

interface Row {
  t: number;
  between?: [number, number] | null;
  [series: string]: number | null | [number, number] | undefined;
}

/** The drawing of a time chart; loaded apart from the page. */
export function TimeChartCanvas({ series, points, format, marks = [], threshold, fillBetween, syncId }: TimeChartProps): ReactNode {
  const rows = useMemo(
    () =>
      points.map((point): Row => {
        const row: Row = { t: new Date(point.at).getTime() };
        for (const one of series) row[`s:${one.key}`] = point.values[one.key] ?? null;
        if (fillBetween) {
          const [low, high] = fillBetween.map((key) => point.values[key]);
          row.between = typeof low === 'number' && typeof high === 'number' ? [Math.min(low, high), Math.max(low, high)] : null;
        }
        return row;
      }),
    [points, series, fillBetween],
  );
  const labels = endLabels(rows, series);
  const widest = Math.max(0, ...series.map((one) => one.label.length));
  const spanMs = (rows.at(-1)?.t ?? 0) - (rows[0]?.t ?? 0);
  // Its own keyboard layer would put a focus into a drawing that is not read out: the table twin is the way for a keyboard.
  return (
    <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 600, height: 160 }}>
      <ComposedChart data={rows} accessibilityLayer={false} margin={{ top: 6, right: series.length > 1 ? Math.min(130, widest * 6.8 + 18) : 8, bottom: 0, left: 0 }} {...(syncId ? { syncId } : {})}>
        <CartesianGrid vertical={false} stroke="var(--color-line)" />
        <XAxis dataKey="t" type="number" scale="time" domain={['dataMin', 'dataMax']} tickFormatter={(t: number) => tick(t, spanMs)} tick={{ fontSize: 11, fill: 'var(--color-muted)' }} stroke="var(--color-line)" minTickGap={48} tickLine={false} />
        <YAxis width={68} tickFormatter={(value: number) => chartFigure(format, value)} tick={{ fontSize: 11, fill: 'var(--color-muted)' }} axisLine={false} tickLine={false} tickCount={4} domain={[0, (max: number) => Math.max(max, threshold?.value ?? 0, 1e-9)]} />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--color-line-strong)' }}
          content={({ active, label, payload }) =>
            active && payload.length > 0 ? (
              <div className="rounded-md border border-line bg-raised px-2.5 py-1.5 text-xs shadow-lg">
                <p className="mb-1 text-muted">{formatTime(Number(label))}</p>
                {series.map((one, index) => (
                  <p key={one.key} className="flex items-center gap-2">
                    <span className="inline-block h-0.5 w-3" style={{ background: HUES[index] }} />
                    <span className="flex-1 pr-3">{one.label}</span>
                    <span className="font-medium">{chartFigure(format, (payload[0]?.payload as Row | undefined)?.[`s:${one.key}`] as number | null, true)}</span>
                  </p>
                ))}
              </div>
            ) : null
          }
        />
        {fillBetween ? <Area dataKey="between" stroke="none" fill="var(--color-behind)" fillOpacity={0.18} isAnimationActive={false} connectNulls={false} activeDot={false} /> : null}
        {series.length === 1 && !fillBetween ? <Area type="monotone" dataKey={`s:${series[0]?.key}`} stroke="none" fill={HUES[0] ?? ''} fillOpacity={0.12} isAnimationActive={false} connectNulls={false} activeDot={false} /> : null}
        {marks.map((mark) => (
          <ReferenceLine key={`${mark.at} ${mark.label}`} x={new Date(mark.at).getTime()} stroke="var(--color-line-strong)" strokeDasharray="2 3">
            <Label value={mark.label} position="insideTopLeft" fontSize={10} fill="var(--color-muted)" />
          </ReferenceLine>
        ))}
        {threshold ? (
          <ReferenceLine y={threshold.value} stroke="var(--color-bad)" strokeDasharray="4 3">
            <Label value={threshold.label} position="insideBottomRight" fontSize={10} fill="var(--color-bad-ink)" />
          </ReferenceLine>
        ) : null}
        {series.map((one, index) => (
          <Line key={one.key} type="monotone" dataKey={`s:${one.key}`} stroke={HUES[index] ?? ''} strokeDasharray={DASHES[index] ?? ''} strokeWidth={1.5} dot={(dot) => lonelyDot(dot, rows, one.key, HUES[index] ?? '')} isAnimationActive={false} connectNulls={false}>
            {null}
          </Line>
        ))}
        {series.length > 1
          ? labels.map(({ index, value, label, shift }) => (
              <ReferenceLine key={label} y={value} stroke="none" ifOverflow="extendDomain">
                <Label value={label} position="right" offset={6} dy={shift} fontSize={11} fill={HUES[index] ?? ''} style={{ fontWeight: 500 }} />
              </ReferenceLine>
            ))
          : null}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

/** A point without a neighbour has no line to be part of: unless it is drawn as a dot, the first minute of a chart shows nothing. */
function lonelyDot({ cx, cy, index, key }: DotItemDotProps, rows: readonly Row[], series: string, hue: string): ReactNode {
  const known = (at: number) => typeof rows[at]?.[`s:${series}`] === 'number';
  const lonely = known(index) && !known(index - 1) && !known(index + 1) && cx !== undefined && cy !== undefined;
  return lonely ? <circle key={String(key)} cx={cx} cy={cy} r={2.5} fill={hue} /> : <g key={String(key)} />;
}

/** A label at the end of each line instead of a legend; labels that would lie on each other move apart. */
function endLabels(rows: readonly Row[], series: TimeChartProps['series']): { index: number; value: number; label: string; shift: number }[] {
  const ends = series.flatMap((one, index) => {
    const value = rows.findLast((row) => typeof row[`s:${one.key}`] === 'number')?.[`s:${one.key}`];
    return typeof value === 'number' ? [{ index, value, label: one.label, shift: 0 }] : [];
  });
  ends.sort((left, right) => right.value - left.value);
  const max = Math.max(1e-9, ...rows.flatMap((row) => series.map((one) => row[`s:${one.key}`]).filter((value) => typeof value === 'number')));
  const heightPx = 120;
  let lowest = Number.NEGATIVE_INFINITY;
  for (const end of ends) {
    const wanted = (1 - end.value / max) * heightPx;
    const placed = Math.max(wanted, lowest + 13);
    end.shift = placed - wanted;
    lowest = placed;
  }
  const over = lowest - heightPx;
  return over > 0 ? ends.map((end) => ({ ...end, shift: end.shift - over })) : ends;
}

function tick(t: number, spanMs: number): string {
  const date = new Date(t);
  return spanMs > 36 * 3_600_000
    ? new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(date)
    : new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date);
}
