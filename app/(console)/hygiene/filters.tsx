import Link from 'next/link';
import type { ReactNode } from 'react';
import { buttonLook } from '#components/button-look.ts';
import { formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import { StateChip } from '#components/state-chip.tsx';
import { describeKind } from '#lib/hygiene/describe-kind.ts';
import { FINDING_KINDS, type FindingKind } from '#lib/model/hygiene.ts';
import type { Findings } from '#lib/operations/list-findings.ts';

export const FINDING_STATES = ['open', 'muted', 'resolved'] as const;
export const SEVERITIES = ['critical', 'warning', 'info'] as const;

/** What the address asks for. */
export interface HygieneFilter {
  cluster: string | null;
  state: (typeof FINDING_STATES)[number];
  severity: (typeof SEVERITIES)[number] | null;
  kind: FindingKind | null;
  q: string;
}

/** The filter that a page's searchParams name. What makes no sense in an address counts as not being there. */
export function readHygieneFilter(search: Record<string, string | string[] | undefined>): HygieneFilter {
  const one = (name: string) => [search[name] ?? ''].flat()[0] ?? '';
  return {
    cluster: one('cluster') || null,
    state: FINDING_STATES.find((state) => state === one('state')) ?? 'open',
    severity: SEVERITIES.find((severity) => severity === one('severity')) ?? null,
    kind: FINDING_KINDS.find((kind) => kind === one('kind')) ?? null,
    q: one('q').trim().slice(0, 249),
  };
}

function hrefOf(filter: HygieneFilter): string {
  return links.hygiene({ cluster: filter.cluster, state: filter.state === 'open' ? null : filter.state, severity: filter.severity, kind: filter.kind, q: filter.q });
}

/** Chips that narrow the list; each is a link, so that the choice is in the address. */
export function HygieneFilters({ filter, counts }: { filter: HygieneFilter; counts: Findings['counts'] }): ReactNode {
  const inState = counts.filter((one) => one.state === filter.state);
  const sum = (list: Findings['counts']) => list.reduce((total, one) => total + one.count, 0);
  const kinds = FINDING_KINDS.filter((kind) => kind === filter.kind || inState.some((one) => one.kind === kind));
  return (
    <div className="mb-3 flex flex-col gap-2">
      <nav aria-label="States" className="flex flex-wrap items-center gap-2">
        {FINDING_STATES.map((state) => (
          <Chip key={state} href={hrefOf({ ...filter, state })} here={filter.state === state} count={sum(counts.filter((one) => one.state === state))}>
            {state}
          </Chip>
        ))}
        <span aria-hidden className="mx-1 h-4 border-l border-line" />
        {SEVERITIES.map((severity) => (
          <Chip key={severity} href={hrefOf({ ...filter, severity: filter.severity === severity ? null : severity })} here={filter.severity === severity} count={sum(inState.filter((one) => one.severity === severity))}>
            <StateChip state={severity} />
          </Chip>
        ))}
      </nav>
      {kinds.length > 1 || filter.kind !== null ? (
        <nav aria-label="Kinds" className="flex flex-wrap items-center gap-2">
          <Chip href={hrefOf({ ...filter, kind: null })} here={filter.kind === null} count={null}>
            every kind
          </Chip>
          {kinds.map((kind) => (
            <Chip key={kind} href={hrefOf({ ...filter, kind })} here={filter.kind === kind} count={sum(inState.filter((one) => one.kind === kind))}>
              {describeKind(kind).title}
            </Chip>
          ))}
        </nav>
      ) : null}
      <form action={links.hygiene()} className="flex flex-wrap items-center gap-2">
        {(['cluster', 'severity', 'kind'] as const).map((name) => (filter[name] === null ? null : <input key={name} type="hidden" name={name} value={filter[name]} />))}
        {filter.state === 'open' ? null : <input type="hidden" name="state" value={filter.state} />}
        <input name="q" type="search" aria-label="Part of the name of a topic, group or service" placeholder="Topic, group or service" defaultValue={filter.q} maxLength={249} className="h-8 w-64 max-w-full rounded-md border border-line-strong bg-surface px-2.5 placeholder:text-faint" />
        <button type="submit" className={buttonLook('plain', { small: true })}>
          Filter
        </button>
      </form>
    </div>
  );
}

function Chip({ href, here, count, children }: { href: string; here: boolean; count: number | null; children: ReactNode }): ReactNode {
  return (
    <Link href={href} prefetch={false} aria-current={here ? 'true' : undefined} className={`inline-flex h-7 items-center gap-1.5 rounded-md border px-2 text-xs ${here ? 'border-accent bg-accent-soft' : 'border-line hover:bg-hover'}`}>
      {children}
      {count === null ? null : <span className="text-muted">{formatCount(count)}</span>}
    </Link>
  );
}
