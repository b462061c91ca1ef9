import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { formatAge, formatAgo, formatCount, formatDuration, formatNoun, formatPercent } from '#components/format.ts';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { readScope } from '#components/scope.ts';
import { Sparkline } from '#components/sparkline.tsx';
import { TimeChart, type ChartPoint } from '#components/time-chart.tsx';
import { withGaps } from '#components/with-gaps.ts';
import { readOverview, type Overview } from '#lib/operations/overview.ts';
import { readFrame } from '#lib/operations/read-frame.ts';
import { pageContext } from '../page-context.ts';
import { NeedLine } from './need-line.tsx';

/** The step of the roll-up that the chart is drawn from. */
const MINUTE_MS = 60_000;

export const metadata: Metadata = { title: 'Overview' };

export default async function OverviewPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const scope = readScope(await searchParams);
  const [overview, frame] = await Promise.all([readOverview(store, { cluster: scope.cluster, now, rangeMs: scope.rangeMs }), readFrame(store, { now })]);
  const { needs } = overview;
  if (frame.clusters.length === 0) {
    return (
      <>
        <LiveRefresh kinds={['collectors', 'lag']} />
        <PageHeader title="Overview" verdict="No cluster has been read yet." />
        <EmptyState title="What needs a person will appear here">
          Name your brokers in <code>KAFKA_BROKERS</code> or in <code>waybill.config.yaml</code> and start Waybill with <code>npm start</code>. Without a cluster of your own, <code>npm run demo</code> starts one with a shop. The first figures come
          within seconds of the first cycle; <code>npm run doctor</code> says what is missing.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <LiveRefresh kinds={['lag', 'dead-letters', 'replays', 'alerts', 'journeys', 'collectors']} everyMs={4_000} />
      <PageHeader title={overview.needCount === 0 ? 'All quiet' : overview.needCount === 1 ? 'One thing needs a person' : `${formatCount(overview.needCount)} things need a person`} verdict={overview.needCount === 0 ? quietSentence(overview, now) : undefined} />
      {needs.length > 0 ? (
        <div className="panel mb-6 overflow-hidden">
          <ol aria-label="What needs a person, most urgent first" className="divide-y divide-line">
            {needs.map((need, index) => (
              <NeedLine key={index} need={need} now={now} />
            ))}
          </ol>
          <More overview={overview} />
        </div>
      ) : null}
      <Figures overview={overview} now={now} />
      <Worst overview={overview} rangeMs={scope.rangeMs} />
    </>
  );
}

function More({ overview: { more } }: { overview: Overview }): ReactNode {
  const parts = [
    ...(more.groups > 0 ? [{ href: links.lag(), text: formatNoun(more.groups, 'more group') }] : []),
    ...(more.failures > 0 ? [{ href: links.deadLetters(), text: formatNoun(more.failures, 'more cause of dead letters', 'more causes of dead letters') }] : []),
    ...(more.alerts > 0 ? [{ href: links.alerts(), text: formatNoun(more.alerts, 'more alert') }] : []),
  ];
  if (parts.length === 0) return null;
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line bg-sunken px-4 py-2 text-xs">
      {parts.map((part) => (
        <Link key={part.href} href={part.href} prefetch={false} className="text-accent-ink hover:underline">
          {part.text}
        </Link>
      ))}
    </p>
  );
}

function quietSentence(overview: Overview, now: Date): string {
  const { groups, deadLetters } = overview;
  const keepUp = groups.total === 0 ? 'No consumer group exists yet' : groups.total === 1 ? 'The one group keeps up' : `${formatCount(groups.total)} groups keep up`;
  const last = deadLetters.lastAt === null ? 'no dead letter has been seen' : `the last dead letter was ${formatAgo(deadLetters.lastAt, now)}`;
  return `${keepUp}; ${last}.`;
}

