'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { Figure } from '#components/figure.tsx';
import { formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { WebhookEndpointView } from '#lib/operations/list-webhook-endpoints.ts';
import { endpointState } from './endpoint-state.ts';

/** Webhooks with their health. */
export function EndpointTable({ endpoints }: { endpoints: WebhookEndpointView[] }): ReactNode {
  const columns = useMemo<TableColumn<WebhookEndpointView>[]>(
    () => [
      { id: 'name', header: 'Webhook', primary: true, value: (row) => row.name, cell: (row) => row.name },
      { id: 'state', header: 'State', width: 110, value: (row) => endpointState(row).word, cell: (row) => <StateChip state={endpointState(row).state} label={endpointState(row).word} {...(row.disabledReason === null ? {} : { title: row.disabledReason })} /> },
      { id: 'url', header: 'Goes to', hideBelow: 'md', value: (row) => row.url, cell: (row) => <span title={row.url}>{row.url}</span> },
      { id: 'format', header: 'Format', width: 110, hideBelow: 'lg', value: (row) => row.format, cell: (row) => row.format },
      { id: 'delivered', header: 'Arrived', hint: 'Messages of the last 24 h that the receiver took', align: 'right', width: 90, value: (row) => row.last24h.delivered, cell: (row) => formatCount(row.last24h.delivered) },
      { id: 'failed', header: 'Failed', hint: 'Messages of the last 24 h that were given up', align: 'right', width: 80, value: (row) => row.last24h.failed, cell: (row) => formatCount(row.last24h.failed) },
      { id: 'waiting', header: 'Waiting', align: 'right', width: 90, value: (row) => row.last24h.waiting, cell: (row) => formatCount(row.last24h.waiting) },
      { id: 'latency', header: 'Answers in', hint: 'Median of the last 24 h', align: 'right', width: 100, hideBelow: 'lg', value: (row) => row.last24h.medianLatencyMs, cell: (row) => (row.last24h.medianLatencyMs === null ? '-' : <Figure value={row.last24h.medianLatencyMs} as="duration" />) },
      { id: 'last', header: 'Last attempt', width: 150, value: (row) => row.lastAttempt?.at ?? null, cell: (row) => <RelativeTime at={row.lastAttempt?.at ?? null} none="none yet" /> },
    ],
    [],
  );
  return (
    <DataTable
      label="Webhooks"
      rows={endpoints}
      rowKey={(row) => row.id}
      columns={columns}
      rowHref={(row) => links.webhook(row.id)}
      empty={
        <EmptyState title="No webhook yet">
          A webhook is where alerts go: your own receiver (signed after Standard Webhooks), anything that understands Alertmanager, Slack, PagerDuty or Teams. Add one and send a test; rules that name nobody tell every webhook.
        </EmptyState>
      }
    />
  );
}
