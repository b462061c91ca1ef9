'use client';

import { useCallback, useRef, useState, type ReactNode } from 'react';
import { callApi } from '#components/call-api.ts';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { links, withQuery } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { WireReplayItem } from '#lib/operations/replay-wire.ts';

const COLUMNS: readonly TableColumn<WireReplayItem>[] = [
  { id: 'id', header: 'Dead letter', primary: true, width: 170, cell: (row) => <span className="font-mono text-xs">{row.deadLetterId}</span>, value: (row) => row.deadLetterId },
  { id: 'state', header: 'State', width: 160, value: (row) => row.state, cell: (row) => <StateChip state={row.state} /> },
  { id: 'what', header: 'What became of it', value: (row) => what(row), cell: (row) => <span title={what(row)}>{what(row)}</span> },
  { id: 'to', header: 'Sent to', width: 240, hideBelow: 'md', value: (row) => place(row), cell: (row) => place(row) ?? '-' },
  { id: 'key', header: 'Correlation id', width: 170, hideBelow: 'lg', value: (row) => row.correlationId, cell: (row) => row.correlationId ?? '-' },
  { id: 'at', header: 'Sent', width: 140, hideBelow: 'lg', value: (row) => row.sentAt, cell: (row) => (row.sentAt ? <RelativeTime at={row.sentAt} /> : '-') },
];

interface ItemsTableProps {
  replayId: string;
  first: WireReplayItem[];
  nextCursor: string | null;
  total: number;
}

/** The records of a replay; more are loaded as the end comes near. The first page is live, later ones are as they were when loaded. */
export function ItemsTable({ replayId, first, nextCursor, total }: ItemsTableProps): ReactNode {
  const [more, setMore] = useState<{ items: WireReplayItem[]; cursor: string | null }>({ items: [], cursor: nextCursor });
  const loading = useRef(false);
  const load = useCallback(() => {
    if (loading.current || more.cursor === null) return;
    loading.current = true;
    callApi<{ items: WireReplayItem[]; nextCursor: string | null }>('GET', withQuery(`/api/v1/replays/${replayId}/items`, { limit: 500, cursor: more.cursor })).then(
      (page) => {
        loading.current = false;
        setMore((before) => ({ items: [...before.items, ...page.items], cursor: page.nextCursor }));
      },
      () => (loading.current = false), // the next look at the end of the list tries again
    );
  }, [more.cursor, replayId]);
  const known = new Set(first.map(keyOf));
  const rows = [...first, ...more.items.filter((one) => !known.has(keyOf(one)))];
  return <DataTable label="Records of the replay" rows={rows} rowKey={keyOf} rowHref={(row) => links.deadLetter(row.deadLetterId)} columns={COLUMNS} onEndReached={load} total={total} sortParam="sort" />;
}

function keyOf(row: WireReplayItem): string {
  return `${row.deadLetterId} ${row.generation}`;
}

function place(row: WireReplayItem): string | null {
  return row.sentTo ? `${row.sentTo.topic} p${row.sentTo.partition}@${row.sentTo.offset}` : null;
}

function what(row: WireReplayItem): string {
  if (row.refusal) return row.refusal.text;
  if (row.error) return [row.error.class, row.error.message].filter(Boolean).join(': ') || 'came back without an error';
  if (row.groups.length > 0) return row.groups.map((one) => `${one.group ?? 'unknown group'}: ${one.outcome.replaceAll('-', ' ')}`).join(', ');
  switch (row.state) {
    case 'claimed':
      return 'waits for its turn';
    case 'sent':
      return row.sentTo ? 'no group has committed past it yet' : 'sent; its place in the target is not known';
    case 'no-consumer':
      return 'no group commits on its partition';
    case 'cancelled':
      return 'not sent';
    case 'needs-decision':
      return 'whether it was sent cannot be proved';
    default:
      return '';
  }
}
