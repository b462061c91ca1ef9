import Link from 'next/link';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { Figure } from '#components/figure.tsx';
import { formatAge, formatBytes, formatCount, formatNoun, formatRate } from '#components/format.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { Facts, PageHeader } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { Tabs } from '#components/tabs.tsx';
import { WaybillError } from '#lib/errors.ts';
import { getTopic, type TopicDetail } from '#lib/operations/get-topic.ts';
import { listClusterReadings } from '#lib/operations/list-cluster-readings.ts';
import { pageContext } from '../../../../page-context.ts';
import { ClusterProblems } from '../../../lag/cluster-problems.tsx';
import { retentionText } from '../../retention.ts';
import { ConsumersTable } from './consumers-table.tsx';
import { MessageBrowser } from './message-browser.tsx';
import { TopicPartitionsTable } from './topic-partitions-table.tsx';

interface Props {
  params: Promise<{ cluster: string; topic: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `${decodeURIComponent((await params).topic)}: topic` };
}

/** One topic: what it holds, who writes and reads it, and its messages. */
export default async function TopicPage({ params }: Props): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const raw = await params;
  const cluster = decodeURIComponent(raw.cluster);
  const name = decodeURIComponent(raw.topic);
  const topic = await getTopic(store, { cluster, topic: name, now }).catch((error: unknown) => {
    if (error instanceof WaybillError && error.status === 404) notFound();
    throw error;
  });
  const own = (await listClusterReadings(store, { now })).items.filter((one) => one.name === cluster);
  const unread = own.some((one) => one.state === 'down' || one.state === 'stale');
  return (
    <>
      <LiveRefresh kinds={['lag', 'topics']} everyMs={5_000} />
      <PageHeader title={topic.topic} state={<Labels topic={topic} />} verdict={verdict(topic)} actions={<LinkButton href={links.map({ cluster, topic: topic.topic })}>On the map</LinkButton>} />
      {unread ? <ClusterProblems clusters={own} now={now} /> : null}
      {!unread && topic.unknownPartitions > 0 ? (
        <ProblemState severity="warning" title={`${formatCount(topic.partitions - topic.unknownPartitions)} of ${formatNoun(topic.partitions, 'partition')} could be read`}>
          {topic.partitionList.find((partition) => partition.error !== null)?.error ?? 'Some partitions did not answer.'} The others are up to date.
        </ProblemState>
      ) : null}
      {topic.clockWarnings.length > 0 ? (
        <ProblemState severity="warning" title={`A wrong clock on ${formatNoun(topic.clockWarnings.length, 'partition')}`}>
          {topic.clockWarnings[0]} Ages are counted from when Waybill saw the records come.
        </ProblemState>
      ) : null}
      <TopicFacts topic={topic} stale={unread && topic.observedAt !== null ? formatAge(now.getTime() - Date.parse(topic.observedAt)) : null} />
      <Tabs
        label="Parts of the topic"
        tabs={[
          { id: 'messages', label: 'Messages', content: <MessageBrowser cluster={topic.cluster} topic={topic.topic} partitions={topic.partitions} /> },
          { id: 'partitions', label: `Partitions ${formatCount(topic.partitions)}`, content: <TopicPartitionsTable partitions={topic.partitionList} sizeError={topic.sizeError} /> },
          { id: 'consumers', label: `Consumers ${formatCount(topic.groups)}`, content: <ConsumersTable cluster={topic.cluster} topic={topic.topic} consumers={topic.consumerList} nobody={topic.nobodyConsumes} /> },
          { id: 'producers', label: `Producers ${formatCount(topic.producerList.length)}`, content: <Producers topic={topic} /> },
          { id: 'settings', label: 'Settings', content: <Settings topic={topic} /> },
        ]}
      />
    </>
  );
}

function verdict(topic: TopicDetail): string {
  const written = topic.producedPerSecond === null ? 'How much is written is not known yet' : topic.producedPerSecond === 0 ? 'Nothing was written in the last minute' : `${formatRate(topic.producedPerSecond)} written${topic.producers.length > 0 ? ` by ${namesOf(topic.producers)}` : ''}`;
  const read = topic.nobodyConsumes === null ? 'who reads it is not known' : topic.nobodyConsumes ? 'nobody consumes it' : `read by ${namesOf(topic.consumers)}${topic.lag === null ? '' : topic.lag === '0' ? ', nothing waits' : `, ${formatCount(topic.lag)} records wait`}`;
  const size = topic.sizeBytes === null ? '' : ` It holds ${formatBytes(topic.sizeBytes)}.`;
  const trouble = [(topic.offline ?? 0) > 0 ? ` ${formatNoun(topic.offline ?? 0, 'partition')} without a leader.` : '', (topic.underReplicated ?? 0) > 0 ? ` ${formatNoun(topic.underReplicated ?? 0, 'partition')} under-replicated.` : ''].join('');
  return `${written}; ${read}.${trouble}${size}`;
}

