'use client';

import { useMemo, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { formatCount, formatDuration, formatNoun } from '#components/format.ts';
import { layOutSequence, type Lane, type SequenceStep } from '#lib/journey/lay-out-sequence.ts';
import type { HopWire, JourneyWire } from '#lib/operations/journey-wire.ts';
import { outcomeOf, placeOf, whatOf, whoOf } from './hop-words.ts';

const LANE = 168;
const TIME = 84;
const STEPS = 200;

/** Who sent what to whom, in the order of time: a lifeline for each service and each topic. */
export function Sequence({ journey, onOpen }: { journey: JourneyWire; onOpen: (id: string) => void }): ReactNode {
  const [shown, setShown] = useState(STEPS);
  const { lanes, steps } = useMemo(
    () => layOutSequence(journey.hops.map((hop) => ({ id: hop.id, kind: hop.kind, who: hop.kind === 'replay' ? (hop.actor ?? 'someone') : (hop.service ?? hop.group), topic: hop.topic }))),
    [journey.hops],
  );
  const byId = new Map(journey.hops.map((hop) => [hop.id, hop]));
  const width = TIME + lanes.length * LANE;
  return (
    <section aria-label="Sequence">
      <p className="mb-2 text-xs text-muted">
        {formatNoun(lanes.length, 'lifeline')}, {formatNoun(steps.length, 'step')}, earliest first.
      </p>
      <div className="panel scroll-x">
        <div className="relative" style={{ width }}>
          <div className="flex border-b border-line text-xs" style={{ paddingLeft: TIME }}>
            {lanes.map((lane) => (
              <LaneHead key={`${lane.kind} ${lane.name}`} lane={lane} />
            ))}
          </div>
          <div aria-hidden className="absolute inset-x-0 top-12 bottom-0">
            {lanes.map((lane, at) => (
              <span key={`${lane.kind} ${lane.name}`} style={{ left: centre(at) }} className={`absolute inset-y-0 border-l ${lane.kind === 'topic' ? 'border-dashed border-line-strong/60' : 'border-line-strong/60'}`} />
            ))}
          </div>
          <ol className="relative">
            {steps.slice(0, shown).map((step) => (
              <Step key={step.hop} step={step} hop={byId.get(step.hop)!} lanes={lanes} onOpen={onOpen} />
            ))}
          </ol>
        </div>
      </div>
      {steps.length > shown ? (
        <p className="mt-2">
          <Button onClick={() => setShown(shown + STEPS)}>Show {formatCount(Math.min(STEPS, steps.length - shown))} more of {formatNoun(steps.length, 'step')}</Button>
        </p>
      ) : null}
    </section>
  );
}

function centre(lane: number): number {
  return TIME + lane * LANE + LANE / 2;
}

function LaneHead({ lane }: { lane: Lane }): ReactNode {
  return (
    <span style={{ width: LANE }} className="flex h-12 shrink-0 flex-col items-center justify-center px-2 text-center">
      <span className={`max-w-full truncate font-medium ${lane.kind === 'unknown' ? 'text-muted italic' : ''}`} title={lane.name}>{lane.name}</span>
      <span className="text-muted">{lane.kind === 'topic' ? 'topic' : lane.kind === 'participant' ? 'service' : 'not conveyed'}</span>
    </span>
  );
}

function Step({ step, hop, lanes, onOpen }: { step: SequenceStep; hop: HopWire; lanes: readonly Lane[]; onOpen: (id: string) => void }): ReactNode {
  const [left, right] = [Math.min(centre(step.from), centre(step.to)), Math.max(centre(step.from), centre(step.to))];
  const failed = hop.error !== null && !hop.uncertain;
  const tone = hop.kind === 'dead-letter' || failed ? 'text-bad' : hop.kind === 'replay' ? 'text-replayed' : hop.kind === 'send' ? 'text-flight' : 'text-ok';
  const ink = hop.kind === 'dead-letter' || failed ? 'text-bad-ink' : hop.kind === 'replay' ? 'text-replayed-ink' : 'text-ink';
  const outcome = outcomeOf(hop);
  const text = `${hop.kind.replaceAll('-', ' ')}${hop.offset === null ? '' : ` p${hop.partition}@${hop.offset}`}${hop.kind === 'process' ? ` ${'✕'.repeat(Math.min(3, hop.attempts.filter((attempt) => attempt.error !== null).length))}${failed ? '' : '✓'}` : ''}`;
  return (
    <li>
      <button
        type="button"
        onClick={() => onOpen(hop.id)}
        title={`${whoOf(hop)}: ${whatOf(hop)} at ${placeOf(hop)}${outcome === '' ? '' : `: ${outcome}`}`}
        className="relative block h-11 w-full text-left outline-offset-[-2px] hover:bg-hover/60"
      >
        <span className="absolute inset-y-0 left-0 flex items-center px-2 text-xs text-muted" style={{ width: TIME }}>
          +{formatDuration(Math.max(0, hop.atMs))}
        </span>
        {step.from === step.to ? (
          <svg aria-hidden width={44} height={24} style={{ left }} className={`absolute top-4 ${tone}`}>
            <path d="M0 4 H32 V18 H6" fill="none" stroke="currentColor" strokeWidth={1.5} />
            <path d="M0 18 L7 14 L7 22 Z" fill="currentColor" />
          </svg>
        ) : (
          <svg aria-hidden width={right - left} height={10} style={{ left }} className={`absolute bottom-1.5 ${tone}`}>
            <path d={`M0 5 H${right - left}`} stroke="currentColor" strokeWidth={1.5} {...(hop.ghost ? { strokeDasharray: '4 4' } : {})} />
            <path d={step.to > step.from ? `M${right - left} 5 l-8 -4 v8 Z` : 'M0 5 l8 -4 v8 Z'} fill="currentColor" />
          </svg>
        )}
        <span aria-hidden className={`absolute top-1 truncate text-center text-xs ${ink}`} style={step.from === step.to ? { left: left + 4, width: LANE - 12, textAlign: 'left' } : { left: left + 4, width: right - left - 8 }}>
          <span className="bg-surface/80 px-1">{text}</span>
        </span>
        <span className="sr-only">
          {`From ${lanes[step.from]?.name} to ${lanes[step.to]?.name}: ${whatOf(hop)} at ${placeOf(hop)}${outcome === '' ? '' : `, ${outcome}`}. Opens its facts.`}
        </span>
      </button>
    </li>
  );
}
