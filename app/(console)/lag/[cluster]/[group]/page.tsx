import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { formatAgo, formatCount, formatNoun } from '#components/format.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader, Section } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { WaybillError } from '#lib/errors.ts';
import { allows } from '#lib/model/access.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import { listClusterReadings } from '#lib/operations/list-cluster-readings.ts';
import { pageContext } from '../../../../page-context.ts';
import { ClusterProblems } from '../../cluster-problems.tsx';
import { GroupActions } from './group-actions.tsx';
import { ChartsSection } from './charts-section.tsx';
import { DiagnosisPanel } from './diagnosis-panel.tsx';
import { GroupFacts } from './group-facts.tsx';
import { MembersTable } from './members-table.tsx';
import { PartitionsTable } from './partitions-table.tsx';
import { TopicsTable } from './topics-table.tsx';

interface Props {
  params: Promise<{ cluster: string; group: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `${decodeURIComponent((await params).group)}: lag` };
}

/** One group: how far it is behind, since when, on which partitions, and who reads them. */
export default async function GroupPage({ params, searchParams }: Props): Promise<ReactNode> {
  const { store, now, principal } = await pageContext('viewer');
  const raw = await params;
  const cluster = decodeURIComponent(raw.cluster);
  const name = decodeURIComponent(raw.group);
  const search = await searchParams;
  const group = await getGroup(store, { cluster, group: name, now }).catch((error: unknown) => {
    if (error instanceof WaybillError && error.status === 404) notFound();
    if (error instanceof WaybillError && error.code === 'group-gone') return error;
    throw error;
  });
  if (group instanceof WaybillError) {
    return (
      <>
        <LiveRefresh kinds={['lag']} />
        <PageHeader title={name} verdict={group.message} />
        <div className="mb-6">
          <EmptyState title="This group is gone">If it comes back under this name it starts anew. Until then this is what was known of it; the list of groups shows those that are there.</EmptyState>
        </div>
        <ChartsSection store={store} cluster={cluster} group={name} search={search} now={now} />
      </>
    );
  }
  const clusters = await listClusterReadings(store, { now });
  const own = clusters.items.filter((one) => one.name === cluster);
  const unread = own.some((one) => one.state === 'down' || one.state === 'stale');
  return (
    <>
      <LiveRefresh kinds={['lag']} />
      <PageHeader title={group.group} state={<StateChip state={group.status} {...(group.statusSince ? { title: `since ${group.statusSince}` } : {})} />} verdict={group.verdict} actions={<LinkButton href={links.map({ cluster, group: group.group })}>On the map</LinkButton>} />
      {unread ? <ClusterProblems clusters={own} now={now} /> : null}
      {!unread && group.stale ? (
        <ProblemState severity="warning" title={`The figures of this group are ${group.observedAt === null ? 'not known' : `from ${formatAgo(group.observedAt, now)}`}`}>
          {group.error} It was {group.lastKnownStatus.replaceAll('-', ' ')} when it was last read; Waybill goes on trying with each cycle.
        </ProblemState>
      ) : null}
      {!group.stale && group.unknownPartitions > 0 ? (
        <ProblemState severity="warning" title={`${formatCount(group.partitionCount - group.unknownPartitions)} of ${formatNoun(group.partitionCount, 'partition')} could be read`}>
          {group.partitions.find((partition) => partition.error !== null)?.error ?? 'Some partitions did not answer.'} The others are up to date; those show their last good figures with their age.
        </ProblemState>
      ) : null}
      <DiagnosisPanel group={group} />
      <GroupFacts group={group} now={now} />
      <ChartsSection store={store} cluster={cluster} group={group.group} search={search} now={now} />
      {group.topicFigures.length > 1 ? (
        <Section title="Topics" aside={`${formatNoun(group.topicsBehind, 'topic')} of ${formatCount(group.topicFigures.length)} with records waiting`}>
          <TopicsTable topics={group.topicFigures} cluster={group.cluster} />
        </Section>
      ) : null}
      <Section title="Partitions" aside={`${formatNoun(group.partitionsBehind, 'partition')} of ${formatCount(group.partitions.length)} with records waiting`}>
        <PartitionsTable partitions={group.partitions} now={now.getTime()} cluster={group.cluster} />
      </Section>
      <Section title="Members" aside={group.membersAt === null ? undefined : `read ${formatAgo(group.membersAt, now)} or unchanged since`}>
        <MembersTable members={group.memberList} group={group.group} state={group.state} type={group.type} described={group.membersAt !== null} />
      </Section>
      <GroupActions group={{ cluster, group: group.group, type: group.type, state: group.state, members: group.members, topics: group.topics }} refused={allows(principal.role, 'operator') ? null : `This needs the role operator; you have the role ${principal.role}.`} />
    </>
  );
}
