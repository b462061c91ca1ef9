import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount, formatDuration, formatNoun, formatRate } from '#components/format.ts';
import { LiveRefresh } from '#components/live.tsx';
import { Facts, PageHeader, Section } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { WaybillError } from '#lib/errors.ts';
import { allows } from '#lib/model/access.ts';
import { mayBeSame } from '#lib/operations/decide-replay.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { listReplayItems } from '#lib/operations/list-replay-items.ts';
import { listReplaySelection } from '#lib/operations/list-replay-selection.ts';
import type { WireReplayDetail } from '#lib/operations/replay-wire.ts';
import { lacksTransactionRights } from '../at-least-once.ts';
import { chipOf } from '../chip-of.ts';
import { EditDifference } from '../edit-difference.tsx';
import { OutcomeBar } from '../outcome-bar.tsx';
import { Approval } from './approval.tsx';
import { AskedFor } from './asked-for.tsx';
import { ItemsTable } from './items-table.tsx';
import { Steering } from './steering.tsx';

export const metadata: Metadata = { title: 'Replay' };

const ASKED_FOR_SHOWN = 50;

const EVENTS: Record<string, string> = {
  created: 'asked for the replay',
  approved: 'approved it',
  declined: 'declined it',
  'approval-lapsed': 'nobody decided in time',
  due: 'its time has come',
  missed: 'Waybill was not running at its time, and now it is too late',
  'pause-asked': 'asked for a pause',
  'resume-asked': 'let it go on',
  'cancel-asked': 'asked for its end',
  paused: 'came to rest',
  'canary-sent': 'the canary was sent',
  finished: 'everything was sent or refused',
  cancelled: 'ended before everything was sent',
  'needs-decision': 'could not prove what was sent',
  'topic-gone': 'its dead-letter topic is gone',
  denied: 'was refused by the broker',
  'gave-up': 'failed too often in a row and waits for a person',
  'positions-kept': 'kept its position at the broker',
};

