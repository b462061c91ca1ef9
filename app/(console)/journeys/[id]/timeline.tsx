'use client';

import type { ReactNode } from 'react';
import { formatDuration, formatNoun } from '#components/format.ts';
import { timeAxis, type TimeAxis } from '#lib/journey/time-axis.ts';
import type { HopWire, JourneyWire } from '#lib/operations/journey-wire.ts';
import { ExpectedHop, placeExpected } from './expected-rows.tsx';
import { outcomeOf, placeOf, queueText, whatOf, whoOf } from './hop-words.ts';

/** One row per hop: hatched = waiting in the queue, solid = handling, red = a failed attempt, diamond = dead letter, violet arc = replay. */
export function Timeline({ journey, onOpen }: { journey: JourneyWire; onOpen: (id: string) => void }): ReactNode {
  const { hops } = journey;
  const axis = timeAxis(
    hops.flatMap((hop) => (hop.attempts.length > 0 ? hop.attempts.map((attempt) => ({ fromMs: attempt.atMs, toMs: attempt.atMs + attempt.durationMs })) : [{ fromMs: hop.atMs, toMs: hop.atMs + hop.durationMs }])),
  );
  const letters = new Map(hops.filter((hop) => hop.kind === 'dead-letter' && hop.deadLetterId !== null).map((hop) => [hop.deadLetterId, hop]));
  const expected = placeExpected(hops, journey.usual);
  return (
    <section aria-label="Timeline">
      <p className="mb-2 text-xs text-muted">
        {formatNoun(hops.length, 'hop')} in {formatDuration(journey.durationMs)}
        {axis.parts.some((part) => part.isGap) ? '; long waits are drawn short' : ''}.
      </p>
      <div className="panel overflow-hidden">
        <div className="grid grid-cols-[8.5rem_minmax(0,1fr)] sm:grid-cols-[15rem_minmax(0,1fr)] border-b border-line text-xs text-muted">
          <span className="px-3 py-1.5">Hop</span>
          <Scale axis={axis} />
        </div>
        <ol>
          {hops.flatMap((hop) => [
            <li key={hop.id} className="border-b border-line last:border-b-0">
              <button
                type="button"
                onClick={() => onOpen(hop.id)}
                title={sentence(hop)}
                className="grid w-full grid-cols-[8.5rem_minmax(0,1fr)] sm:grid-cols-[15rem_minmax(0,1fr)] text-left outline-offset-[-2px] hover:bg-hover"
              >
                <span className="min-w-0 px-3 py-1.5">
                  <span className={`block truncate font-medium ${hop.kind === 'replay' ? 'text-replayed-ink' : ''}`}>{hop.kind === 'replay' ? `replay by ${whoOf(hop)}` : whoOf(hop)}</span>
                  <span className="block truncate text-xs text-muted">{hop.kind === 'replay' ? `to ${placeOf(hop)}` : `${whatOf(hop)}${hop.offset === null ? '' : ` p${hop.partition}@${hop.offset}`}`}</span>
                </span>
                <span className="sr-only">. {sentence(hop)}</span>
                <span className="relative block min-h-11 overflow-hidden border-l border-line">
                  <Gaps axis={axis} />
                  <Bars hop={hop} axis={axis} from={hop.kind === 'replay' ? (letters.get(hop.deadLetterId) ?? null) : null} />
                </span>
              </button>
            </li>,
            ...(expected.get(hop.id) ?? []).map((row) => <ExpectedHop key={`expected ${row.step.id}`} row={row} after={hop} axis={axis} />),
          ])}
          {(expected.get('') ?? []).map((row) => <ExpectedHop key={`expected ${row.step.id}`} row={row} after={hops.at(-1) ?? null} axis={axis} />)}
        </ol>
      </div>
      <Legend />
    </section>
  );
}

function sentence(hop: HopWire): string {
  const outcome = outcomeOf(hop);
  return `${whoOf(hop)}: ${whatOf(hop)} at ${placeOf(hop)}, ${formatDuration(Math.max(0, hop.atMs))} after the start, ${hop.kind === 'process' ? `waited ${queueText(hop)}, ` : ''}took ${formatDuration(hop.durationMs)}${outcome === '' ? '' : `: ${outcome}`}. Opens its facts.`;
}

