'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { Figure } from '#components/figure.tsx';
import { formatAge } from '#components/format.ts';
import { inkOf } from '#components/state-chip.tsx';
import type { TopicPartition } from '#lib/operations/get-topic.ts';

/** Where each partition lies and what it holds. */
export function TopicPartitionsTable({ partitions, sizeError }: { partitions: readonly TopicPartition[]; sizeError: string | null }): ReactNode {
  const columns = useMemo(() => columnsOf(sizeError), [sizeError]);
  return <DataTable label="Partitions" rows={partitions} rowKey={(row) => String(row.partition)} columns={columns} initialSort="partition" sortParam="psort" empty={<EmptyState title="No partition is known yet">They appear with the first reading.</EmptyState>} />;
}

function columnsOf(sizeError: string | null): TableColumn<TopicPartition>[] {
  const offset = (id: string, header: string, of: (row: TopicPartition) => string | null, extra: Partial<TableColumn<TopicPartition>> = {}): TableColumn<TopicPartition> => ({
    id,
    header,
    align: 'right',
    width: 110,
    value: (row) => (of(row) === null ? null : BigInt(of(row) ?? '0')),
    cell: (row) => <Figure value={of(row)} as="count" unknownReason={row.error ?? 'It was not read yet.'} />,
    ...extra,
  });
  const undescribed = 'The topics collector has not described it yet.';
  return [
    { id: 'partition', header: 'Partition', primary: true, width: 90, value: (row) => row.partition, cell: (row) => row.partition, sortDescFirst: false },
    { id: 'leader', header: 'Leader', align: 'right', width: 84, value: (row) => row.leader, cell: (row) => (row.leader === null ? <span className={inkOf('bad')} title="An election is under way, or every replica is offline.">none</span> : `broker ${row.leader}`) },
    { id: 'replicas', header: 'Replicas', width: 110, hideBelow: 'sm', value: (row) => row.replicas?.length ?? null, cell: (row) => row.replicas?.join(', ') ?? <Figure value={null} as="count" unknownReason={undescribed} /> },
    {
      id: 'isr',
      header: 'In sync',
      width: 130,
      value: (row) => (row.inSyncReplicas === null || row.replicas === null ? null : row.inSyncReplicas.length - row.replicas.length),
      cell: (row) => {
        if (row.inSyncReplicas === null || row.replicas === null) return <Figure value={null} as="count" unknownReason={undescribed} />;
        const missing = row.replicas.filter((replica) => !row.inSyncReplicas?.includes(replica));
        return missing.length === 0 ? 'all' : <span className={inkOf('behind')}>without {missing.join(', ')}</span>;
      },
    },
    offset('start', 'Log start', (row) => row.logStartOffset, { hideBelow: 'sm' }),
    offset('end', 'End', (row) => row.endOffset, { hint: 'High watermark' }),
    offset('stable', 'Last stable', (row) => row.lastStableOffset, { hidden: true, hint: 'read_committed consumers read up to here' }),
    { id: 'rate', header: 'Produced', align: 'right', width: 90, hint: 'Over the last three minutes', value: (row) => row.producedPerSecond, cell: (row) => <Figure value={row.producedPerSecond} as="rate" unknownReason="Rates need two readings." /> },
    { id: 'size', header: 'Size', align: 'right', width: 84, hideBelow: 'sm', value: (row) => (row.sizeBytes === null ? null : BigInt(row.sizeBytes)), cell: (row) => <Figure value={row.sizeBytes} as="bytes" unknownReason={sizeError} /> },
    { id: 'moved', header: 'Last moved', align: 'right', width: 100, hideBelow: 'md', value: (row) => row.lastMovedAt, cell: (row) => (row.lastMovedAt === null ? <Figure value={null} as="count" /> : <time dateTime={row.lastMovedAt} title={row.lastMovedAt} suppressHydrationWarning>{formatAge(Date.now() - Date.parse(row.lastMovedAt))}</time>) },
  ];
}
