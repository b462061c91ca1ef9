import Link from 'next/link';
import type { ReactNode } from 'react';
import { links } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { FindingWire } from '#lib/operations/finding-shape.ts';

/** Findings as cards, worst first: what it is, where, since when, with its sentence. */
export function FindingList({ findings, severalClusters }: { findings: readonly FindingWire[]; severalClusters: boolean }): ReactNode {
  return (
    <ul aria-label="Findings, worst first" className="panel mb-6 divide-y divide-line">
      {findings.map((finding) => (
        <li key={finding.id} className="px-4 py-3">
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
              {finding.state === 'resolved' ? 'resolved ' : 'since '}
              <RelativeTime at={finding.state === 'resolved' ? finding.resolvedAt : finding.since} as={finding.state === 'resolved' ? 'ago' : 'clock'} />
              {finding.state === 'resolved' ? null : (
                <>
                  , last seen <RelativeTime at={finding.lastSeen} />
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
      ))}
    </ul>
  );
}

export function subjectOf(finding: Pick<FindingWire, 'topic' | 'group' | 'service'>): string {
  return [finding.service, finding.group, finding.topic].filter((part) => part !== null).join(' · ') || 'the cluster';
}