function namesOf(names: readonly string[]): string {
  return names.length <= 2 ? names.join(' and ') : `${names[0]} and ${formatCount(names.length - 1)} more`;
}

function Labels({ topic }: { topic: TopicDetail }): ReactNode {
  return (
    <span className="flex flex-wrap gap-1">
      {(topic.offline ?? 0) > 0 ? <StateChip state="stopped" label={`${formatCount(topic.offline ?? 0)} offline`} /> : null}
      {(topic.underReplicated ?? 0) > 0 ? <StateChip state="partial" label={`${formatCount(topic.underReplicated ?? 0)} under-replicated`} /> : null}
      {topic.role === null ? null : <StateChip state="empty" label={topic.role === 'dead-letter' ? 'dead letters' : topic.role} />}
      {topic.internal ? <StateChip state="empty" label="internal" /> : null}
      {topic.nobodyConsumes === true && !topic.internal ? <StateChip state="unknown" tone="behind" label="nobody consumes" title="No consumer group committed here or is assigned. Readers without a group are not seen." /> : null}
    </span>
  );
}

function TopicFacts({ topic, stale }: { topic: TopicDetail; stale: string | null }): ReactNode {
  const retention = retentionText(topic);
  return (
    <div className="panel mb-6 grid gap-x-8 gap-y-3 p-4 sm:grid-cols-2 lg:grid-cols-3">
      <Facts
        items={[
          { label: 'Produced', value: <Figure value={topic.producedPerSecond} as="rate" unknownReason="Rates need two readings of every partition, about a minute apart." staleFor={stale} className="font-medium" /> },
          { label: 'Size', value: <Figure value={topic.sizeBytes} as="bytes" unknownReason={topic.sizeError} staleFor={stale} /> },
          { label: 'Offsets held', value: <Figure value={topic.offsetsHeld} as="count" unknownReason="Not every end offset is known." staleFor={stale} /> },
        ]}
      />
      <Facts
        items={[
          { label: 'Kept', value: retention ?? <Figure value={null} as="count" unknownReason={topic.configError} /> },
          { label: 'Partitions', value: `${formatCount(topic.partitions)}${topic.replicationFactor === null ? '' : `, ${formatNoun(topic.replicationFactor, 'replica')} each`}` },
          { label: 'In sync', value: topic.underReplicated === null ? <Figure value={null} as="count" unknownReason={topic.sizeError} /> : topic.underReplicated === 0 ? 'all replicas' : `all but ${formatNoun(topic.underReplicated, 'partition')}` },
        ]}
      />
      <Facts
        items={[
          { label: 'Lag', value: topic.groups === 0 ? <span className="text-muted">-</span> : <Figure value={topic.lag} as="count" unknownReason="No group committed here, or no end offset is known." staleFor={stale} /> },
          { label: 'Last moved', value: <RelativeTime at={topic.lastMovedAt} /> },
          { label: 'Cluster', value: topic.cluster },
        ]}
      />
    </div>
  );
}

function Producers({ topic }: { topic: TopicDetail }): ReactNode {
  if (topic.producerList.length === 0) {
    return <p className="text-muted">No service sent a span of writing here in the last day. Producers are known from traces: services that are not traced are not seen.</p>;
  }
  return (
    <ul className="flex flex-col gap-2">
      {topic.producerList.map((producer) => (
        <li key={producer.service} className="panel flex flex-wrap items-center gap-x-4 px-4 py-2.5">
          <span className="font-medium [overflow-wrap:anywhere]">{producer.service}</span>
          <span className="text-muted">
            last seen writing <RelativeTime at={producer.lastSeenAt} />
          </span>
          <Link href={links.journeys({ q: producer.service })} prefetch={false} className="text-accent-ink hover:underline">
            journeys
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Settings({ topic }: { topic: TopicDetail }): ReactNode {
  if (topic.config === null) return <p className="text-muted">The settings could not be read: {topic.configError ?? 'no reason was given'}</p>;
  return (
    <div className="panel max-w-2xl p-4">
      <Facts items={[...Object.entries(topic.config).toSorted(([a], [b]) => a.localeCompare(b)).map(([name, value]) => ({ label: name, value })), { label: 'topic id', value: topic.topicId }]} />
    </div>
  );
}
