'use client';

import { useId, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { formatBytes, formatCompact, formatCount, formatDuration, formatPercent, formatRate, formatTime } from './format.ts';
import { onDemand } from './on-demand.tsx';

export type ChartFormat = 'count' | 'duration' | 'rate' | 'bytes' | 'percent';

export interface ChartSeries {
  /** Key of the figure in each point. */
  key: string;
  label: string;
}

export interface ChartPoint {
  /** ISO 8601 */
  at: string;
  /** Figures by series key; null is a gap, never 0. Durations in ms, rates per second. */
  values: Readonly<Record<string, number | null>>;
  /** Why nothing is known here. */
  reason?: string;
}

export interface ChartMark {
  at: string;
  /** What happened, in words: for the cursor and who hears the page. */
  label: string;
  /** What stands on the chart; the label where absent. */
  short?: string;
  /** State changes are dotted, rebalances dashed, deploys solid. */
  kind?: 'state' | 'rebalance' | 'deploy';
}

export interface TimeChartProps {
  title: string;
  /** What the chart shows, in one sentence with figures: it is read out and stands under the title. */
  sentence: string;
  series: readonly ChartSeries[];
  points: readonly ChartPoint[];
  format: ChartFormat;
  marks?: readonly ChartMark[];
  /** A line across: an alert's threshold. */
  threshold?: { value: number; label: string };
  /** Two lines with the gap between them filled (produced and consumed). */
  fillBetween?: readonly [string, string];
  /** A figure drawn as the ground under the first line: what stood at the end of a step whose highest is the line. */
  under?: string;
  underLabel?: string;
  heightPx?: number;
  /** The time the axis spans; from the first to the last point where absent. */
  range?: { from: string; to: string };
  /** How long the figures of one point hold: the last of a run is drawn to the end of its step. */
  stepMs?: number;
  /** First words of the names of files made of the chart. */
  fileWords?: string;
  /** Called with the stretch of time a reader selects. */
  onZoom?: (range: { from: string; to: string }) => void;
}

/** The figure of a chart in words; `exact` for tables and hover. */
export function chartFigure(format: ChartFormat, value: number | null | undefined, exact = false): string {
  switch (format) {
    case 'count':
      return exact ? formatCount(value) : formatCompact(value);
    case 'duration':
      return formatDuration(value);
    case 'rate':
      return formatRate(value);
    case 'bytes':
      return formatBytes(value);
    case 'percent':
      return formatPercent(value);
  }
}

const MAX_SERIES = 6;
const SMALL = 'rounded-sm px-1.5 py-0.5 text-xs text-muted hover:bg-hover hover:text-ink';

// recharts is 75 kB: it comes only to screens that have a chart, after their first paint.
const WAITING = <div className="h-full animate-pulse rounded-sm bg-sunken" />;
const Canvas = onDemand(() => import('./time-chart-canvas.tsx').then((module) => module.TimeChartCanvas), WAITING);

const never = () => () => undefined;

/** Figures over time: a sentence, the chart, and its table twin one click away. At most six series, labelled at their ends. */
export function TimeChart(props: TimeChartProps): ReactNode {
  const { title, sentence, series, points, format, heightPx = 160, under, underLabel } = props;
  const figure = useRef<HTMLElement>(null);
  // The server draws the words; the drawing measures itself in a browser.
  const inBrowser = useSyncExternalStore(never, () => true, () => false);
  const [problem, setProblem] = useState<string | null>(null);
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const shown = series.slice(0, MAX_SERIES);
  const figures = points.some((point) => shown.some((one) => point.values[one.key] !== null && point.values[one.key] !== undefined));
  const columns = under ? [...shown, { key: under, label: `${shown[0]?.label ?? ''} ${underLabel ?? ''}` }] : shown;
  const save = async (as: 'csv' | 'png') => {
    setProblem(null);
    try {
      const { saveChartCsv, saveChartPng } = await import('./save-chart.ts');
      if (as === 'csv') saveChartCsv(props, columns);
      else await saveChartPng(props, figure.current);
    } catch {
      setProblem(`The ${as.toUpperCase()} could not be made. Reload the page and try again.`);
    }
  };
  return (
    <figure ref={figure} aria-labelledby={id} className="panel min-w-0 p-3">
      {/* The sentence runs under the buttons: beside them a telephone has room for three words a line. */}
      <figcaption className="mb-2 grid grid-cols-[minmax(0,1fr)_auto] gap-x-3">
        <h3 id={id} className="font-medium">
          {title}
        </h3>
        <p className="col-span-2 row-start-2 text-xs text-muted">{sentence}</p>
        {figures ? (
          <div className="col-start-2 row-start-1 flex shrink-0 gap-0.5 self-start">
            <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)} className={SMALL} aria-label={`${title}: ${asTable ? 'show the chart' : 'show the table'}`}>
              {asTable ? 'Chart' : 'Table'}
            </button>
            <button type="button" onClick={() => void save('csv')} className={SMALL} aria-label={`${title}: download as CSV`}>
              CSV
            </button>
            {asTable ? null : (
              <button type="button" onClick={() => void save('png')} className={SMALL} aria-label={`${title}: download as PNG`}>
                PNG
              </button>
            )}
          </div>
        ) : null}
      </figcaption>
      {problem ? (
        <p role="alert" className="mb-2 text-xs text-bad-ink">
          {problem}
        </p>
      ) : null}
      {!figures ? (
        <p className="flex items-center justify-center rounded-sm bg-sunken text-xs text-muted hatched" style={{ height: heightPx }}>
          No figures in this time range yet.
        </p>
      ) : asTable ? (
        // Focusable because it scrolls.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <section tabIndex={0} aria-label={`${title} as a table`} className="overflow-auto rounded-sm border border-line" style={{ height: heightPx }}>
          <table className="w-full text-xs">
            <thead className="sticky top-0 bg-surface">
              <tr>
                <th scope="col" className="px-2 py-1 text-left font-medium">
                  Time
                </th>
                {columns.map((one) => (
                  <th key={one.key} scope="col" className="px-2 py-1 text-right font-medium">
                    {one.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.toReversed().map((point) => (
                <tr key={point.at} className="border-t border-line">
                  <th scope="row" className="px-2 py-0.5 text-left font-normal whitespace-nowrap text-muted">
                    {formatTime(point.at)}
                  </th>
                  {columns.map((one) => (
                    <td key={one.key} className="px-2 py-0.5 text-right" title={point.reason}>
                      {chartFigure(format, point.values[one.key], true)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        <div style={{ height: heightPx }}>
          {inBrowser ? <Canvas {...props} series={shown} /> : WAITING}
        </div>
      )}
    </figure>
  );
}
