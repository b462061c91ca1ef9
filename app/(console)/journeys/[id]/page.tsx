import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { LinkButton } from '#components/link-button.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { formatDuration, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { WaybillError } from '#lib/errors.ts';
import { followJourney } from '#lib/operations/follow-journey.ts';
import type { JourneyWire } from '#lib/operations/journey-wire.ts';
import { AsText } from './as-text.tsx';
import { CopyLink } from './copy-link.tsx';
import { JourneyView } from './journey-view.tsx';
import { UsualLine } from './usual-line.tsx';

export const metadata: Metadata = { title: 'Journey' };

/** One event through services, topics, failures, dead letters and replays. */
export default async function JourneyPage({ params }: { params: Promise<{ id: string }> }): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const { id } = await params;
  const journey = await followJourney(store, { id, now }).catch((error: unknown) => {
    if (error instanceof WaybillError && error.status === 404) return null;
    throw error;
  });
  if (journey === null) notFound();
  // It was found to be part of an older journey: one address for one event.
  if (journey.id !== id) redirect(links.journey(journey.id));
  const letter = journey.hops.findLast((hop) => hop.deadLetterId !== null && hop.kind === 'dead-letter');
  const failing = journey.hops.findLast((hop) => hop.kind === 'process' && hop.error !== null) ?? journey.hops.findLast((hop) => hop.kind === 'process');
  const group = journey.groups.find((each) => each.name === (failing?.group ?? failing?.service));

  return (
    <>
      <LiveRefresh kinds={['journeys', 'dead-letters', 'replays']} />
      <PageHeader
        title={journey.key ?? 'Journey without a correlation id'}
        state={<StateChip state={journey.state} />}
        verdict={journey.verdict}
        actions={
          <>
            {letter?.deadLetterId ? (
              <LinkButton look={journey.state === 'dead-lettered' ? 'primary' : 'plain'} href={links.deadLetter(letter.deadLetterId)}>
                {journey.state === 'dead-lettered' ? 'Open the dead letter to replay it' : 'Open the dead letter'}
              </LinkButton>
            ) : null}
            {group ? <LinkButton href={links.group(group.cluster, group.name)}>Open lag of {group.name}</LinkButton> : null}
            {journey.hops.length > 0 ? <LinkButton href={links.compareJourney(journey.id)}>Compare</LinkButton> : null}
            <AsText journey={journey} />
            <CopyLink />
          </>
        }
      />
      {journey.usual === null ? null : <UsualLine usual={journey.usual} />}
      <Path journey={journey} />
      {journey.partial ? (
        <ProblemState severity="warning" title="This journey is larger than what is read at once, or part of its spans is gone">
          What is shown is true, but there may be more hops than these.
        </ProblemState>
      ) : null}
      {journey.hops.length === 0 ? (
        <EmptyState title="The spans of this journey are gone.">They are kept for a limited time. Above is what Waybill noted while they were here.</EmptyState>
      ) : (
        <JourneyView journey={journey} />
      )}
    </>
  );
}

/** The one-line path and how long it took. */
function Path({ journey }: { journey: JourneyWire }): ReactNode {
  if (journey.path.length === 0) return null;
  return (
    <div className="mb-4 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-2">
      <ol aria-label="Path" className="flex min-w-0 flex-wrap items-baseline gap-x-1.5 gap-y-1">
        {journey.path.map((step, index) => (
          // A path has no ids of its own, and its steps never move.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index} className="flex items-baseline gap-1.5">
            {index > 0 ? <span aria-hidden className="text-faint">→</span> : null}
            <span className={`${step.kind === 'dead-letter' ? 'text-bad-ink' : step.kind === 'replay' ? 'text-replayed-ink' : ''} ${step.ghost ? 'italic' : ''}`}>
              {step.text}
              {step.times > 1 ? <span className="text-muted"> ×{step.times}</span> : null}
              {step.failed > 0 ? (
                <span className="ml-0.5 text-bad-ink" title={`${formatNoun(step.failed, 'attempt')} failed`}>
                  <span aria-hidden>{step.failed > 4 ? `✕×${step.failed}` : '✕'.repeat(step.failed)}</span>
                  <span className="sr-only">, {formatNoun(step.failed, 'attempt')} failed</span>
                </span>
              ) : null}
              {step.ok ? (
                <span className="ml-0.5 text-ok-ink">
                  <span aria-hidden>✓</span>
                  <span className="sr-only">, handled</span>
                </span>
              ) : null}
            </span>
          </li>
        ))}
      </ol>
      <p className="text-xs text-muted">
        total {formatDuration(journey.durationMs)}{journey.usual === null ? '' : ` (usual ${formatDuration(journey.usual.durationP50Ms)})`}, began <RelativeTime at={journey.startedAt} />
      </p>
    </div>
  );
}
