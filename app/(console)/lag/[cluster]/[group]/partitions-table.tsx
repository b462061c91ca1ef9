'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { Figure } from '#components/figure.tsx';
import { formatAge, formatCount, formatDuration, formatPercent } from '#components/format.ts';
import { links } from '#components/links.ts';
import { inkOf, StateChip, toneOf, type Tone } from '#components/state-chip.tsx';
import { LAG_STATUSES } from '#lib/model/lag.ts';
import type { GroupPartition } from '#lib/operations/group-detail-shape.ts';
import { drainOf, errorsOf } from './topics-table.tsx';

const STRIP_MAX = 600;
const CELL: Record<Tone, string> = { ok: 'bg-ok', behind: 'bg-behind', bad: 'bg-bad', flight: 'bg-flight', unknown: 'bg-unknown hatched', replayed: 'bg-replayed', neutral: 'bg-line-strong' };

/** One cell a partition, deeper the more of all waiting records it holds; below it the table. */
export function PartitionsTable({ partitions, now, cluster }: { partitions: readonly GroupPartition[]; now: number; cluster: string }): ReactNode {
  const columns = useMemo(() => columnsOf(now), [now]);
  if (partitions.length === 0) {
    return <EmptyState title="No partition has a commit">Partitions appear with the first offset that this group commits. Without one, its lag is unknown, not 0.</EmptyState>;
  }
  return (
    <>
      <HeatStrip partitions={partitions} />
      <DataTable
        label="Partitions"
        rows={partitions}
        rowKey={(row) => `${row.topic}:${row.partition}`}
        rowHref={(row) => (row.committedOffset === null ? links.topic(cluster, row.topic) : links.findJourney(`${row.topic}:${row.partition}@${row.committedOffset}`))}
        columns={columns}
        initialSort="status"
        sortParam="psort"
      />
    </>
  );
}

function HeatStrip({ partitions }: { partitions: readonly GroupPartition[] }): ReactNode {
  const lags = partitions.map((p) => (p.lag === null ? null : Number.parseFloat(p.lag)));
  const most = Math.max(1, ...lags.map((lag) => lag ?? 0));
  return (
    <ul aria-label="Partitions, one cell each" className="mb-2 flex flex-wrap gap-px">
      {partitions.slice(0, STRIP_MAX).map((p, i) => {
        const lag = lags[i] ?? null;
        const text = `${p.topic} p${p.partition}: ${p.lag === null ? 'lag unknown' : `${formatCount(p.lag)} waiting`}${p.lagSeconds !== null && p.lag !== '0' ? `, oldest ${formatDuration(p.lagSeconds * 1_000)}` : ''}, ${p.status.replaceAll('-', ' ')}`;
        return (
          <li key={`${p.topic}:${p.partition}`} title={text} className="h-4 min-w-1.5 flex-1 overflow-hidden rounded-[2px] bg-sunken" style={{ maxWidth: 24 }}>
            <span className="sr-only">{text}</span>
            <span aria-hidden className={`block h-full ${CELL[toneOf(p.status)]}`} style={{ opacity: lag === null ? 0.6 : lag === 0 ? 0.35 : 0.45 + 0.55 * Math.sqrt(lag / most) }} />
          </li>
        );
      })}
      {partitions.length > STRIP_MAX ? <li className="text-xs text-muted">and {formatCount(partitions.length - STRIP_MAX)} more in the table</li> : null}
    </ul>
  );
}

