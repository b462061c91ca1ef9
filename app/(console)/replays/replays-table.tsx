'use client';

import type { ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { WireReplay } from '#lib/operations/replay-wire.ts';
import { chipOf } from './chip-of.ts';
import { OutcomeBar } from './outcome-bar.tsx';

const COLUMNS: readonly TableColumn<WireReplay>[] = [
  { id: 'reason', header: 'Reason', primary: true, value: (row) => row.reason, cell: (row) => (row.edited ? `Edited: ${row.reason}` : row.reason) },
  { id: 'state', header: 'State', width: 160, value: (row) => chipOf(row), cell: (row) => <StateChip state={chipOf(row)} /> },
  { id: 'progress', header: 'Progress', width: 160, hideBelow: 'md', cell: (row) => <OutcomeBar figures={{ ...row.counts, cancelled: 0, underWay: Math.max(0, row.counts.sent - row.counts.processed - row.counts.failedAgain) }} /> },
  { id: 'selected', header: 'Records', width: 80, align: 'right', value: (row) => row.counts.selected, cell: (row) => formatCount(row.counts.selected) },
  { id: 'sent', header: 'Sent', width: 80, align: 'right', value: (row) => row.counts.sent, cell: (row) => formatCount(row.counts.sent) },
  { id: 'failed-again', header: 'Failed again', width: 100, align: 'right', hideBelow: 'sm', value: (row) => row.counts.failedAgain, cell: (row) => <span className={row.counts.failedAgain > 0 ? 'text-bad-ink' : ''}>{formatCount(row.counts.failedAgain)}</span> },
  { id: 'refused', header: 'Refused', width: 80, align: 'right', hideBelow: 'lg', value: (row) => row.counts.refused, cell: (row) => formatCount(row.counts.refused) },
  { id: 'target', header: 'Target', width: 160, hidden: true, value: (row) => row.target, cell: (row) => row.target ?? 'origin topics' },
  { id: 'by', header: 'By', width: 130, hideBelow: 'lg', value: (row) => row.createdBy, cell: (row) => row.createdBy },
  { id: 'created', header: 'Started', width: 120, hideBelow: 'sm', value: (row) => row.createdAt, cell: (row) => <RelativeTime at={row.createdAt} />, sortDescFirst: true },
];

/** Replays with their progress; a row opens its replay. */
export function ReplaysTable({ replays }: { replays: readonly WireReplay[] }): ReactNode {
  return <DataTable label="Replays" rows={replays} rowKey={(row) => row.id} rowHref={(row) => links.replay(row.id)} columns={COLUMNS} />;
}
