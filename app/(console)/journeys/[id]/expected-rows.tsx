'use client';

import type { ReactNode } from 'react';
import type { TimeAxis } from '#lib/journey/time-axis.ts';
import { stepOf } from '#lib/journey/measure-hops.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import type { PathJudgementWire } from '#lib/operations/expected-path-wire.ts';
import type { HopWire } from '#lib/operations/journey-wire.ts';

export interface ExpectedRow {
  step: PathJudgementWire['missing'][number];
  isMissing: boolean;
}

/** Expected hops that did not happen, by the hop behind which they belong ("" = at the end). */
export function placeExpected(hops: readonly HopWire[], usual: PathJudgementWire | null): Map<string, ExpectedRow[]> {
  const rows = new Map<string, ExpectedRow[]>();
  if (usual === null) return rows;
  const places = new Map<string, string>();
  const add = (step: ExpectedRow['step'], isMissing: boolean) => {
    // Behind what it follows, or behind where that would be.
    const behind = hops.findLast((hop) => stepOf(hop)?.id === step.after)?.id ?? places.get(step.after ?? '') ?? '';
    places.set(step.id, behind);
    rows.set(behind, [...(rows.get(behind) ?? []), { step, isMissing }]);
  };
  for (const step of usual.missing) add(step, true);
  for (const step of usual.awaited) add(step, false);
  return rows;
}

/** One expected hop on the timeline: a dotted line from what it follows. */
export function ExpectedHop({ row: { step, isMissing }, after, axis }: { row: ExpectedRow; after: HopWire | null; axis: TimeAxis }): ReactNode {
  const from = after === null ? 0 : axis.at(after.atMs + after.durationMs);
  const left = `${(Math.min(0.98, Math.max(0, from)) * 100).toFixed(3)}%`;
  const who = step.service ?? step.group ?? 'unknown service';
  const times = step.required > 1 ? `, ${step.seen} of ${step.required} seen` : '';
  const state = step.failed ? 'its handling failed' : isMissing ? 'expected, not seen' : 'expected, still has time';
  return (
    <li className="border-b border-line last:border-b-0">
      <div className="grid w-full grid-cols-[8.5rem_minmax(0,1fr)] sm:grid-cols-[15rem_minmax(0,1fr)]">
        <span className="min-w-0 px-3 py-1.5">
          <span className={`block truncate font-medium italic ${isMissing ? 'text-bad-ink' : 'text-muted'}`}>{who}</span>
          <span className="block truncate text-xs text-muted">{step.kind} {step.topic ?? ''}</span>
        </span>
        <span className="relative block min-h-11 overflow-hidden border-l border-line">
          <span aria-hidden style={{ left }} className={`absolute top-5 right-0 border-t-2 border-dotted ${isMissing ? 'border-bad' : 'border-line-strong'}`} />
          <span className={`absolute right-1 bottom-0.5 max-w-full truncate bg-surface px-1 text-right text-xs ${isMissing ? 'text-bad-ink' : 'text-muted'}`}>
            {state}{times}; its time {isMissing ? 'was over' : 'is over'} <RelativeTime at={step.dueAt} />
          </span>
        </span>
      </div>
    </li>
  );
}
