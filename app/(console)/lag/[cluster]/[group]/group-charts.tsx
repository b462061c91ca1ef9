'use client';

import { parseAsString, useQueryStates } from 'nuqs';
import { useMemo, type ReactNode } from 'react';
import { formatCount, formatDuration, formatNoun, formatRate, formatTime } from '#components/format.ts';
import { MIN_RANGE_MS } from '#components/scope.ts';
import { ChartGroup } from '#components/chart-group.tsx';
import { TimeChart, type ChartMark, type ChartPoint } from '#components/time-chart.tsx';
import { useTimeZone } from '#components/use-time-zone.ts';
import type { GroupMark } from '#lib/operations/group-marks.ts';
import type { ChartColumns } from './chart-columns.ts';
import { ChartsToolbar } from './charts-toolbar.tsx';
import { differenceOf } from './compare.ts';

/** More marks on a chart hide what it shows; all of them stand in the list under it. */
const MAX_MARKS = 12;
/** Below this share of the range the readings would be a smear at its end. */
const YOUNG = 0.25;

type Compared = { label: string; problem: string; columns?: undefined } | { label: string; columns: Pick<ChartColumns, 'ageMax' | 'lagMax' | 'consumed'>; problem?: undefined };

interface GroupChartsProps {
  columns: ChartColumns;
  marks: readonly GroupMark[];
  cluster: string;
  group: string;
  /** The URL names a stretch of time instead of a range up to now. */
  chosen: boolean;
  compared: Compared | null;
}

