'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { formatDuration } from '#components/format.ts';
import type { HopWire, JourneyWire } from '#lib/operations/journey-wire.ts';
import { outcomeOf, placeOf, queueText, whoOf } from './hop-words.ts';

/** The timeline as a table. */
export function HopsTable({ journey, onOpen }: { journey: JourneyWire; onOpen: (id: string) => void }): ReactNode {
  const columns = useMemo((): TableColumn<HopWire>[] => {
    const why = new Map<string, string[]>();
    for (const edge of journey.edges) why.set(edge.to, [...(why.get(edge.to) ?? []), ...edge.evidence.map((evidence) => evidence.kind)]);
    const connected = (hop: HopWire) => [...new Set(why.get(hop.id) ?? [])].join(', ');
    return [
      { id: 'at', header: 'After', hint: 'From the start of the journey', width: 88, align: 'right', sortDescFirst: false, value: (hop) => hop.atMs, cell: (hop) => `+${formatDuration(Math.max(0, hop.atMs))}` },
      { id: 'who', header: 'Who', width: 150, primary: true, value: whoOf, cell: (hop) => <button type="button" onClick={() => onOpen(hop.id)} className="max-w-full truncate hover:text-accent-ink hover:underline">{whoOf(hop)}</button> },
      { id: 'kind', header: 'Did', width: 100, value: (hop) => hop.kind, cell: (hop) => (hop.ghost ? `${hop.kind} (no span)` : hop.kind.replaceAll('-', ' ')) },
      { id: 'place', header: 'Record', width: 190, value: placeOf, cell: placeOf },
      { id: 'group', header: 'Group', width: 130, hideBelow: 'lg', value: (hop) => hop.group, cell: (hop) => hop.group ?? '-' },
      { id: 'queue', header: 'Waited', width: 120, align: 'right', hideBelow: 'md', value: (hop) => hop.queueMs, cell: queueText },
      { id: 'took', header: 'Took', width: 90, align: 'right', hideBelow: 'md', value: (hop) => hop.durationMs, cell: (hop) => formatDuration(hop.durationMs) },
      { id: 'attempts', header: 'Attempts', width: 80, align: 'right', hideBelow: 'lg', value: (hop) => hop.attempts.length, cell: (hop) => (hop.kind === 'process' ? hop.attempts.length || '-' : '-') },
      { id: 'outcome', header: 'Outcome', width: 200, hideBelow: 'sm', value: outcomeOf, cell: (hop) => <span className={hop.error !== null && !hop.uncertain ? 'text-bad-ink' : ''}>{outcomeOf(hop) || '-'}</span> },
      { id: 'why', header: 'Connected by', width: 170, hideBelow: 'xl', value: connected, cell: (hop) => connected(hop) || 'first hop' },
    ];
  }, [journey, onOpen]);
  return <DataTable label="Hops of the journey" rows={journey.hops} rowKey={(hop) => hop.id} columns={columns} />;
}