function percent(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(3)}%`;
}

/** Times along the axis: at the start of each burst, and in between where there is room. */
function Scale({ axis }: { axis: TimeAxis }): ReactNode {
  const ticks = axis.parts.filter((part) => !part.isGap).flatMap((part) => {
    const steps = Math.max(1, Math.floor((part.to - part.from) / 0.2));
    return Array.from({ length: steps }, (_, step) => ({ at: part.from + ((part.to - part.from) * step) / steps, ms: part.fromMs + ((part.toMs - part.fromMs) * step) / steps, room: (part.to - part.from) / steps }));
  });
  return (
    <span className="relative block h-7 overflow-hidden border-l border-line">
      {ticks.map((tick, place) => (
        <span key={tick.at} style={{ left: percent(tick.at), width: percent(tick.room) }} className={`absolute inset-y-0 flex items-center overflow-hidden border-l border-line pl-1.5 whitespace-nowrap ${place === 0 ? '' : 'max-sm:hidden'}`}>
          {tick.room > 0.05 ? `+${formatDuration(Math.max(0, tick.ms))}` : ''}
        </span>
      ))}
      {axis.parts.filter((part) => part.isGap).map((part) => (
        <span key={part.fromMs} title={`Nothing happens for ${formatDuration(part.toMs - part.fromMs)}`} style={{ left: percent(part.from), width: percent(part.to - part.from) }} className="absolute inset-y-0 flex items-center justify-center overflow-hidden bg-sunken px-0.5 text-[10px] leading-3">
          {formatDuration(part.toMs - part.fromMs)}
        </span>
      ))}
    </span>
  );
}

function Gaps({ axis }: { axis: TimeAxis }): ReactNode {
  return axis.parts.filter((part) => part.isGap).map((part) => (
    <span key={part.fromMs} aria-hidden style={{ left: percent(part.from), width: percent(part.to - part.from) }} className="absolute inset-y-0 border-x border-dashed border-line bg-sunken" />
  ));
}

function Bars({ hop, axis, from }: { hop: HopWire; axis: TimeAxis; from: HopWire | null }): ReactNode {
  const start = axis.at(hop.atMs);
  if (hop.kind === 'dead-letter') {
    return (
      <>
        <span aria-hidden style={{ left: `calc(${percent(start)} - 6px)` }} className="absolute top-4 ml-1.5 size-3 rotate-45 bg-bad" />
        <Note at={start} tone="text-bad-ink" offset={18}>
          {hop.error ?? 'dead letter'}
        </Note>
      </>
    );
  }
  if (hop.kind === 'replay') {
    const begin = from === null ? start : axis.at(from.atMs);
    return (
      <>
        {start - begin > 0.005 ? (
          <svg aria-hidden viewBox="0 0 100 40" preserveAspectRatio="none" style={{ left: percent(begin), width: percent(start - begin) }} className="absolute top-0.5 h-9 text-replayed">
            <path d="M0 36 C 12 2, 88 2, 100 24" fill="none" stroke="currentColor" strokeWidth="2" vectorEffect="non-scaling-stroke" />
          </svg>
        ) : null}
        <span aria-hidden style={{ left: `calc(${percent(start)} - 5px)` }} className="absolute top-5 ml-1 size-2.5 rounded-full bg-replayed" />
        <Note at={start} tone="text-replayed-ink" offset={14}>
          {outcomeOf(hop)}
        </Note>
      </>
    );
  }
  if (hop.kind === 'send') {
    return (
      <>
        <span aria-hidden style={{ left: percent(start), width: percent(axis.at(hop.atMs + hop.durationMs) - start) }} className={`absolute top-4 h-3 min-w-1 rounded-xs ${hop.error === null ? 'bg-flight' : 'bg-bad'}`} />
        <Note at={axis.at(hop.atMs + hop.durationMs)} tone={hop.error === null ? 'text-muted' : 'text-bad-ink'}>
          {hop.error ?? formatDuration(hop.durationMs)}
        </Note>
      </>
    );
  }
  const first = hop.attempts[0];
  const firstAt = first === undefined ? start : axis.at(first.atMs);
  const queued = hop.queueMs !== null && hop.queueMs > 0 ? axis.at(Math.max(0, (first?.atMs ?? hop.atMs) - hop.queueMs)) : null;
  const last = hop.attempts.at(-1);
  const ends = axis.at(last === undefined ? hop.atMs + hop.durationMs : last.atMs + last.durationMs);
  // A hop without a span has no length of its own: a box of 2 % that can be seen.
  const end = hop.ghost ? Math.max(ends, start + 0.02) : ends;
  return (
    <>
      {queued !== null && firstAt > queued ? <span aria-hidden style={{ left: percent(queued), width: percent(firstAt - queued) }} className="hatched absolute top-4 h-3 rounded-l-xs border border-r-0 border-line-strong/60" /> : null}
      {hop.ghost ? <span aria-hidden style={{ left: percent(start), width: percent(end - start) }} className={`absolute top-4 h-3 rounded-xs border border-dashed ${hop.error === null ? 'border-line-strong' : 'border-bad'}`} /> : null}
      {hop.attempts.map((attempt) => {
        const from = axis.at(attempt.atMs);
        const failed = attempt.error !== null || (attempt === last && hop.error !== null && !hop.uncertain);
        return (
          <span
            key={`${attempt.traceId}${attempt.spanId}${attempt.startedAt}`}
            aria-hidden
            style={{ left: percent(from), width: percent(axis.at(attempt.atMs + attempt.durationMs) - from) }}
            className={`absolute top-4 h-3 min-w-1 rounded-xs ${failed ? (attempt.batch ? 'border border-bad bg-bad-soft' : 'bg-bad') : 'bg-ok'}`}
          />
        );
      })}
      <Note at={end} tone={hop.error !== null && !hop.uncertain ? 'text-bad-ink' : 'text-muted'}>
        {hop.error === null ? `${formatDuration(hop.attempts.length > 0 ? hop.attempts.reduce((sum, attempt) => sum + attempt.durationMs, 0) : hop.durationMs)} ✓${hop.attempts.length > 1 ? ` after ${hop.attempts.length} attempts` : ''}` : outcomeOf(hop)}
      </Note>
    </>
  );
}

/** Text beside a mark: right of it, or left where there is more room. */
function Note({ at, tone, offset = 6, children }: { at: number; tone: string; offset?: number; children: ReactNode }): ReactNode {
  const right = at < 0.62;
  return (
    <span
      aria-hidden
      style={right ? { left: `calc(${percent(at)} + ${offset}px)`, right: 4 } : { right: 4 }}
      className={`absolute truncate text-xs ${right ? 'top-3.5' : 'top-0 max-w-full text-right'} ${tone}`}
    >
      {children}
    </span>
  );
}

function Legend(): ReactNode {
  const item = 'flex items-center gap-1.5';
  return (
    <ul aria-label="Legend" className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      <li className={item}><span aria-hidden className="h-2.5 w-4 rounded-xs bg-flight" />publishing</li>
      <li className={item}><span aria-hidden className="hatched h-2.5 w-4 rounded-xs border border-line-strong/60" />waiting in the queue</li>
      <li className={item}><span aria-hidden className="h-2.5 w-4 rounded-xs bg-ok" />handling</li>
      <li className={item}><span aria-hidden className="h-2.5 w-4 rounded-xs bg-bad" />failed attempt</li>
      <li className={item}><span aria-hidden className="size-2.5 rotate-45 bg-bad" />dead letter</li>
      <li className={item}><span aria-hidden className="h-2.5 w-4 rounded-t-full border-2 border-b-0 border-replayed" />replay</li>
      <li className={item}><span aria-hidden className="h-2.5 w-4 rounded-xs border border-dashed border-bad" />known without a span</li>
      <li className={item}><span aria-hidden className="w-4 border-t-2 border-dotted border-bad" />expected, not seen</li>
    </ul>
  );
}