/** Seconds behind, records behind, and both rates, on one time axis. Steps that were not read are gaps. */
export function GroupCharts({ columns, marks, cluster, group, chosen, compared }: GroupChartsProps): ReactNode {
  const [, setUrl] = useQueryStates({ from: parseAsString, to: parseAsString }, { history: 'push', shallow: false });
  const zone = useTimeZone();
  const points = useMemo(() => pointsOf(columns, compared?.columns ?? null), [columns, compared]);
  const { drawn, all } = useMemo(() => marksOf(columns, marks), [columns, marks]);
  const firstKnown = columns.lagMax.findIndex((value, step) => value !== null || columns.reasons[step] !== undefined);
  // Just started: the axis begins where the readings do, instead of an hour of nothing before them.
  const beginMs = columns.firstMs + firstKnown * columns.stepMs;
  const young = !chosen && compared === null && firstKnown > 0 && columns.toMs - beginMs < (columns.toMs - columns.fromMs) * YOUNG;
  const fromMs = young ? Math.max(columns.fromMs, beginMs - Math.max(2 * columns.stepMs, (columns.toMs - beginMs) / 4)) : columns.fromMs;
  const range = useMemo(() => ({ from: new Date(fromMs).toISOString(), to: new Date(columns.toMs).toISOString() }), [fromMs, columns.toMs]);
  const shownPoints = useMemo(() => (young ? points.filter((point) => Date.parse(point.at) >= fromMs) : points), [points, young, fromMs]);
  const begin = young ? ` Readings begin at ${formatTime(beginMs, zone)}.` : '';
  const zoom = ({ from, to }: { from: string; to: string }) => {
    const spare = Math.max(0, MIN_RANGE_MS - (Date.parse(to) - Date.parse(from))) / 2;
    void setUrl({ from: new Date(Date.parse(from) - spare).toISOString(), to: new Date(Date.parse(to) + spare).toISOString() });
  };
  const mostAge = highest(columns.ageMax);
  const mostLag = highest(columns.lagMax);
  const end = chosen ? 'at its end' : 'now';
  const last = columns.lagMax.length - 1;
  const lastKnown = columns.lagMax.findLastIndex((value) => value !== null);
  const at = (column: readonly (number | null)[]) => (lastKnown >= 0 && (chosen || last - lastKnown <= 2) ? column[lastKnown] : null);
  const [ageNow, lagNow, producedNow, consumedNow] = [at(columns.age), at(columns.lag), at(columns.produced), at(columns.consumed)];
  const common = { points: shownPoints, stepMs: columns.stepMs, range, marks: drawn, heightPx: 130, onZoom: zoom, fileWords: group, underLabel: 'at its end' };
  const other = compared?.columns ? compared.label : null;
  return (
    <section aria-label="Charts" className="mb-6">
      <ChartsToolbar columns={columns} cluster={cluster} group={group} chosen={chosen} compared={compared} />
      {compared ? (
        <p aria-live="polite" className="mb-2">
          {compared.columns ? differenceOf(columns, compared.columns, group, compared.label) : compared.problem}
        </p>
      ) : null}
      <ChartGroup>
        <div className="grid gap-3">
          <TimeChart
            {...common}
            title="Time behind"
            sentence={(mostAge === null ? `How old the oldest unprocessed record of ${group} was is not known in this range.` : `The oldest unprocessed record was at most ${formatDuration(mostAge)} old; ${end} ${typeof ageNow === 'number' ? formatDuration(ageNow) : 'unknown'}.`) + begin}
            series={[{ key: 'age', label: other ? group : 'Oldest record' }, ...(other ? [{ key: 'otherAge', label: other }] : [])]}
            under="ageEnd"
            format="duration"
          />
          <TimeChart
            {...common}
            title="Records behind"
            sentence={mostLag === null ? 'No lag is known in this range.' : `At most ${formatCount(mostLag)} records waited; ${end} ${typeof lagNow === 'number' ? formatCount(lagNow) : 'unknown'}.`}
            series={[{ key: 'lag', label: other ? group : 'Lag' }, ...(other ? [{ key: 'otherLag', label: other }] : [])]}
            under="lagEnd"
            format="count"
          />
          <TimeChart
            {...common}
            title="Produced and consumed"
            sentence={typeof consumedNow === 'number' && typeof producedNow === 'number' ? `${chosen ? 'At its end' : 'Now'} ${formatRate(producedNow)} produced and ${formatRate(consumedNow)} consumed.` : 'The rates need two readings.'}
            series={[{ key: 'produced', label: 'Produced' }, { key: 'consumed', label: 'Consumed' }, ...(other ? [{ key: 'otherConsumed', label: `Consumed, ${other}` }] : [])]}
            format="rate"
            fillBetween={BOTH}
          />
        </div>
      </ChartGroup>
      {all.length > 0 ? (
        <details className="mt-2 text-xs">
          <summary className="cursor-pointer text-muted hover:text-ink">{formatNoun(all.length, 'event')} in this range: rebalances, deploys, markers, changes of status</summary>
          <ul className="mt-1 max-h-48 overflow-y-auto rounded-sm border border-line">
            {all.toReversed().map((mark) => (
              <li key={`${mark.at} ${mark.label}`} className="flex gap-3 border-b border-line px-2 py-1 last:border-b-0">
                <time dateTime={mark.at} className="shrink-0 text-muted">
                  {formatTime(mark.at, zone)}
                </time>
                <span className="min-w-0 [overflow-wrap:anywhere]">{mark.label}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}

const BOTH = ['produced', 'consumed'] as const;

function pointsOf(columns: ChartColumns, other: Pick<ChartColumns, 'ageMax' | 'lagMax' | 'consumed'> | null): ChartPoint[] {
  return columns.lagMax.map((lag, step) => {
    const reason = columns.reasons[step] ?? (lag === null ? 'nobody read: no cycle of the collector' : undefined);
    return {
      at: new Date(Math.max(columns.fromMs, columns.firstMs + step * columns.stepMs)).toISOString(),
      values: {
        age: columns.ageMax[step] ?? null,
        ageEnd: columns.age[step] ?? null,
        lag,
        lagEnd: columns.lag[step] ?? null,
        produced: columns.produced[step] ?? null,
        consumed: columns.consumed[step] ?? null,
        ...(other ? { otherAge: other.ageMax[step] ?? null, otherLag: other.lagMax[step] ?? null, otherConsumed: other.consumed[step] ?? null } : {}),
      },
      ...(reason === undefined ? {} : { reason }),
    };
  });
}

/** Those drawn, and all of them: what people say first, then deploys, rebalances and states. */
function marksOf(columns: ChartColumns, marks: readonly GroupMark[]): { drawn: ChartMark[]; all: ChartMark[] } {
  const kinds = { marker: 'deploy', deploy: 'deploy', rebalance: 'rebalance', members: 'rebalance' } as const;
  const said = marks.map((mark): ChartMark => ({ at: mark.at, label: mark.text, short: mark.kind === 'deploy' ? 'deploy' : mark.kind === 'marker' ? mark.text.slice(0, 18) : mark.kind, kind: kinds[mark.kind] }));
  const states = columns.statuses.map(([step, status]): ChartMark => ({ at: new Date(columns.firstMs + step * columns.stepMs).toISOString(), label: status.replaceAll('-', ' '), kind: 'state' }));
  const rank = { deploy: 0, rebalance: 1, state: 2 };
  const all = [...said, ...states].sort((left, right) => left.at.localeCompare(right.at));
  return { all, drawn: all.toReversed().sort((left, right) => rank[left.kind ?? 'state'] - rank[right.kind ?? 'state']).slice(0, MAX_MARKS) };
}

function highest(column: readonly (number | null)[]): number | null {
  return column.reduce<number | null>((most, value) => (value !== null && (most === null || value > most) ? value : most), null);
}
