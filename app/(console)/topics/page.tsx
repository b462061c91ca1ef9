import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { formatNoun, formatRate } from '#components/format.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { readScope } from '#components/scope.ts';
import { listClusterReadings } from '#lib/operations/list-cluster-readings.ts';
import { listTopics } from '#lib/operations/list-topics.ts';
import type { TopicSummary } from '#lib/operations/topic-shape.ts';
import { pageContext } from '../../page-context.ts';
import { ClusterProblems } from '../lag/cluster-problems.tsx';
import { packTopics } from './topic-row.ts';
import { TopicsTable } from './topics-table.tsx';

export const metadata: Metadata = { title: 'Topics' };

const MAX_ROWS = 20_000;

/** What there is, how much of it, who writes and who reads. */
export default async function TopicsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const scope = readScope(await searchParams);
  const clusters = (await listClusterReadings(store, { now })).items;
  const chosen = clusters.some((cluster) => cluster.name === scope.cluster) ? scope.cluster : null;
  const topics = await listTopics(store, { cluster: chosen, limit: MAX_ROWS, allNames: true, now });
  const shown = clusters.filter((cluster) => chosen === null || cluster.name === chosen);
  return (
    <>
      <LiveRefresh kinds={['lag', 'topics']} everyMs={10_000} />
      <PageHeader title="Topics" verdict={verdict(topics.items)} />
      <ClusterProblems clusters={shown} now={now} />
      {topics.items.length === 0 ? (
        <EmptyState title="Topics will appear here">
          {clusters.length === 0 ? (
            <>
              No cluster has been read yet. Set <code>KAFKA_BROKERS</code> or write <code>waybill.config.yaml</code>, and start Waybill with <code>npm start</code>; <code>npm run doctor</code> tries each setting.
            </>
          ) : (
            <>A topic appears with the first reading after it was created. Kafka’s own appear where a group reads them.</>
          )}
        </EmptyState>
      ) : (
        <TopicsTable packed={packTopics(topics.items)} severalClusters={shown.length > 1} />
      )}
    </>
  );
}

function verdict(topics: readonly TopicSummary[]): string {
  if (topics.length === 0) return 'No topic is known yet.';
  const own = topics.filter((topic) => !topic.internal);
  const offline = topics.reduce((sum, topic) => sum + (topic.offline ?? 0), 0);
  const under = topics.reduce((sum, topic) => sum + (topic.underReplicated ?? 0), 0);
  const unread = own.filter((topic) => topic.nobodyConsumes === true).length;
  const undescribed = topics.filter((topic) => topic.offline === null).length;
  const rate = topics.reduce((sum, topic) => sum + (topic.producedPerSecond ?? 0), 0);
  const trouble = [offline > 0 ? `${formatNoun(offline, 'partition')} without a leader` : null, under > 0 ? `${formatNoun(under, 'partition')} under-replicated` : null].filter((part) => part !== null);
  const health = trouble.length > 0 ? `${trouble.join(', ')}.` : undescribed === topics.length ? 'Their replicas have not been read yet.' : undescribed > 0 ? `Replicas of ${formatNoun(undescribed, 'topic')} have not been read yet; the others are all in sync.` : 'Every replica is in sync.';
  const written = topics.some((topic) => topic.producedPerSecond !== null) ? ` ${formatRate(rate)} written.` : '';
  return `${formatNoun(own.length, 'topic')}. ${health}${written}${unread > 0 ? ` ${formatNoun(unread, 'topic')} nobody consumes.` : ''}`;
}