export default async function ReplayPage({ params }: { params: Promise<{ id: string }> }): Promise<ReactNode> {
  const { store, principal, now } = await pageContext('viewer');
  const { id } = await params;
  const replay = await getReplay(store, id).catch((error: unknown) => {
    if (error instanceof WaybillError && error.code === 'not-found') notFound();
    throw error;
  });
  const items = await listReplayItems(store, id, { limit: 200 });
  const { counts } = replay;
  const underWay = ['sent', 'consumed', 'retrying', 'no-consumer', 'unknown'].reduce((sum, state) => sum + (replay.states[state] ?? 0), 0);
  const left = (counts.selected ?? 0) - counts.sent - counts.refused - counts.needsDecision;
  const rightsMissing = lacksTransactionRights(replay);
  const waits = replay.state === 'awaiting-approval';
  const askedFor = waits ? await listReplaySelection(store, id, { limit: ASKED_FOR_SHOWN }) : null;
  const ownReplay = waits && (await mayBeSame(store, replay.createdBy, principal.name));
  const roleMissing = allows(principal.role, 'operator') ? null : `This needs the role operator; you have the role ${principal.role}.`;
  return (
    <>
      <LiveRefresh kinds={['replays']} everyMs={1_000} atLeastEveryMs={replay.state === 'running' ? 3_000 : null} />
      <PageHeader
        title={replay.reason}
        state={<StateChip state={chipOf(replay)} />}
        verdict={waits ? waitingVerdict(replay, ownReplay) : replay.state === 'scheduled' && replay.startAt !== null ? scheduledVerdict(replay, replay.startAt) : verdict(replay, underWay, left)}
        actions={
          waits ? (
            <Approval replay={replay} refused={roleMissing ?? (ownReplay ? `${replay.createdBy} asked for this replay: somebody else has to decide.` : null)} mayNotEnd={roleMissing} />
          ) : (
            <Steering replay={replay} refused={roleMissing} rightsMissing={rightsMissing} />
          )
        }
      />
      {replay.lastError ? (
        <ProblemState severity={replay.state === 'running' ? 'warning' : 'error'} title={replay.state === 'running' ? 'Sending has a problem and is tried again' : 'Sending stopped'}>
          {replay.lastError}{' '}
          {rightsMissing
            ? 'Nothing was sent yet. Grant Write and Describe on the transactional id and Read on the group, both with the prefix waybill-replay-, and try again. Or go on without them: after a crash a record can appear twice.'
            : `What was sent before stays sent${replay.mode === 'exactly-once' ? ', each record exactly once' : ''}.`}
        </ProblemState>
      ) : null}

      <Section title="Progress" aside={replay.ratePerSecond !== null && left > 0 ? `${formatRate(replay.ratePerSecond)}, about ${formatDuration((left / replay.ratePerSecond) * 1_000)} left` : undefined}>
        <OutcomeBar legend figures={{ ...counts, underWay, cancelled: replay.states['cancelled'] ?? 0 }} />
      </Section>

      <div className="grid gap-x-8 lg:grid-cols-2">
        <Section title="What and where">
          <Facts
            items={[
              { label: 'Selection', value: 'ids' in replay.selection ? formatNoun(replay.selection.ids, 'chosen record') : Object.entries(replay.selection.filter).map(([name, value]) => `${name} = ${value}`).join(', ') || 'all dead letters' },
              { label: 'Target', value: replay.target ?? 'the topic each record came from' },
              { label: 'Partition', value: replay.partitioning === 'origin' ? "the origin's where its count still fits, else by key" : replay.partitioning === 'key' ? 'by key' : String(replay.partitioning) },
              { label: 'Promise', value: replay.mode === 'exactly-once' ? 'exactly once for read_committed consumers' : 'at least once' },
              { label: 'Rate', value: replay.rate === null ? 'no limit' : formatRate(replay.rate) },
              { label: 'Asked by', value: <>{replay.ruleId === null ? replay.createdBy : `a rule of ${replay.createdBy}`}, <RelativeTime at={replay.createdAt} /></> },
              ...(replay.approval === null ? [] : [{ label: 'Approval', value: approvalFact(replay) }]),
              ...(replay.startAt === null ? [] : [{ label: 'Start', value: <><RelativeTime at={replay.startAt} as="clock" />{replay.startBy === null ? ', however late' : <>, not after <RelativeTime at={replay.startBy} as="clock" /></>}</> }]),
              { label: 'Took', value: replay.startedAt === null ? 'not started yet' : formatDuration((replay.finishedAt === null ? now.getTime() : Date.parse(replay.finishedAt)) - Date.parse(replay.startedAt)) },
            ]}
          />
        </Section>
        <Section title="What happened">
          <ol className="space-y-1">
            {replay.events.slice(0, 12).map((event, index) => (
              <li key={`${event.at} ${index}`} className="flex flex-wrap gap-x-2">
                <RelativeTime at={event.at} className="text-muted" />
                <span className="[overflow-wrap:anywhere]">
                  {event.actor ? `${event.actor} ` : ''}
                  {EVENTS[event.kind] ?? event.kind}
                  {typeof event.detail['reason'] === 'string' ? `: ${event.detail['reason']}` : ''}
                </span>
              </li>
            ))}
          </ol>
        </Section>
      </div>

      {replay.edited ? (
        <Section title="What was edited">
          <EditDifference replayId={id} />
        </Section>
      ) : null}

      {replay.destinations.length > 0 ? (
        <Section title="Sent to" aside={formatNoun(replay.destinations.length, 'partition')}>
          <ul className="flex flex-wrap gap-x-6 gap-y-1">
            {replay.destinations.slice(0, 40).map((one) => (
              <li key={`${one.topic} ${one.partition}`}>
                <span className="[overflow-wrap:anywhere]">{one.topic}</span> <span className="text-muted">partition {one.partition}</span> {formatCount(one.records)}
              </li>
            ))}
          </ul>
        </Section>
      ) : null}

      {askedFor ? (
        <Section title="What would be sent" aside={replay.counts.selected === null ? undefined : formatNoun(replay.counts.selected, 'record')}>
          <AskedFor letters={askedFor.items} total={replay.counts.selected} />
        </Section>
      ) : (
      <Section title="Records" aside="those that need a person first">
        {items.items.length === 0 ? <EmptyState title="No record was claimed yet.">{replay.state === 'scheduled' ? 'They appear here when its time has come.' : 'They appear here as soon as a collector takes the replay up, usually within a second.'}</EmptyState> : <ItemsTable replayId={id} first={items.items} nextCursor={items.nextCursor} total={Object.values(replay.states).reduce((sum, count) => sum + count, 0)} />}
      </Section>
      )}
    </>
  );
}