function columnsOf(now: number): TableColumn<GroupPartition>[] {
  const offset = (id: string, header: string, of: (row: GroupPartition) => string | null, none: string, extra: Partial<TableColumn<GroupPartition>> = {}): TableColumn<GroupPartition> => ({
    id,
    header,
    align: 'right',
    width: 92,
    value: (row) => (of(row) === null ? null : BigInt(of(row) ?? '0')),
    cell: (row) => <Figure value={of(row)} as="count" unknownReason={row.error ?? none} staleFor={ageOf(row, now)} />,
    ...extra,
  });
  return [
    { id: 'partition', header: 'Partition', primary: true, width: 160, value: (row) => `${row.topic} ${String(row.partition).padStart(6, '0')}`, cell: (row) => <span title={`${row.topic} partition ${row.partition}`}>{row.topic} <span className="text-muted">p{row.partition}</span></span> },
    offset('lag', 'Lag', (row) => row.lag, 'No commit: neither 0 nor the whole log.', { width: 90 }),
    { id: 'status', header: 'Status', width: 120, value: (row) => LAG_STATUSES.indexOf(row.status), cell: (row) => <StateChip state={row.status} {...(row.error ?? (row.committedOffset === null ? 'Nothing was committed here.' : null) ? { title: row.error ?? 'Nothing was committed here.' } : {})} /> },
    {
      id: 'seconds',
      header: 'Oldest',
      align: 'right',
      width: 112,
      value: (row) => row.lagSeconds,
      cell: (row) =>
        row.lag === '0' ? (
          <span className="text-muted" title="Nothing waits.">
            -
          </span>
        ) : (
          <span title={row.clockWarning ?? row.lagSecondsQuality}>
            {row.lagSecondsQuality === 'at-least' ? '≥ ' : ''}
            <Figure value={row.lagSeconds === null ? null : row.lagSeconds * 1_000} as="duration" unknownReason="When these records were written is not known yet." staleFor={ageOf(row, now)} />
          </span>
        ),
    },
    offset('committed', 'Committed', (row) => row.committedOffset, 'No commit.', { hideBelow: 'sm' }),
    offset('end', 'End', (row) => row.endOffset, 'The end could not be read.', { hideBelow: 'md', hint: 'High watermark' }),
    {
      id: 'blocked',
      header: 'Blocked',
      align: 'right',
      width: 84,
      hideBelow: 'lg',
      hint: 'Offsets behind an open transaction: a read_committed consumer cannot reach them',
      value: (row) => (row.blocked === null ? null : BigInt(row.blocked)),
      cell: (row) => (row.blocked === '0' ? <span className="text-muted">-</span> : <span title={blockOf(row, now)}><Figure value={row.blocked} as="count" unknownReason="The last stable offset could not be read." className={inkOf(row.hanging ? 'bad' : 'behind')} />{row.hanging ? <span className="sr-only">, hanging</span> : null}</span>),
    },
    { id: 'consumed', header: 'Consumed', align: 'right', width: 88, hideBelow: 'lg', value: (row) => row.consumedPerSecond, cell: (row) => <Figure value={row.consumedPerSecond} as="rate" unknownReason="Rates need two readings." /> },
    { id: 'produced', header: 'Produced', align: 'right', width: 88, hideBelow: 'lg', value: (row) => row.producedPerSecond, cell: (row) => <Figure value={row.producedPerSecond} as="rate" unknownReason="Rates need two readings." /> },
    { id: 'drain', header: 'Drains in', align: 'right', width: 92, hidden: true, value: (row) => row.drainSeconds, cell: drainOf },
    { id: 'errors', header: 'Errors', align: 'right', width: 84, hidden: true, hint: 'Failed attempts and dead letters against all attempts, by spans of the last 15 minutes', value: (row) => row.errorRate, cell: errorsOf },
    offset('start', 'Log start', (row) => row.logStartOffset, 'The log start could not be read.', { hidden: true }),
    {
      id: 'retention',
      header: 'Retention',
      align: 'right',
      width: 90,
      hideBelow: 'lg',
      hint: 'Share of what the log still holds that is unread. Near 100 %, retention is about to take unread records.',
      value: (row) => row.retentionUsed,
      cell: (row) =>
        row.lost !== null && row.lost !== '0' ? (
          <span className={inkOf('bad')} title={`${formatCount(row.lost)} records were deleted before they were read`}>
            {formatCount(row.lost)} lost
          </span>
        ) : row.lag === '0' ? (
          <span className="text-muted">-</span>
        ) : row.retentionUsed === null ? (
          <Figure value={null} as="count" unknownReason="The log start could not be read." />
        ) : (
          <span className={row.lossSeconds !== null && row.lossSeconds < 3_600 ? inkOf('bad') : ''} title={`unread, of what the log holds${row.lossSeconds === null ? '' : `; retention reaches the first unread record in about ${formatDuration(row.lossSeconds * 1_000)}`}`}>
            {formatPercent(row.retentionUsed)}
          </span>
        ),
    },
    {
      id: 'committedAt',
      header: 'Last commit',
      align: 'right',
      width: 100,
      hidden: true,
      hint: 'When the committed offset was last seen to move',
      value: (row) => row.committedAt,
      cell: (row) => (row.committedAt === null ? <span className="text-muted" title="Not seen to move since Waybill watches.">not seen</span> : <span title={row.committedAt}>{formatAge(now - Date.parse(row.committedAt))} ago</span>),
    },
    { id: 'member', header: 'Member', width: 128, hideBelow: 'xl', value: (row) => row.member, cell: (row) => (row.member === null ? <span className="text-muted">none</span> : <span title={`${row.member} on ${row.memberHost ?? 'an unknown host'}`}>{row.member}</span>) },
  ];
}

function blockOf(row: GroupPartition, now: number): string {
  const [first] = row.openTransactions;
  const since = row.blockedSince === null ? '' : ` for ${formatDuration(now - Date.parse(row.blockedSince))}`;
  if (!first) return `Behind an open transaction${since}`;
  return `Behind ${first.transactionalId === null ? `a transaction of producer ${first.producerId} that no coordinator knows` : `the transaction of "${first.transactionalId}"`}${since} (producer id ${first.producerId}, epoch ${first.producerEpoch}${first.state === null ? '' : `, ${first.state}`})`;
}

function ageOf(row: GroupPartition, now: number): string | null {
  if (row.observedAt === null) return null;
  const age = now - Date.parse(row.observedAt);
  return row.error !== null || row.status === 'unknown' ? formatAge(age) : null;
}
