'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { formatCount, formatDuration } from '#components/format.ts';
import { links } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { ExpectedPathRowWire } from '#lib/operations/expected-path-wire.ts';

const columns: TableColumn<ExpectedPathRowWire>[] = [
  { id: 'type', header: 'Begins on', hint: 'Events whose journeys begin on this topic', width: 120, primary: true, value: (row) => row.entryType, cell: (row) => <span title={row.entryType}>{row.entryType}</span> },
  {
    id: 'state', header: 'State', width: 130, value: (row) => row.state,
    cell: (row) => (row.state === 'learned' ? <StateChip state="ok" label="learned" /> : <StateChip state="waiting" label={`${row.journeys} of ${row.needed} journeys`} title="Journeys are held against the path once enough of them ended well" />),
  },
  {
    id: 'missing', header: 'Missing a hop', hint: 'Of the journeys with activity in the last hour, at most the latest 20,000', width: 106, align: 'right', value: (row) => row.lastHour?.missing ?? null,
    cell: (row) =>
      row.lastHour === null ? '-' : row.lastHour.missing === 0 ? `0 of ${formatCount(row.lastHour.journeys)}` : (
        <Link href={links.missingHop(row.entryType, 'any', 3_600)} prefetch={false} className="text-bad-ink hover:underline">
          {formatCount(row.lastHour.missing)} of {formatCount(row.lastHour.journeys)}
        </Link>
      ),
  },
  { id: 'hops', header: 'Expected hops', width: 104, align: 'right', hideBelow: 'sm', value: (row) => row.expectedHops, cell: (row) => formatCount(row.expectedHops) },
  { id: 'branches', header: 'Branches', hint: 'Steps that only some journeys take', width: 88, align: 'right', hideBelow: 'md', value: (row) => row.branches, cell: (row) => formatCount(row.branches) },
  { id: 'p50', header: 'Usually takes', hint: 'Median from the first hop to the end of the last', width: 110, align: 'right', hideBelow: 'sm', value: (row) => row.durationP50Ms, cell: (row) => formatDuration(row.durationP50Ms) },
  { id: 'p95', header: 'p95', width: 90, align: 'right', hideBelow: 'sm', value: (row) => row.durationP95Ms, cell: (row) => formatDuration(row.durationP95Ms) },
  { id: 'journeys', header: 'Learned from', width: 98, align: 'right', hideBelow: 'lg', value: (row) => row.journeys, cell: (row) => formatCount(row.journeys) },
  { id: 'version', header: 'Version', width: 80, align: 'right', hideBelow: 'lg', value: (row) => row.version, cell: (row) => row.version },
  { id: 'since', header: 'Since', width: 100, align: 'right', hideBelow: 'lg', value: (row) => row.since, cell: (row) => <RelativeTime at={row.since} /> },
  { id: 'edits', header: 'Edited steps', width: 100, align: 'right', hidden: true, value: (row) => row.edits, cell: (row) => row.edits },
];

/** Usual paths as rows; each leads to its page. */
export function PathsTable({ rows }: { rows: readonly ExpectedPathRowWire[] }): ReactNode {
  return <DataTable label="Usual paths" rows={rows} rowKey={(row) => row.entryType} columns={columns} rowHref={(row) => links.usualPath(row.entryType)} />;
}
