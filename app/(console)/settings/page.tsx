import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { Figure } from '#components/figure.tsx';
import { formatCount, formatDuration, formatNoun } from '#components/format.ts';
import { LiveRefresh } from '#components/live.tsx';
import { Facts, PageHeader, Section } from '#components/page-header.tsx';
import { PlainTable } from '#components/plain-table.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { listClusterReadings, type ClusterReading } from '#lib/operations/list-cluster-readings.ts';
import { listCollectors, type CollectorItem } from '#lib/operations/list-collectors.ts';
import { pageContext } from '../../page-context.ts';
import { SettingsTabs } from './settings-tabs.tsx';

export const metadata: Metadata = { title: 'Clusters' };

export default async function ClustersPage(): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const [{ items: clusters }, collectors] = await Promise.all([listClusterReadings(store, { now }), listCollectors(store)]);
  const troubled = clusters.filter((cluster) => cluster.state !== 'ok');
  const failing = collectors.filter((collector) => collector.consecutiveFailures > 0);
  const verdict =
    clusters.length === 0
      ? 'No cluster has been read yet.'
      : `${clusters.length === troubled.length ? 'No' : formatCount(clusters.length - troubled.length)} of ${formatNoun(clusters.length, 'cluster')} is read in full; ${failing.length === 0 ? 'every collector works.' : `${formatNoun(failing.length, 'collector')} failing.`}`;
  return (
    <>
      <LiveRefresh kinds={['lag', 'collectors']} everyMs={5_000} />
      <SettingsTabs />
      <PageHeader title="Clusters" verdict={verdict} />
      {clusters.length === 0 ? (
        <EmptyState title="Your clusters will appear here">
          Name the brokers in <code>KAFKA_BROKERS</code> or in <code>waybill.config.yaml</code>, then start the collectors. <code>npm run doctor</code> tries each setting and says what is missing.
        </EmptyState>
      ) : (
        <div className="mb-6 grid gap-4 xl:grid-cols-2">
          {clusters.map((cluster) => (
            <Cluster key={cluster.name} cluster={cluster} />
          ))}
        </div>
      )}
      {collectors.length === 0 ? null : <Collectors collectors={collectors} now={now} />}
    </>
  );
}

function Cluster({ cluster }: { cluster: ClusterReading }): ReactNode {
  const cycle = cluster.lastCycle;
  const coverage = (all: number | null | undefined, failed: number | null | undefined, noun: string) => {
    if (all === null || all === undefined) return <span className="text-unknown-ink italic">unknown</span>;
    return failed ? `${formatCount(all - failed)} of ${formatNoun(all, noun)}; ${formatCount(failed)} unknown` : formatNoun(all, noun);
  };
  return (
    <article className="panel min-w-0 p-4" aria-label={`Cluster ${cluster.name}`}>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <h2 className="text-lg font-semibold">{cluster.name}</h2>
        <StateChip state={cluster.state} />
      </div>
      {cluster.state === 'down' ? (
        <ProblemState
          title={
            <>
              Not reached since <RelativeTime at={cluster.downSince} as="clock" />
            </>
          }
        >
          {cluster.error ?? 'No error was given.'} What was stored before stays readable; new figures, browsing and replays wait until it answers.
        </ProblemState>
      ) : cluster.error ? (
        <ProblemState severity="warning" title="The last cycle was not complete">
          {cluster.error}
        </ProblemState>
      ) : null}
      <Facts
        items={[
          { label: 'Last cycle', value: <RelativeTime at={cluster.lastCycleAt} none="never" /> },
          {
            label: 'Cycle time',
            value: (
              <>
                <Figure as="duration" value={cycle?.durationMs} unknownReason="no cycle has ended yet" />
                {cycle?.intervalMs ? <span className="text-muted"> every {formatDuration(cycle.intervalMs)}</span> : null}
              </>
            ),
          },
          { label: 'Requests', value: <Figure as="count" value={cycle?.requests} unknownReason="no cycle has ended yet" /> },
          { label: 'Groups', value: coverage(cycle?.groups, cycle?.groupsFailed, 'group') },
          { label: 'Partitions', value: coverage(cycle?.partitions, cycle?.partitionsFailed, 'partition') },
          { label: 'Brokers', value: cluster.brokers.map((broker) => `${broker.id} ${broker.host}:${broker.port}`).join(', ') || 'unknown' },
          { label: 'Kafka cluster id', value: <code>{cluster.clusterId}</code> },
        ]}
      />
    </article>
  );
}

function told({ lastError, notes }: CollectorItem): string | null {
  const all = lastError === null ? notes : [lastError, ...notes];
  return all.length === 0 ? null : all.join('; ');
}

function Collectors({ collectors, now }: { collectors: CollectorItem[]; now: Date }): ReactNode {
  const state = (one: CollectorItem) => (one.consecutiveFailures > 0 ? 'failing' : one.lastEndedAt === null || now.getTime() - new Date(one.lastEndedAt).getTime() > Math.max(60_000, 3 * one.everyMs) ? 'stale' : 'ok');
  return (
    <Section title="Collectors" aside="each runs on its own: one that fails stops no other">
      <PlainTable label="Collectors" className="min-w-[680px]" heads={['Collector', 'State', 'Last run', 'Took', 'Every', 'Process', 'Last error, or what to know']}>
        {collectors.map((one) => (
          <tr key={one.name} className="h-8 [&>td]:border-b [&>td]:border-line [&>td]:px-2.5">
            <td className="font-medium">{one.name}</td>
            <td>
              <StateChip state={state(one)} />
            </td>
            <td>
              <RelativeTime at={one.lastEndedAt} none="never" />
            </td>
            <td>
              <Figure as="duration" value={one.lastDurationMs} unknownReason="no run has ended yet" />
            </td>
            <td>{formatDuration(one.everyMs)}</td>
            <td>{one.holder}</td>
            <td className="max-w-96 truncate" title={told(one) ?? undefined}>
              {told(one) ?? '-'}
            </td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}
