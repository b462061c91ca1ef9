import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { FindingWire } from '#lib/operations/finding-shape.ts';

/** Of one kind and severity, where every kind is shown: the rest is a link away, so that fifty topics without a reader hide nothing else. */
const SHOWN_OF_A_KIND = 5;

interface FindingListProps {
  findings: readonly FindingWire[];
  severalClusters: boolean;
  /** Where all of a kind are listed; null: they are here. */
  allOfKind: ((finding: FindingWire) => string) | null;
}

/** Findings as cards, worst first: what it is, where, since when, with its sentence. */
export function FindingList({ findings, severalClusters, allOfKind }: FindingListProps): ReactNode {
  const groups = [...Map.groupBy(findings, (finding) => `${finding.severity} ${finding.kind}`).values()];
  const hidden = new Map(allOfKind === null ? [] : groups.flatMap((group) => (group.length > SHOWN_OF_A_KIND + 1 ? group.slice(SHOWN_OF_A_KIND).map((finding) => [finding.id, group] as const) : [])));
  return (
    <ul aria-label="Findings, worst first" className="panel mb-6 divide-y divide-line">
      {findings.map((finding) => {
        const group = hidden.get(finding.id);
        // The first that is folded away stands for the rest.
        if (group !== undefined) return group[SHOWN_OF_A_KIND] === finding ? <More key={finding.id} finding={finding} count={group.length - SHOWN_OF_A_KIND} href={allOfKind!(finding)} /> : null;
        return <Card key={finding.id} finding={finding} severalClusters={severalClusters} />;
      })}
    </ul>
  );
}

function More({ finding, count, href }: { finding: FindingWire; count: number; href: string }): ReactNode {
  return (
    <li className="px-4 py-2 text-xs">
      <Link href={href} prefetch={false} className="text-accent-ink underline underline-offset-2">
        {formatCount(count)} more: {finding.title}
      </Link>
    </li>
  );
}

function Card({ finding, severalClusters }: { finding: FindingWire; severalClusters: boolean }): ReactNode {
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-2">
        <StateChip state={finding.severity} />
        {finding.state === 'open' ? null : <StateChip state={finding.state} />}
        <Link href={links.finding(finding.id)} prefetch={false} className="font-medium text-accent-ink underline underline-offset-2">
          {finding.title}
          <span className="sr-only"> at {subjectOf(finding)}</span>
        </Link>
        <span className="min-w-0 [overflow-wrap:anywhere]">{subjectOf(finding)}</span>
        {severalClusters ? <span className="text-xs text-muted">{finding.cluster}</span> : null}
        <span className="text-xs text-muted">
          {finding.state === 'resolved' ? (
            <>
              resolved <RelativeTime at={finding.resolvedAt} />
            </>
          ) : (
            <>
              for <RelativeTime at={finding.since} as="age" />, last seen <RelativeTime at={finding.lastSeen} />
            </>
          )}
        </span>
      </div>
      <p className="mt-1 max-w-4xl [overflow-wrap:anywhere]">{finding.sentence}</p>
      {finding.mute ? (
        <p className="mt-0.5 text-xs text-muted [overflow-wrap:anywhere]">
          Muted by {finding.mute.by} until <RelativeTime at={finding.mute.until} as="clock" />: {finding.mute.reason}
        </p>
      ) : null}
    </li>
  );
}

export function subjectOf(finding: Pick<FindingWire, 'topic' | 'group' | 'service'>): string {
  return [finding.service, finding.group, finding.topic].filter((part) => part !== null).join(' · ') || 'the cluster';
}