function Figures({ overview, now }: { overview: Overview; now: Date }): ReactNode {
  const { groups, journeys, deadLetters, replays, alerts } = overview;
  const of = (...statuses: string[]) => statuses.reduce((sum, status) => sum + (groups.byStatus[status] ?? 0), 0);
  const parts = [
    `ok ${formatCount(of('ok', 'empty'))}`,
    ...(of('falling-behind', 'rewound', 'rebalancing', 'expired') > 0 ? [`behind ${formatCount(of('falling-behind', 'rewound', 'rebalancing', 'expired'))}`] : []),
    ...(of('stopped', 'stalled', 'losing-data') > 0 ? [`stopped ${formatCount(of('stopped', 'stalled', 'losing-data'))}`] : []),
    ...(of('unknown') > 0 ? [`unknown ${formatCount(of('unknown'))}`] : []),
  ];
  const day = deadLetters.perHour.reduce((sum, count) => sum + count, 0);
  return (
    <section aria-label="Figures" className="mb-6 grid grid-cols-2 gap-px overflow-hidden rounded-md border border-line bg-line md:grid-cols-3 xl:grid-cols-5">
      <Tile href={links.lag()} label="Groups" value={formatCount(groups.total)} note={groups.total === 0 ? 'none seen yet' : parts.join(' · ')} />
      <Tile href={links.journeys()} label="Journeys in the last hour" value={formatCount(journeys.hour)} note={journeys.hour === 0 ? 'none traced yet' : `done ${formatPercent(journeys.done / journeys.hour)} · stuck or failed ${formatCount(journeys.stuck)}`} />
      <Tile
        href={links.deadLetters()}
        label="New dead letters"
        value={formatCount(deadLetters.fresh)}
        note={deadLetters.lastAt === null ? 'none seen yet' : `last ${formatAgo(deadLetters.lastAt, now)}`}
        aside={day > 0 ? <Sparkline values={deadLetters.perHour} label={`Dead letters an hour over the last 24 h, ${formatCount(day)} in all, at most ${formatCount(Math.max(...deadLetters.perHour))} in one hour`} /> : null}
      />
      <Tile href={links.replays()} label="Replays under way" value={formatCount(replays.open)} note={replays.open === 0 ? 'nothing is being sent' : 'sending or waiting'} />
      <Tile href={links.alerts()} label="Alerts firing" value={formatCount(alerts.firing)} note={alerts.firing === 0 ? 'no rule is breached' : alerts.oldestSince === null ? 'since an unknown time' : `the oldest for ${formatAge(now.getTime() - new Date(alerts.oldestSince).getTime())}`} />
    </section>
  );
}

function Tile({ href, label, value, note, aside }: { href: string; label: string; value: string; note: string; aside?: ReactNode }): ReactNode {
  return (
    <Link href={href} prefetch={false} className="flex min-w-0 flex-col gap-0.5 bg-surface px-4 py-3 outline-offset-[-2px] hover:bg-hover">
      <span className="text-xs text-muted">{label}</span>
      <span className="flex items-end justify-between gap-2">
        <span className="text-xl font-semibold">{value}</span>
        {aside}
      </span>
      <span className="text-xs text-muted">{note}</span>
    </Link>
  );
}

function Worst({ overview, rangeMs }: { overview: Overview; rangeMs: number }): ReactNode {
  const { worst } = overview;
  if (worst.length === 0) return null;
  const minutes = new Map<string, Record<string, number | null>>();
  for (const group of worst) {
    for (const point of group.points) {
      const values = minutes.get(point.at) ?? {};
      values[`${group.cluster}/${group.group}`] = point.lagMs;
      minutes.set(point.at, values);
    }
  }
  const points: ChartPoint[] = [...minutes.entries()].sort(([left], [right]) => left.localeCompare(right)).map(([at, values]) => ({ at, values }));
  const [top] = worst;
  const latest = top?.points.at(-1)?.lagMs ?? null;
  return (
    <TimeChart
      title="Furthest behind"
      sentence={`${top?.group ?? 'No group'} is ${latest === null ? 'behind by an unknown time' : `${formatDuration(latest)} behind`}; seconds behind over the last ${formatDuration(rangeMs)}.`}
      series={worst.map((group) => ({ key: `${group.cluster}/${group.group}`, label: group.group }))}
      points={withGaps(points, MINUTE_MS)}
      format="duration"
      heightPx={220}
    />
  );
}