function waitingVerdict(replay: WireReplayDetail, own: boolean): ReactNode {
  return (
    <>
      {own ? 'You asked for this' : `${replay.createdBy} asks for this`}, and nothing is sent before {own ? 'somebody else' : 'a second person'} approves: {formatNoun(replay.counts.selected ?? 0, 'record')} to {replay.target ?? 'the topic each came from'}. It lapses{' '}
      <RelativeTime at={replay.approval!.until} />.
    </>
  );
}

function scheduledVerdict(replay: WireReplayDetail, startAt: string): ReactNode {
  return (
    <>
      Starts by itself at <RelativeTime at={startAt} as="clock" />: {formatNoun(replay.counts.selected ?? 0, 'record')}, frozen when it was asked for. Nothing was sent yet.
    </>
  );
}

function approvalFact({ approval, state }: WireReplayDetail): ReactNode {
  if (approval === null) return '-';
  if (approval.decision === 'lapsed') return <>nobody decided until <RelativeTime at={approval.until} as="clock" /></>;
  if (approval.decision !== null) return <>{approval.decision} by {approval.decidedBy}{approval.decidedAt === null ? '' : <>, <RelativeTime at={approval.decidedAt} /></>}</>;
  return state === 'awaiting-approval' ? <>waits for a second person until <RelativeTime at={approval.until} as="clock" /></> : 'withdrawn before anybody decided';
}

function verdict(replay: WireReplayDetail, underWay: number, left: number): string {
  const { counts } = replay;
  const sent = `${formatCount(counts.sent)} of ${formatNoun(counts.selected ?? counts.sent, 'record')} sent`;
  const outcome = counts.failedAgain > 0 ? `, ${formatCount(counts.failedAgain)} failed again` : counts.sent > 0 && underWay === 0 ? ', all processed' : underWay > 0 ? `, ${formatCount(counts.processed)} processed so far` : '';
  switch (replay.state) {
    case 'needs-decision':
      return counts.needsDecision > 0 ? `Whether ${formatNoun(counts.needsDecision, 'record')} ${counts.needsDecision === 1 ? 'was' : 'were'} sent cannot be proved. Decide what they count as; ${sent}.` : `Nothing goes on until a person decides; ${sent}.`;
    case 'canary':
      return `The canary is out: ${sent}${outcome}. Look at its outcome, then send the remaining ${formatCount(Math.max(0, left))} or cancel.`;
    case 'paused':
      return `Paused: ${sent}${outcome}.`;
    case 'awaiting-approval':
      return 'Waits for a second person.';
    case 'scheduled':
      return 'Starts by itself at its time.';
    case 'cancelled':
      if (replay.approval !== null && replay.approval.decision !== 'approved') return `${replay.approval.decision === 'declined' ? `Declined by ${replay.approval.decidedBy}` : replay.approval.decision === 'lapsed' ? 'Lapsed: nobody approved it in time' : 'Withdrawn before anybody approved it'}. Nothing was sent; its records are dead letters still.`;
      return `Cancelled: ${sent}${outcome}; the rest are dead letters still.`;
    case 'finished':
      return `${sent}${counts.refused > 0 ? `, ${formatCount(counts.refused)} refused` : ''}${outcome}.`;
    case 'running':
      return replay.queued ? `Waits for a collector: ${sent}.` : `Sending: ${sent}${outcome}.`;
  }
}
