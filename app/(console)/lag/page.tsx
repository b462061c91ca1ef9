import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { readScope } from '#components/scope.ts';
import { lagVerdict, NEEDS_A_PERSON } from '#lib/lag/lag-verdict.ts';
import type { LagStatus } from '#lib/model/lag.ts';
import { listClusterReadings } from '#lib/operations/list-cluster-readings.ts';
import { listGroups } from '#lib/operations/list-groups.ts';
import { pageContext } from '../../page-context.ts';
import { ClusterProblems, Coverage } from './cluster-problems.tsx';
import { LagTable } from './lag-table.tsx';
import { packRows } from './lag-row.ts';

export const metadata: Metadata = { title: 'Lag' };

const MAX_ROWS = 20_000;

/** Who is behind, since when, and whether it catches up. */
export default async function LagPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const scope = readScope(await searchParams);
  const clusters = (await listClusterReadings(store, { now })).items;
  const chosen = clusters.some((cluster) => cluster.name === scope.cluster) ? scope.cluster : null;
  const groups = await listGroups(store, { cluster: chosen, limit: MAX_ROWS, now });
  const counts = new Map<LagStatus, number>();
  for (const group of groups.items) counts.set(group.status, (counts.get(group.status) ?? 0) + 1);
  const worst = groups.items[0];
  const shown = clusters.filter((cluster) => chosen === null || cluster.name === chosen);
  return (
    <>
      <LiveRefresh kinds={['lag']} />
      <PageHeader title="Lag" verdict={lagVerdict(counts, worst && NEEDS_A_PERSON.includes(worst.status) ? worst.verdict : null)} />
      <ClusterProblems clusters={shown} now={now} />
      {groups.items.length === 0 ? (
        <EmptyState title="Consumer groups will appear here">
          {clusters.length === 0 ? (
            <>
              No cluster has been read yet. Set <code>KAFKA_BROKERS</code> or write <code>waybill.config.yaml</code>, and start Waybill with <code>npm start</code>; <code>npm run doctor</code> tries each setting.
            </>
          ) : (
            <>A group appears within seconds of its first committed offset. Groups of Waybill itself are left out.</>
          )}
        </EmptyState>
      ) : (
        <LagTable packed={packRows(groups.items)} now={now.getTime()} severalClusters={shown.length > 1} />
      )}
      <Coverage clusters={shown} />
    </>
  );
}
