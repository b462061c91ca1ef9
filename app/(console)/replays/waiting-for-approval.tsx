import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { Section } from '#components/page-header.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import type { WireReplay } from '#lib/operations/replay-wire.ts';

/** Replays that wait for a second person, above the list: who asks, for what, until when. */
export function WaitingForApproval({ replays, mayDecide, own }: { replays: readonly WireReplay[]; mayDecide: ReadonlySet<string>; own: ReadonlySet<string> }): ReactNode {
  return (
    <Section title="Waiting for approval" aside={formatNoun(replays.length, 'replay')}>
      <ul aria-label="Replays waiting for approval" className="panel divide-y divide-line">
        {replays.map((one) => (
          <li key={one.id}>
            <Link href={links.replay(one.id)} prefetch={false} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5 hover:bg-hover">
              <span className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
                <span className="font-medium">
                  {own.has(one.id) ? 'You ask' : `${one.createdBy} asks`} to send {formatNoun(one.counts.selected ?? 0, 'record')}
                </span>{' '}
                <span className="text-muted">to {one.target ?? 'the topic each came from'}: {one.reason}</span>
              </span>
              <span className="text-xs text-muted">
                lapses <RelativeTime at={one.approval?.until ?? one.createdAt} />
              </span>
              <span className="text-accent-ink">{mayDecide.has(one.id) ? 'Look and decide' : 'Open replay'}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
