import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { formatAge, formatNoun } from '#components/format.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { listClusterReadings } from '#lib/operations/list-cluster-readings.ts';
import { type Findings, listFindings } from '#lib/operations/list-findings.ts';
import { pageContext } from '../../page-context.ts';
import { ClusterProblems } from '../lag/cluster-problems.tsx';
import { HygieneFilters, type HygieneFilter, readHygieneFilter } from './filters.tsx';
import { FindingList } from './findings.tsx';
import { Looks } from './looks.tsx';

export const metadata: Metadata = { title: 'Hygiene' };

const SHOWN = 500;
/** A collector looks every half minute; much later than that the figures are old. */
const STALE_MS = 10 * 60_000;

/** What is wrong with the way events are written, read and passed on? */
export default async function HygienePage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const asked = readHygieneFilter(await searchParams);
  const clusters = (await listClusterReadings(store, { now })).items;
  const filter = { ...asked, cluster: clusters.some((cluster) => cluster.name === asked.cluster) ? asked.cluster : null };
  const findings = await listFindings(
    store,
    { limit: SHOWN, state: filter.state, ...(filter.cluster === null ? {} : { cluster: filter.cluster }), ...(filter.kind === null ? {} : { kind: [filter.kind] }), ...(filter.severity === null ? {} : { severity: [filter.severity] }), ...(filter.q === '' ? {} : { search: filter.q }) },
    now,
  );
  const shown = clusters.filter((cluster) => filter.cluster === null || cluster.name === filter.cluster);
  const lastLook = findings.looks.map((look) => look.lookedAt).toSorted().at(-1) ?? null;
  const staleMs = lastLook === null ? null : now.getTime() - Date.parse(lastLook);
  const any = findings.counts.some((one) => one.count > 0);
  return (
    <>
      <LiveRefresh kinds={['hygiene']} atLeastEveryMs={30_000} />
      <PageHeader title="Hygiene" verdict={verdict(findings)} />
      <ClusterProblems clusters={shown} now={now} />
      {staleMs !== null && staleMs > STALE_MS ? (
        <ProblemState title={`Nobody has looked for ${formatAge(staleMs)}`} severity="warning">
          What is below is from then. Check that the hygiene collector runs: it is listed under Settings.
        </ProblemState>
      ) : null}
      {any ? <HygieneFilters filter={filter} counts={findings.counts} /> : null}
      {findings.items.length > 0 ? (
        <>
          <FindingList findings={findings.items} severalClusters={shown.length > 1} allOfKind={filter.kind === null ? (finding) => links.hygiene({ cluster: filter.cluster, state: filter.state === 'open' ? null : filter.state, severity: finding.severity, kind: finding.kind, q: filter.q }) : null} />
          {findings.total !== null && findings.total > findings.items.length ? <p className="mb-6 text-xs text-muted">The worst {findings.items.length} of {formatNoun(findings.total, 'finding')}: narrow them by kind or name.</p> : null}
        </>
      ) : (
        <div className="mb-6">
          <Nothing filter={filter} findings={findings} />
        </div>
      )}
      <Looks looks={findings.looks} counts={findings.counts} />
    </>
  );
}

function Nothing({ filter, findings }: { filter: HygieneFilter; findings: Findings }): ReactNode {
  if (filter.kind !== null || filter.severity !== null || filter.q !== '') {
    return (
      <EmptyState title={`No ${filter.state} finding is as asked for.`} actions={<LinkButton href={links.hygiene({ cluster: filter.cluster, state: filter.state === 'open' ? null : filter.state })}>Show all that are {filter.state}</LinkButton>} />
    );
  }
  if (filter.state !== 'open') return <EmptyState title={filter.state === 'muted' ? 'Nothing is muted.' : 'Nothing was resolved in the last 30 days.'} />;
  if (findings.looks.length === 0) {
    return (
      <EmptyState title="Findings will appear here.">
        The hygiene collector looks at topics, groups, spans and, in bounded samples, at the newest events. It begins once a cluster has been read: set <code>KAFKA_BROKERS</code> or write <code>waybill.config.yaml</code>, and see that <code>WAYBILL_HYGIENE</code> is not off.
      </EmptyState>
    );
  }
  return <EmptyState title="Nothing is open.">What was looked at, and what could not be known, is told below.</EmptyState>;
}

function verdict({ counts, looks }: Findings): string {
  const open = counts.filter((one) => one.state === 'open');
  const of = (severity: string) => open.filter((one) => one.severity === severity).reduce((sum, one) => sum + one.count, 0);
  const total = open.reduce((sum, one) => sum + one.count, 0);
  const unknown = looks.filter((look) => look.unknown !== null).length;
  const gap = unknown === 0 ? '' : ` ${formatNoun(unknown, 'look')} could not be complete.`;
  if (looks.length === 0) return 'Nobody has looked yet: nothing is known.';
  if (total === 0) return `Nothing was found by ${formatNoun(looks.length - unknown, 'look')}.${gap}`;
  const parts = (['critical', 'warning', 'info'] as const).flatMap((severity) => (of(severity) === 0 ? [] : [severity === 'info' ? `${of(severity)} to know` : severity === 'warning' ? formatNoun(of(severity), 'warning') : `${of(severity)} critical`]));
  return `${formatNoun(total, 'finding')} open: ${parts.join(', ')}.${gap}`;
}
