import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount, formatDuration, formatNoun } from '#components/format.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader, Section } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { WaybillError } from '#lib/errors.ts';
import { compareJourney, type ComparisonWire } from '#lib/operations/compare-journey.ts';
import { CopyLink } from '../copy-link.tsx';
import { CompareTable } from './compare-table.tsx';
import { CompareWith } from './compare-with.tsx';

export const metadata: Metadata = { title: 'Compare journeys' };

interface Props {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** A journey beside the usual path of its type, or beside another one: what differs, in words first. */
export default async function ComparePage({ params, searchParams }: Props): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const { id } = await params;
  const asked = (await searchParams)['with'];
  const other = (typeof asked === 'string' ? asked.trim().slice(0, 300) : '') || 'usual';
  const compared = await compareJourney(store, { id, with: other, now }).catch((error: unknown) => {
    if (error instanceof WaybillError && error.status < 500) return error;
    throw error;
  });
  if (compared instanceof WaybillError && compared.code === 'journey-not-found' && other === 'usual') notFound();
  const found = compared instanceof WaybillError ? null : compared;
  return (
    <>
      <LiveRefresh kinds={['journeys', 'dead-letters', 'replays']} />
      <PageHeader
        title={found === null ? 'Compare journeys' : `Compare ${found.left.key ?? 'a journey without a correlation id'}`}
        verdict={found === null ? 'Nothing to compare with yet.' : verdict(found)}
        actions={
          <>
            <LinkButton href={links.journey(id)}>Back to the journey</LinkButton>
            <CopyLink />
          </>
        }
      />
      <CompareWith key={other} id={id} other={other === 'usual' ? '' : other} />
      {compared instanceof WaybillError ? (
        <ProblemState severity="warning" title={other === 'usual' ? 'It can’t be compared with the usual path' : `It can’t be compared with “${other}”`}>{compared.message}</ProblemState>
      ) : (
        <Comparison compared={compared} />
      )}
    </>
  );
}

function Comparison({ compared }: { compared: ComparisonWire }): ReactNode {
  const { left, right, differences, rows, leftOut, partial } = compared;
  return (
    <>
      {partial ? (
        <ProblemState severity="warning" title="One of them is larger than what is read at once">What is shown is true, but a hop that seems to be missing may be among those that were not read.</ProblemState>
      ) : null}
      <div className="mb-6 grid grid-cols-1 gap-3 md:grid-cols-2">
        <section aria-label="This journey" className="panel px-4 py-3">
          <h2 className="flex flex-wrap items-center gap-2 font-semibold [overflow-wrap:anywhere]">{left.key ?? 'without a correlation id'} <StateChip state={left.state} /></h2>
          <p className="mt-1 text-muted">{left.verdict}</p>
          <p className="mt-1 text-xs text-muted">{formatNoun(left.hops, 'hop')} in {formatDuration(left.durationMs)}, began <RelativeTime at={left.startedAt} /></p>
        </section>
        {right.kind === 'usual' ? (
          <section aria-label="Usual path" className="panel px-4 py-3">
            <h2 className="font-semibold [overflow-wrap:anywhere]">
              <Link prefetch={false} href={links.usualPath(right.entryType)} className="hover:text-accent-ink hover:underline">Usual path of {right.entryType}</Link>
            </h2>
            <p className="mt-1 text-muted">{formatNoun(right.hops, 'expected hop')}, usually done in {formatDuration(right.durationP50Ms)}, 19 of 20 within {formatDuration(right.durationP95Ms)}.</p>
            <p className="mt-1 text-xs text-muted">Version {right.version}, learned from {formatNoun(right.journeys, 'journey')}</p>
          </section>
        ) : (
          <section aria-label="The other journey" className="panel px-4 py-3">
            <h2 className="flex flex-wrap items-center gap-2 font-semibold [overflow-wrap:anywhere]">
              <Link prefetch={false} href={links.journey(right.id)} className="hover:text-accent-ink hover:underline">{right.key ?? 'without a correlation id'}</Link> <StateChip state={right.state} />
            </h2>
            <p className="mt-1 text-muted">{right.verdict}</p>
            <p className="mt-1 text-xs text-muted">{formatNoun(right.hops, 'hop')} in {formatDuration(right.durationMs)}, began <RelativeTime at={right.startedAt} /></p>
          </section>
        )}
      </div>
      <Section title="What differs">
        {differences.length === 0 ? (
          <p className="text-muted">No hop differs by more than a person would notice.</p>
        ) : (
          <ul aria-label="Differences" className="flex list-disc flex-col gap-1 pl-5">
            {differences.map((difference) => <li key={difference} className="[overflow-wrap:anywhere]">{difference}</li>)}
          </ul>
        )}
      </Section>
      <Section title="Hop by hop" aside={leftOut > 0 ? `${formatCount(leftOut)} more are not shown` : null}>
        {rows.length === 0 ? <EmptyState title="Neither has a hop." /> : <CompareTable rows={rows} id={left.id} right={right.kind} />}
      </Section>
    </>
  );
}

/** The answer in one sentence: how long each took, and how much differs. */
function verdict({ left, right, rows }: ComparisonWire): string {
  const only = rows.filter((row) => row.difference === 'only-left' || row.difference === 'only-right').length;
  const slower = rows.filter((row) => row.difference === 'slower').length;
  const usual = right.kind === 'usual' ? right.durationP50Ms : right.durationMs;
  const differs = only + slower === 0 ? 'The hops are the same.' : `${only > 0 ? `${formatNoun(only, 'hop')} only one of them has` : 'The hops are the same'}${slower > 0 ? `, ${formatCount(slower)} slower here` : ''}.`;
  return `${formatDuration(left.durationMs)} here, ${right.kind === 'usual' ? 'usually' : 'in the other'} ${formatDuration(usual)}. ${differs}`;
}
