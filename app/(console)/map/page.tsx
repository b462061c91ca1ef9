import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { formatAgo, formatDuration, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { readScope } from '#components/scope.ts';
import { listClusterReadings } from '#lib/operations/list-cluster-readings.ts';
import { MOST_MAP_MS, readMap } from '#lib/operations/read-map.ts';
import { pageContext } from '../../page-context.ts';
import { ClusterProblems } from '../lag/cluster-problems.tsx';
import { MapFilterBar } from './map-filter-bar.tsx';
import { MapView } from './map-view.tsx';
import { mapVerdict } from './map-words.ts';

export const metadata: Metadata = { title: 'Map' };

/** Counted traces older than this are said to be behind. */
const TRACES_LATE_MS = 60_000;

/** What writes to what, what reads it, how fast, how late and with how many failures. */
export default async function MapPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const search = await searchParams;
  const scope = readScope(search);
  const clusters = (await listClusterReadings(store, { now })).items;
  const cluster = clusters.some((each) => each.name === scope.cluster) ? scope.cluster : null;
  const to = scope.chosen?.to ?? now;
  const from = scope.chosen?.from ?? new Date(now.getTime() - scope.rangeMs);
  const isCut = to.getTime() - from.getTime() > MOST_MAP_MS;
  const filter = { search: text(search['q']), service: text(search['service']), topic: text(search['topic']), group: text(search['group']) };
  const map = await readMap(store, {
    cluster, from: isCut ? new Date(to.getTime() - MOST_MAP_MS) : from, to, now, search: filter.search, service: filter.service || undefined, topic: filter.topic || undefined, group: filter.group || undefined,
  });
  const isFiltered = Object.values(filter).some((part) => part !== '');
  const left = [
    ...(map.left.services > 0 ? [formatNoun(map.left.services, 'service')] : []), ...(map.left.topics > 0 ? [formatNoun(map.left.topics, 'topic')] : []), ...(map.left.groups > 0 ? [formatNoun(map.left.groups, 'group')] : []),
  ].join(', ');
  const lateMs = map.tracesUpTo === null ? null : now.getTime() - new Date(map.tracesUpTo).getTime();
  return (
    <>
      <LiveRefresh kinds={['journeys', 'lag', 'topics']} everyMs={10_000} />
      <PageHeader title="Map" verdict={clusters.length === 0 && map.nodes.length === 0 ? 'No cluster has been read yet.' : isFiltered && map.nodes.length === 0 ? 'Nothing here has that name.' : mapVerdict(map)} />
      <ClusterProblems clusters={clusters.filter((each) => cluster === null || each.name === cluster)} now={now} />
      {map.countedSince !== null && lateMs !== null && lateMs > TRACES_LATE_MS ? (
        <ProblemState severity="warning" title={`Spans were last counted ${formatAgo(map.tracesUpTo!, now)}`}>
          What came since is not on the map yet. Check that the journeys collector runs: <code>npm run doctor</code>.
        </ProblemState>
      ) : null}
      {clusters.length === 0 && map.nodes.length === 0 && !isFiltered ? (
        <EmptyState title="The map will appear here">
          No cluster has been read yet. Set <code>KAFKA_BROKERS</code> or write <code>waybill.config.yaml</code>, and start Waybill with <code>npm start</code>; <code>npm run doctor</code> tries each setting.
        </EmptyState>
      ) : (
        <>
          <MapFilterBar filter={filter} />
          {isCut ? <p className="mb-2 text-xs text-muted">The map adds up {formatDuration(MOST_MAP_MS)} at most: it shows the last of the chosen range.</p> : null}
          {left === '' ? null : <p className="mb-2 text-xs text-muted">{left} more: the least busy have no room here. Narrow the filter, or choose a cluster, to see them.</p>}
          {map.nodes.length === 0 ? (
            isFiltered ? (
              <EmptyState title="No service, topic or group matches">
                Nothing that moved in this range has that name. <Link className="text-accent-ink underline" href={links.map({ cluster, range: scope.range })}>Show all</Link>, or choose a longer range.
              </EmptyState>
            ) : (
              <EmptyState title="Nothing moved in this range">
                A topic appears when records are written to it or a group commits on it; a service when its spans arrive at the OTLP port. Choose a longer range to see what moved before.
              </EmptyState>
            )
          ) : (
            <>
              {map.total.services === 0 && !isFiltered ? (
                <p className="mb-2 max-w-3xl text-xs text-muted">
                  {map.countedSince === null ? 'No spans have arrived' : 'No spans tell of this range'}, so topics and groups are drawn from their offsets and services are missing. Point the OpenTelemetry exporter of a service here:{' '}
                  <code>OTEL_EXPORTER_OTLP_ENDPOINT=http://…:4318</code>.
                </p>
              ) : null}
              <MapView key={JSON.stringify([filter, cluster])} map={map} severalClusters={cluster === null && clusters.length > 1} />
            </>
          )}
        </>
      )}
    </>
  );
}

function text(value: string | string[] | undefined): string {
  return ((Array.isArray(value) ? value[0] : value) ?? '').trim().slice(0, 300);
}
