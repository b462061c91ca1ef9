'use client';

import type { ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { formatDuration, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { stepTextOf } from '#lib/journey/describe-path.ts';
import type { JourneyRowWire } from '#lib/operations/journey-wire.ts';

const elapsed = (row: JourneyRowWire) => new Date(row.lastActivityAt).getTime() - new Date(row.startedAt).getTime();

function Elapsed({ row }: { row: JourneyRowWire }): ReactNode {
  const ms = elapsed(row);
  if (row.usualP95Ms === null) return formatDuration(ms);
  const title = `19 of 20 of ${row.type ?? 'its type'} take no longer than ${formatDuration(row.usualP95Ms)}`;
  return ms <= row.usualP95Ms ? (
    <span title={title}>{formatDuration(ms)}</span>
  ) : (
    <span title={title} className="text-behind-ink">
      {formatDuration(ms)}<span aria-hidden> ▲</span>
      <span className="sr-only">, longer than usual</span>
    </span>
  );
}

/** What is not as usual, the weightiest first; null where nothing is. */
function deviation({ expected }: JourneyRowWire): string | null {
  if (expected === null) return null;
  const [first, ...more] = expected.missing;
  if (first !== undefined) return `Missing: ${stepTextOf(first)}${more.length > 0 ? ` and ${more.length} more` : ''}`;
  if (expected.extra > 0) return `${formatNoun(expected.extra, 'unusual hop')}`;
  return expected.slow === null ? null : `Slow: ${stepTextOf(expected.slow.step)}, ${formatDuration(expected.slow.overMs)} over its p95`;
}

const columns: TableColumn<JourneyRowWire>[] = [
  { id: 'state', header: 'State', width: 132, value: (row) => row.state, cell: (row) => <StateChip state={row.state} /> },
  {
    id: 'key', header: 'Event', width: 260, primary: true, value: (row) => row.key ?? row.id,
    cell: (row) => (row.key === null ? <span className="text-muted" title={`Journey ${row.id}: no span carries a correlation id`}>without a correlation id</span> : <span title={`${row.key}, from ${row.keyBy ?? 'its spans'}`}>{row.key}</span>),
  },
  { id: 'type', header: 'Topic', width: 150, hideBelow: 'md', value: (row) => row.type, cell: (row) => row.type ?? '-' },
  {
    id: 'verdict', header: 'What happened', hideBelow: 'sm', value: (row) => `${deviation(row) === null ? '' : `${deviation(row)}. `}${row.verdict}`,
    cell: (row) => {
      const text = deviation(row);
      return (
        <span title={text === null ? row.verdict : `${text}. ${row.verdict}`}>
          {text === null ? null : <><span className="text-behind-ink">{text}</span> · </>}
          {row.verdict}
        </span>
      );
    },
  },
  {
    id: 'hops', header: 'Hops', hint: 'Expected hops that happened, of those on the usual path; all hops where that is not learned yet', width: 84, align: 'right', hideBelow: 'md', value: (row) => row.expected?.done ?? row.hopCount,
    cell: (row) => (row.expected === null ? <span title="The usual path of this type is not learned yet">{row.hopCount}</span> : <span title={`${row.hopCount} hops in all`}>{row.expected.done} of {row.expected.hops}</span>),
  },
  { id: 'elapsed', header: 'Elapsed', hint: 'From the first hop to the last; longer than 19 of 20 of its type is marked', width: 110, align: 'right', hideBelow: 'lg', value: elapsed, cell: (row) => <Elapsed row={row} /> },
  { id: 'age', header: 'Last seen', width: 116, align: 'right', hideBelow: 'sm', value: (row) => row.lastActivityAt, cell: (row) => <RelativeTime at={row.lastActivityAt} /> },
];

/** Journeys as rows; each leads to its page. `sortParam` null keeps the sort of a second table out of the URL. */
export function JourneysTable({ label, rows, empty, sortParam = 'sort' }: { label: string; rows: readonly JourneyRowWire[]; empty?: ReactNode; sortParam?: string | null }): ReactNode {
  return <DataTable label={label} rows={rows} rowKey={(row) => row.id} columns={columns} rowHref={(row) => links.journey(row.id)} empty={empty} {...(sortParam === null ? { sortParam: `sort-${label.toLowerCase().replaceAll(/[^a-z]+/g, '-')}` } : {})} />;
}
