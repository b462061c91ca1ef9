import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { formatAge, formatAgo, formatCount, formatNoun, formatPercent } from '#components/format.ts';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { readScope } from '#components/scope.ts';
import { Sparkline } from '#components/sparkline.tsx';
import { listClusterReadings } from '#lib/operations/list-cluster-readings.ts';
import { readOverview, type Overview } from '#lib/operations/overview.ts';
import { readFrame } from '#lib/operations/read-frame.ts';
import { pageContext } from '../page-context.ts';
import { ClusterProblems } from './lag/cluster-problems.tsx';
import { NeedLine } from './need-line.tsx';
import { OverviewCharts } from './overview-charts.tsx';

export const metadata: Metadata = { title: 'Overview' };

export default async function OverviewPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const scope = readScope(await searchParams);
  const [frame, readings] = await Promise.all([readFrame(store, { now }), listClusterReadings(store, { now })]);
  // A name that is not there would show a screen on which all is quiet.
  const cluster = frame.clusters.some((one) => one.name === scope.cluster) ? scope.cluster : null;
  const overview = await readOverview(store, { cluster, now, rangeMs: scope.rangeMs });
  const { needs } = overview;
  // One that is down stands among what needs a person; one that nobody reads any more looks as it did when it was last read.
  const stale = readings.items.filter((one) => one.state === 'stale' && (cluster === null || one.name === cluster));
  // With one cluster there is nothing to tell apart.
  const shared = frame.clusters.length > 1 ? cluster : null;
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
      <PageHeader
        title={`${overview.needCount === 0 ? (stale.length > 0 ? 'Nothing new is known' : 'All quiet') : overview.needCount === 1 ? 'One thing needs a person' : `${formatCount(overview.needCount)} things need a person`}${cluster === null || frame.clusters.length < 2 ? '' : ` on ${cluster}`}`}
        verdict={overview.needCount === 0 && stale.length === 0 ? quietSentence(overview, now) : undefined}
      />
      <ClusterProblems clusters={stale} now={now} />
      {needs.length > 0 ? (
        <div className="panel mb-6 overflow-hidden">
          <ol aria-label="What needs a person, most urgent first" className="divide-y divide-line">
            {needs.map((need, index) => (
              <NeedLine key={index} need={need} now={now} cluster={shared} />
            ))}
          </ol>
          <More overview={overview} cluster={cluster} />
        </div>
      ) : null}
      <Figures overview={overview} now={now} cluster={cluster} shared={shared !== null} />
      <OverviewCharts overview={overview} rangeMs={scope.rangeMs} />
    </>
  );
}

function More({ overview: { more }, cluster }: { overview: Overview; cluster: string | null }): ReactNode {
  const parts = [
    ...(more.groups > 0 ? [{ href: links.lag({ cluster }), text: formatNoun(more.groups, 'more group') }] : []),
    ...(more.failures > 0 ? [{ href: links.deadLetters({ cluster }), text: formatNoun(more.failures, 'more cause of dead letters', 'more causes of dead letters') }] : []),
    ...(more.replays > 0 ? [{ href: links.replays({ cluster }), text: formatNoun(more.replays, 'more replay or rule that waits', 'more replays and rules that wait') }] : []),
    ...(more.alerts > 0 ? [{ href: links.alerts({ cluster }), text: formatNoun(more.alerts, 'more alert') }] : []),
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

/** @param shared whether figures that are about every cluster have to say so */
function Figures({ overview, now, cluster, shared }: { overview: Overview; now: Date; cluster: string | null; shared: boolean }): ReactNode {
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
      <Tile href={links.lag({ cluster })} label="Groups" value={formatCount(groups.total)} note={groups.total === 0 ? 'none seen yet' : parts.join(' · ')} />
      <Tile href={links.journeys({ cluster })} label="Journeys in the last hour" value={formatCount(journeys.hour)} note={`${journeys.hour === 0 ? 'none traced yet' : `done ${formatPercent(journeys.done / journeys.hour)} · stuck or failed ${formatCount(journeys.stuck)}`}${shared ? ' · all clusters' : ''}`} />
      <Tile
        href={links.deadLetters({ cluster })}
        label="New dead letters"
        value={formatCount(deadLetters.fresh)}
        note={deadLetters.lastAt === null ? 'none seen yet' : `last ${formatAgo(deadLetters.lastAt, now)}`}
        aside={day > 0 ? <Sparkline values={deadLetters.perHour} label={`Dead letters an hour over the last 24 h, ${formatCount(day)} in all, at most ${formatCount(Math.max(...deadLetters.perHour))} in one hour`} /> : null}
      />
      <Tile href={links.replays({ cluster })} label="Replays under way" value={formatCount(replays.open)} note={replays.open === 0 ? 'nothing is being sent' : 'sending or waiting'} />
      <Tile href={links.alerts({ cluster })} label="Alerts firing" value={formatCount(alerts.firing)} note={alerts.firing === 0 ? 'no rule is breached' : alerts.oldestSince === null ? 'since an unknown time' : `the oldest for ${formatAge(now.getTime() - new Date(alerts.oldestSince).getTime())}`} />
    </section>
  );
}

function Tile({ href, label, value, note, aside }: { href: string; label: string; value: string; note: string; aside?: ReactNode }): ReactNode {
  return (
    <Link href={href} prefetch={false} className="flex min-w-0 flex-col gap-0.5 bg-surface px-4 py-3 outline-offset-[-2px] hover:bg-hover max-xl:last:col-span-2">
      <span className="text-xs text-muted">{label}</span>
      <span className="flex items-end justify-between gap-2">
        <span className="text-xl font-semibold">{value}</span>
        {aside}
      </span>
      <span className="text-xs text-muted">{note}</span>
    </Link>
  );
}
