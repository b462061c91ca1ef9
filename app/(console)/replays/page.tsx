import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { readScope } from '#components/scope.ts';
import { LinkButton } from '#components/link-button.tsx';
import { allows } from '#lib/model/access.ts';
import { mayBeSame } from '#lib/operations/decide-replay.ts';
import { listRuleStates } from '#lib/operations/list-replay-rules.ts';
import { listReplays, listReplaysQuerySchema } from '#lib/operations/list-replays.ts';
import type { WireReplay } from '#lib/operations/replay-wire.ts';
import { ReplaysTable } from './replays-table.tsx';
import { StoppedRules } from './stopped-rules.tsx';
import { WaitingForApproval } from './waiting-for-approval.tsx';

const WAITING_SHOWN = 20;

export const metadata: Metadata = { title: 'Replays' };

export default async function ReplaysPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, principal } = await pageContext('viewer');
  const search = await searchParams;
  const { cursor } = search;
  const { cluster } = readScope(search);
  const ofCluster = cluster === null ? {} : { cluster };
  const page = await listReplays(store, listReplaysQuerySchema.parse({ limit: 100, ...ofCluster, ...(typeof cursor === 'string' ? { cursor } : {}) }));
  // Those that wait are few, and the oldest may be on a later page.
  const waiting = await listReplays(store, { limit: WAITING_SHOWN, state: 'awaiting-approval', ...ofCluster });
  const stopped = (await listRuleStates(store)).filter((rule) => rule.state === 'stopped' && (cluster === null || rule.cluster === cluster));
  const own = new Set((await Promise.all(waiting.items.map(async (one) => ((await mayBeSame(store, one.createdBy, principal.name)) ? [one.id] : [])))).flat());
  const mayDecide = allows(principal.role, 'operator') ? waiting.items.filter((one) => !own.has(one.id)) : [];
  return (
    <>
      <LiveRefresh kinds={['replays']} />
      <PageHeader title="Replays" verdict={verdict(page.items, mayDecide.length, waiting.items.length - mayDecide.length)} />
      {waiting.items.length > 0 ? <WaitingForApproval replays={waiting.items} mayDecide={new Set(mayDecide.map((one) => one.id))} own={own} /> : null}
      <StoppedRules rules={stopped} />
      {page.items.length === 0 ? (
        <EmptyState title={cluster === null ? 'Nothing has been replayed yet.' : `Nothing of ${cluster} has been replayed yet.`} actions={<LinkButton href={links.deadLetters({ cluster })}>Open dead letters</LinkButton>}>
          A replay sends dead letters back to the topic they came from, each exactly once, and follows them until a consumer processed them. Start one from a failure, from chosen rows or from one dead letter.
        </EmptyState>
      ) : (
        <>
          <ReplaysTable replays={page.items} />
          {page.nextCursor ? (
            <LinkButton className="mt-3" href={links.replays({ cluster, cursor: page.nextCursor })}>
              Older replays
            </LinkButton>
          ) : null}
        </>
      )}
    </>
  );
}

function verdict(replays: readonly WireReplay[], forYou: number, forOthers: number): string {
  const waiting = replays.filter((one) => one.state === 'needs-decision' || one.state === 'canary');
  const running = replays.filter((one) => one.state === 'running');
  const scheduled = replays.filter((one) => one.state === 'scheduled');
  const failedAgain = replays.reduce((sum, one) => sum + one.counts.failedAgain, 0);
  const parts = [
    ...(forYou > 0 ? [`${formatNoun(forYou, 'replay')} ${forYou === 1 ? 'waits' : 'wait'} for your approval`] : []),
    ...(forOthers > 0 ? [`${formatNoun(forOthers, 'replay')} ${forOthers === 1 ? 'waits' : 'wait'} for somebody else's approval`] : []),
    ...(waiting.length > 0 ? [`${formatNoun(waiting.length, 'replay')} ${waiting.length === 1 ? 'waits' : 'wait'} for a person`] : []),
    ...(scheduled.length > 0 ? [`${formatCount(scheduled.length)} ${scheduled.length === 1 ? 'starts' : 'start'} by ${scheduled.length === 1 ? 'itself' : 'themselves'} at ${scheduled.length === 1 ? 'its' : 'their'} time`] : []),
    ...(running.length > 0 ? [`${formatCount(running.length)} ${running.length === 1 ? 'is' : 'are'} being sent`] : []),
    ...(failedAgain > 0 ? [`${formatNoun(failedAgain, 'record')} failed again`] : []),
  ];
  return parts.length === 0 ? 'No replay is under way.' : `${parts.join(', ')}.`;
}
