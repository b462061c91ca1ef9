'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { Figure } from '#components/figure.tsx';
import { formatCount, formatDuration, formatPercent } from '#components/format.ts';
import { links } from '#components/links.ts';
import { inkOf } from '#components/state-chip.tsx';
import type { GroupTopic } from '#lib/operations/group-detail-shape.ts';

const TWO_READINGS = 'Rates need two readings.';

/** What the group does in each of its topics. */
export function TopicsTable({ topics, cluster }: { topics: readonly GroupTopic[]; cluster: string }): ReactNode {
  const columns = useMemo(
    (): TableColumn<GroupTopic>[] => [
      { id: 'topic', header: 'Topic', primary: true, value: (row) => row.topic, cell: (row) => <span title={row.topic}>{row.topic}</span> },
      { id: 'lag', header: 'Lag', align: 'right', width: 110, sortDescFirst: true, value: (row) => (row.lag === null ? null : BigInt(row.lag)), cell: (row) => <Figure value={row.lag} as="count" unknownReason="No commit: neither 0 nor the whole log." /> },
      {
        id: 'oldest',
        header: 'Oldest',
        align: 'right',
        width: 110,
        sortDescFirst: true,
        value: (row) => row.lagSeconds,
        cell: (row) =>
          row.lag === '0' ? (
            <span className="text-muted">-</span>
          ) : (
            <span title={row.lagSecondsQuality}>
              {row.lagSecondsQuality === 'at-least' ? '≥ ' : ''}
              <Figure value={row.lagSeconds === null ? null : row.lagSeconds * 1_000} as="duration" unknownReason="When these records were written is not known yet." />
            </span>
          ),
      },
      { id: 'consumed', header: 'Consumed', align: 'right', width: 96, hideBelow: 'sm', sortDescFirst: true, value: (row) => row.consumedPerSecond, cell: (row) => <Figure value={row.consumedPerSecond} as="rate" unknownReason={TWO_READINGS} /> },
      { id: 'produced', header: 'Produced', align: 'right', width: 96, hideBelow: 'sm', sortDescFirst: true, value: (row) => row.producedPerSecond, cell: (row) => <Figure value={row.producedPerSecond} as="rate" unknownReason={TWO_READINGS} /> },
      { id: 'drain', header: 'Drains in', align: 'right', width: 100, hideBelow: 'md', value: (row) => row.drainSeconds, cell: drainOf },
      { id: 'errors', header: 'Errors', align: 'right', width: 84, hideBelow: 'md', hint: 'Failed attempts and dead letters against all attempts, by spans of the last 15 minutes', value: (row) => row.errorRate, cell: errorsOf },
      { id: 'loss', header: 'Loss', align: 'right', width: 110, hideBelow: 'lg', hint: 'Records deleted unread, or when retention reaches the first unread one', value: (row) => row.lossSeconds, cell: lossOf },
      { id: 'behind', header: 'Partitions behind', align: 'right', width: 132, hideBelow: 'lg', value: (row) => row.partitionsBehind, cell: (row) => `${formatCount(row.partitionsBehind)} of ${formatCount(row.partitionCount)}` },
    ],
    [],
  );
  return <DataTable label="Topics" rows={topics} rowKey={(row) => row.topic} rowHref={(row) => links.topic(cluster, row.topic)} columns={columns} sortParam="tsort" />;
}

type Rates = Pick<GroupTopic, 'lag' | 'drainSeconds' | 'neverDrains' | 'errorRate' | 'lossSeconds'> & { lost: string | null };

/** "4 min", "never", or nothing where nothing waits. */
export function drainOf(row: Rates): ReactNode {
  if (row.lag === '0') return <span className="text-muted">-</span>;
  if (row.neverDrains) return <span className={inkOf('behind')} title="No more is consumed than produced.">never</span>;
  return row.drainSeconds === null ? <span className="text-muted" title="In passing, or the rates are not known.">-</span> : formatDuration(row.drainSeconds * 1_000);
}

export function errorsOf(row: Rates): ReactNode {
  if (row.errorRate === null) return <Figure value={null} as="count" unknownReason="No span of its consumers was seen here in the last 15 minutes." />;
  return <span className={row.errorRate > 0.05 ? inkOf('bad') : ''}>{formatPercent(row.errorRate)}</span>;
}

export function lossOf(row: Rates): ReactNode {
  if (row.lost !== null && row.lost !== '0') return <span className={inkOf('bad')} title={`${formatCount(row.lost)} records were deleted before they were read`}>{formatCount(row.lost)} lost</span>;
  if (row.lossSeconds === null) return <span className="text-muted">-</span>;
  return <span className={row.lossSeconds < 3_600 ? inkOf('bad') : ''} title="Estimate: when retention reaches the first unread record">in {formatDuration(row.lossSeconds * 1_000)}</span>;
}
