'use client';

import Link from 'next/link';
import { useEffect, useState, type ReactNode } from 'react';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { formatDuration, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { Facts, Section } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { SpanDetailWire } from '#lib/operations/get-span.ts';
import type { HopWire, JourneyWire } from '#lib/operations/journey-wire.ts';
import { evidenceWords, outcomeOf, placeOf, queueText, sourceWords, whatOf, whoOf } from './hop-words.ts';

interface HopDrawerProps {
  journey: JourneyWire;
  hop: HopWire | null;
  onClose: () => void;
  onOpen: (id: string) => void;
}

/** A hop's facts, attempts, attributes, and why it is in this journey. */
export function HopDrawer({ journey, hop, onClose, onOpen }: HopDrawerProps): ReactNode {
  return (
    <Dialog open={hop !== null} onOpenChange={(open) => !open && onClose()} as="side" title={hop === null ? '' : `${whoOf(hop)}: ${whatOf(hop)}`} description={hop === null ? '' : outcomeOf(hop) || placeOf(hop)}>
      {hop === null ? null : <HopFacts key={hop.id} journey={journey} hop={hop} onOpen={onOpen} />}
    </Dialog>
  );
}

function HopFacts({ journey, hop, onOpen }: { journey: JourneyWire; hop: HopWire; onOpen: (id: string) => void }): ReactNode {
  const group = journey.groups.find((each) => each.name === (hop.group ?? hop.service));
  const name = (id: string) => {
    const other = journey.hops.find((each) => each.id === id);
    return other === undefined ? id : `${whoOf(other)}: ${whatOf(other)}`;
  };
  const edges = journey.edges.filter((edge) => edge.from === hop.id || edge.to === hop.id);
  return (
    <>
      <Section title="Facts">
        <Facts
          items={[
            { label: 'Record', value: hop.offset === null ? `${placeOf(hop)} (no span says the offset)` : placeOf(hop) },
            ...(hop.messageKey === null ? [] : [{ label: 'Message key', value: <code>{hop.messageKey}</code> }]),
            ...(hop.kind === 'process'
              ? [
                  { label: 'Consumer group', value: group ? <><Link className="text-accent-ink hover:underline" href={links.group(group.cluster, group.name)}>{group.name}</Link> <StateChip state={group.status} /></> : (hop.group ?? 'not conveyed by the span') },
                  { label: 'Waited', value: queueText(hop) },
                ]
              : []),
            { label: 'Began', value: <><RelativeTime at={hop.startedAt} as="clock" />, {formatDuration(Math.max(0, hop.atMs))} after the start</> },
            { label: 'Took', value: formatDuration(hop.durationMs) },
            ...(hop.error === null ? [] : [{ label: hop.uncertain ? 'Error of its batch' : 'Error', value: <span className="text-bad-ink">{hop.error}</span> }]),
            ...(hop.deadLetterId === null ? [] : [{ label: 'Dead letter', value: <Link className="text-accent-ink hover:underline" href={links.deadLetter(hop.deadLetterId)}>{hop.deadLetterId}</Link> }]),
            ...(hop.replayId === null ? [] : [{ label: 'Replay', value: <Link className="text-accent-ink hover:underline" href={links.replay(hop.replayId)}>by {hop.actor}</Link> }, { label: 'Outcome', value: <StateChip state={hop.outcome ?? 'unknown'} /> }]),
            ...(hop.traceId === null ? [{ label: 'Span', value: `none: ${sourceWords[hop.knownBy]}` }] : [{ label: 'Trace', value: <code className="text-xs">{hop.traceId}</code> }]),
          ]}
        />
      </Section>
      {hop.attempts.length > 1 ? (
        <Section title={formatNoun(hop.attempts.length, 'attempt')}>
          <ol className="flex flex-col gap-1">
            {hop.attempts.map((attempt, index) => (
              <li key={`${attempt.spanId}${attempt.startedAt}`} className="flex flex-wrap gap-x-3">
                <span className="text-muted">{index + 1}.</span>
                <span>+{formatDuration(Math.max(0, attempt.atMs))}</span>
                <span>{formatDuration(attempt.durationMs)}</span>
                <span className={attempt.error === null ? 'text-muted' : 'text-bad-ink'}>{attempt.error ?? 'shows no error'}{attempt.batch && attempt.error !== null ? ' (of its batch)' : ''}</span>
              </li>
            ))}
          </ol>
        </Section>
      ) : null}
      <Section title="Why connected">
        {edges.length === 0 ? <p className="text-muted">It is the only hop, or the first of several.</p> : null}
        <ul className="flex flex-col gap-3">
          {edges.map((edge) => {
            const other = edge.from === hop.id ? edge.to : edge.from;
            return (
              <li key={`${edge.from} ${edge.to}`}>
                <p>
                  <span className="text-muted">{edge.from === hop.id ? 'leads to' : 'comes from'}</span>{' '}
                  <button type="button" onClick={() => onOpen(other)} className="text-accent-ink hover:underline">{name(other)}</button>
                </p>
                <ul className="mt-0.5 flex flex-col gap-0.5">
                  {edge.evidence.map((evidence) => (
                    <li key={evidence.kind + evidence.detail} className="flex gap-2 text-xs">
                      <span className={`shrink-0 rounded-sm border px-1 ${evidence.kind === 'inferred' ? 'border-dashed border-line-strong' : 'border-line'}`}>{evidenceWords[evidence.kind]}</span>
                      <span className="min-w-0 text-muted [overflow-wrap:anywhere]">{evidence.detail}</span>
                    </li>
                  ))}
                </ul>
              </li>
            );
          })}
        </ul>
      </Section>
      {hop.traceId !== null && hop.spanId !== null ? <Attributes traceId={hop.traceId} spanId={hop.spanId} /> : null}
    </>
  );
}

function Attributes({ traceId, spanId }: { traceId: string; spanId: string }): ReactNode {
  const [span, setSpan] = useState<SpanDetailWire | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    callApi<SpanDetailWire>('GET', `/api/v1/spans/${traceId}/${spanId}`, undefined, { signal: stop.signal }).then(setSpan, (error: unknown) => {
      if (!stop.signal.aborted) setFailure(error instanceof Error ? error.message : String(error));
    });
    return () => stop.abort();
  }, [traceId, spanId]);
  if (failure !== null) return <ProblemState severity="warning" title="The span can't be shown">{failure}</ProblemState>;
  if (span === null) return <p className="text-muted" aria-busy>Reading the span…</p>;
  return (
    <>
      <Section title="Span as it came" aside={span.scope}>
        <Pairs pairs={[{ key: 'name', value: span.name }, { key: 'kind', value: span.kind }, { key: 'status', value: span.statusMessage === null ? span.status : `${span.status}: ${span.statusMessage}` }, ...span.attributes]} />
        {span.leftOut > 0 ? <p className="mt-1 text-xs text-muted">{formatNoun(span.leftOut, 'further attribute or link', 'further attributes or links')} were too many to keep.</p> : null}
      </Section>
      {span.events.map((event) => (
        <Section key={event.name + event.at} title={`Event ${event.name}`}>
          <Pairs pairs={event.attributes} />
        </Section>
      ))}
      <details className="mb-4">
        <summary className="text-sm font-semibold">Resource</summary>
        <div className="mt-2"><Pairs pairs={span.resource} /></div>
      </details>
    </>
  );
}

function Pairs({ pairs }: { pairs: readonly { key: string; value: string }[] }): ReactNode {
  return (
    <dl className="grid grid-cols-1 gap-x-4 gap-y-1 text-xs sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      {pairs.map((pair, index) => (
        // A key can come twice.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="contents">
          <dt className="text-muted [overflow-wrap:anywhere]">{pair.key}</dt>
          <dd className="font-mono whitespace-pre-wrap [overflow-wrap:anywhere]">{pair.value}</dd>
        </div>
      ))}
    </dl>
  );
}
