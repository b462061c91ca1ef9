'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { Figure } from '#components/figure.tsx';
import { formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { DeliveryView } from '#lib/operations/list-deliveries.ts';

/** Messages to one webhook, the latest first; a row opens its attempts. */
export function DeliveryTable({ endpointId, deliveries, canOpen }: { endpointId: string; deliveries: DeliveryView[]; canOpen: boolean }): ReactNode {
  const columns = useMemo<TableColumn<DeliveryView>[]>(
    () => [
      { id: 'type', header: 'Message', primary: true, value: (row) => row.type, cell: (row) => row.type },
      { id: 'state', header: 'State', width: 120, value: (row) => row.state, cell: (row) => <StateChip state={row.state} {...(row.lastError === null ? {} : { title: row.lastError })} /> },
      { id: 'status', header: 'Answer', width: 90, value: (row) => row.lastStatusCode, cell: (row) => row.lastStatusCode ?? (row.lastError === null ? '-' : 'none') },
      { id: 'latency', header: 'In', align: 'right', width: 80, hideBelow: 'md', value: (row) => row.lastLatencyMs, cell: (row) => (row.lastLatencyMs === null ? '-' : <Figure value={row.lastLatencyMs} as="duration" />) },
      { id: 'attempts', header: 'Attempts', align: 'right', width: 90, value: (row) => row.attemptCount, cell: (row) => formatCount(row.attemptCount) },
      { id: 'error', header: 'Last error', hideBelow: 'lg', value: (row) => row.lastError ?? '', cell: (row) => <span title={row.lastError ?? undefined}>{row.lastError ?? '-'}</span> },
      { id: 'next', header: 'Next attempt', width: 130, hideBelow: 'md', value: (row) => row.nextAttemptAt, cell: (row) => <RelativeTime at={row.nextAttemptAt} none="-" /> },
      { id: 'created', header: 'Made', width: 150, value: (row) => row.createdAt, cell: (row) => <RelativeTime at={row.createdAt} /> },
    ],
    [],
  );
  return (
    <DataTable
      label="Deliveries"
      rows={deliveries}
      rowKey={(row) => row.id}
      columns={columns}
      {...(canOpen ? { rowHref: (row: DeliveryView) => links.webhook(endpointId, { delivery: row.id }) } : {})}
      empty={<EmptyState title="Nothing was sent to it yet">Alerts and tests appear here, each with every attempt. “Send a test” takes the same path as an alert.</EmptyState>}
    />
  );
}
