import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { LinkButton } from '#components/link-button.tsx';
import { listReplays, listReplaysQuerySchema } from '#lib/operations/list-replays.ts';
import type { WireReplay } from '#lib/operations/replay-wire.ts';
import { ReplaysTable } from './replays-table.tsx';

export const metadata: Metadata = { title: 'Replays' };

export default async function ReplaysPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store } = await pageContext('viewer');
  const { cursor } = await searchParams;
  const page = await listReplays(store, listReplaysQuerySchema.parse({ limit: 100, ...(typeof cursor === 'string' ? { cursor } : {}) }));
  return (
    <>
      <LiveRefresh kinds={['replays']} />
      <PageHeader title="Replays" verdict={verdict(page.items)} />
      {page.items.length === 0 ? (
        <EmptyState title="Nothing has been replayed yet." actions={<LinkButton href={links.deadLetters()}>Open dead letters</LinkButton>}>
          A replay sends dead letters back to the topic they came from, each exactly once, and follows them until a consumer processed them. Start one from a failure, from chosen rows or from one dead letter.
        </EmptyState>
      ) : (
        <>
          <ReplaysTable replays={page.items} />
          {page.nextCursor ? (
            <LinkButton className="mt-3" href={links.replays({ cursor: page.nextCursor })}>
              Older replays
            </LinkButton>
          ) : null}
        </>
      )}
    </>
  );
}

function verdict(replays: readonly WireReplay[]): string {
  const waiting = replays.filter((one) => one.state === 'needs-decision' || one.state === 'canary');
  const running = replays.filter((one) => one.state === 'running');
  const failedAgain = replays.reduce((sum, one) => sum + one.counts.failedAgain, 0);
  const parts = [
    ...(waiting.length > 0 ? [`${formatNoun(waiting.length, 'replay')} ${waiting.length === 1 ? 'waits' : 'wait'} for a person`] : []),
    ...(running.length > 0 ? [`${formatCount(running.length)} ${running.length === 1 ? 'is' : 'are'} being sent`] : []),
    ...(failedAgain > 0 ? [`${formatNoun(failedAgain, 'record')} failed again`] : []),
  ];
  return parts.length === 0 ? 'No replay is under way.' : `${parts.join(', ')}.`;
}
