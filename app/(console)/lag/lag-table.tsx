'use client';

import { parseAsArrayOf, parseAsString, useQueryState } from 'nuqs';
import { useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import { LinkButton } from '#components/link-button.tsx';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { Dialog } from '#components/dialog.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { Figure } from '#components/figure.tsx';
import { formatAge, formatCount, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { Facts } from '#components/page-header.tsx';
import { inkOf, StateChip, toneOf } from '#components/state-chip.tsx';
import { TextField } from '#components/text-field.tsx';
import { explainGroup } from '#lib/lag/explain-group.ts';
import { LAG_STATUSES, type LagStatus } from '#lib/model/lag.ts';
import { type LagRow, type PackedRows, unpackRow } from './lag-row.ts';
import { LagTrend } from './lag-trend.tsx';

interface LagTableProps {
  packed: PackedRows;
  /** When the figures were derived, ms: the server's clock, so that both sides say the same. */
  now: number;
  severalClusters: boolean;
}

/** All groups: filtered by status and text, sorted, with the lag of the last hour beside the rows in view. */
export function LagTable({ packed, now, severalClusters }: LagTableProps): ReactNode {
  const [statuses, setStatuses] = useQueryState('status', parseAsArrayOf(parseAsString).withDefault([]));
  const [search, setSearch] = useQueryState('q', parseAsString.withDefault('').withOptions({ history: 'replace', throttleMs: 300 }));
  const [peeked, setPeeked] = useState<LagRow | null>(null);
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const rows = useMemo(() => packed.rows.map((row) => unpackRow(packed.clusters, row)), [packed]);
  const counts = useMemo(() => {
    const found = new Map<LagStatus, number>();
    for (const row of rows) found.set(row.status, (found.get(row.status) ?? 0) + 1);
    return found;
  }, [rows]);
  const shown = useMemo(
    () => rows.filter((row) => (statuses.length === 0 || statuses.includes(row.status)) && (wanted === '' || row.group.toLowerCase().includes(wanted) || row.topics.some((topic) => topic.toLowerCase().includes(wanted)))),
    [rows, statuses, wanted],
  );
  const columns = useMemo(() => columnsOf(now, severalClusters), [now, severalClusters]);
  const toggle = (status: LagStatus) => {
    const next = statuses.includes(status) ? statuses.filter((one) => one !== status) : [...statuses, status];
    void setStatuses(next.length === 0 ? null : next);
  };
  return (
    <>
      <DataTable
        label="Consumer groups"
        rows={shown}
        rowKey={(row) => `${row.cluster} ${row.group}`}
        rowHref={(row) => links.group(row.cluster, row.group)}
        onPeek={setPeeked}
        columns={columns}
        empty={<EmptyState title="No group matches">Of {formatNoun(rows.length, 'group')} none has this status and text. Clear the filter to see them all.</EmptyState>}
        toolbar={
          <>
            <div className="w-56 max-w-full">
              <TextField label="Find a group or topic" hideLabel placeholder="Group or topic" type="search" value={search} onChange={(event) => void setSearch(event.target.value || null)} />
            </div>
            <fieldset className="flex min-w-0 flex-wrap gap-1">
              <legend className="sr-only">Filter by status</legend>
              {LAG_STATUSES.filter((status) => (counts.get(status) ?? 0) > 0 || statuses.includes(status)).map((status) => (
                <button
                  key={status}
                  type="button"
                  aria-pressed={statuses.includes(status)}
                  onClick={() => toggle(status)}
                  className={`inline-flex h-7 items-center gap-1.5 rounded-md border px-1 text-xs hover:border-line-strong ${statuses.includes(status) ? 'border-accent bg-accent-soft' : 'border-line bg-surface'}`}
                >
                  <StateChip state={status} />
                  <span className="pr-1 tabular-nums">{formatCount(counts.get(status) ?? 0)}</span>
                </button>
              ))}
            </fieldset>
          </>
        }
      />
      <Dialog as="side" open={peeked !== null} onOpenChange={(open) => !open && setPeeked(null)} title={peeked?.group ?? ''} {...(peeked ? { description: sentenceOf(peeked, now) } : {})} actions={peeked ? <LinkButton look="primary" href={links.group(peeked.cluster, peeked.group)}>Open {peeked.group}</LinkButton> : null}>
        {peeked ? <Peek row={rows.find((row) => row.cluster === peeked.cluster && row.group === peeked.group) ?? peeked} now={now} /> : null}
      </Dialog>
    </>
  );
}

function Peek({ row, now }: { row: LagRow; now: number }): ReactNode {
  return (
    <Facts
      items={[
        { label: 'Status', value: <StateChip state={row.status} /> },
        { label: 'Lag', value: <LagFigure row={row} now={now} /> },
        { label: 'Oldest record', value: <Seconds row={row} now={now} /> },
        { label: 'Consumed', value: <Figure value={row.consumedPerSecond} as="rate" unknownReason="Rates need two readings." /> },
        { label: 'Produced', value: <Figure value={row.producedPerSecond} as="rate" unknownReason="Rates need two readings." /> },
        { label: 'Drains in', value: <Drains row={row} /> },
        { label: 'Members', value: <Figure value={row.members} as="count" unknownReason="The members were not read yet." /> },
        { label: 'Partitions', value: `${formatCount(row.partitionsBehind)} of ${formatCount(row.partitionCount)} have records waiting` },
        { label: 'Topics', value: topicsOf(row) },
        { label: 'Cluster', value: row.cluster },
        { label: 'Last hour', value: <LagTrend cluster={row.cluster} group={row.group} /> },
      ]}
    />
  );
}

function columnsOf(now: number, severalClusters: boolean): TableColumn<LagRow>[] {
  return [
    { id: 'group', header: 'Group', value: (row) => row.group, cell: (row) => <span title={row.group}>{row.group}</span>, primary: true, width: 200 },
    ...(severalClusters ? [{ id: 'cluster', header: 'Cluster', value: (row: LagRow) => row.cluster, cell: (row: LagRow) => row.cluster, width: 110, hideBelow: 'lg' as const }] : []),
    { id: 'status', header: 'Status', value: (row) => LAG_STATUSES.indexOf(row.status), hint: 'Most urgent first', cell: (row) => <Status row={row} now={now} /> },
    { id: 'lag', header: 'Lag', align: 'right', width: 84, hideBelow: 'md', hint: 'Records between the committed offset and the end of the log', value: (row) => (row.lag === null ? null : BigInt(row.lag)), cell: (row) => <LagFigure row={row} now={now} /> },
    { id: 'seconds', header: 'Oldest', align: 'right', width: 96, hideBelow: 'md', hint: 'Age of the oldest record that is not processed', value: (row) => row.lagSeconds, cell: (row) => <Seconds row={row} now={now} /> },
    { id: 'trend', header: 'Last hour', width: 108, hideBelow: 'lg', cell: (row) => <LagTrend cluster={row.cluster} group={row.group} /> },
    { id: 'consumed', header: 'Consumed', align: 'right', width: 84, hideBelow: 'md', value: (row) => row.consumedPerSecond, cell: (row) => <Figure value={row.consumedPerSecond} as="rate" unknownReason="Rates need two readings." /> },
    { id: 'produced', header: 'Produced', align: 'right', width: 84, hideBelow: 'md', value: (row) => row.producedPerSecond, cell: (row) => <Figure value={row.producedPerSecond} as="rate" unknownReason="Rates need two readings." /> },
    { id: 'drain', header: 'Drains in', align: 'right', width: 84, hideBelow: 'lg', hint: 'How long until nothing waits, at the present rates', value: (row) => (row.neverDrains ? Number.MAX_SAFE_INTEGER : row.drainSeconds), cell: (row) => <Drains row={row} /> },
    { id: 'members', header: 'Members', align: 'right', width: 76, hideBelow: 'xl', value: (row) => row.members, cell: (row) => <Figure value={row.members} as="count" unknownReason="The members were not read yet." /> },
    { id: 'topics', header: 'Topics', width: 170, hidden: true, value: (row) => row.topics.join(', '), cell: (row) => <span title={topicsOf(row)}>{topicsOf(row)}</span> },
  ];
}

function Status({ row, now }: { row: LagRow; now: number }): ReactNode {
  const sentence = sentenceOf(row, now);
  return (
    <span className="flex min-w-0 items-center gap-2" title={sentence}>
      <StateChip state={row.status} />
      <span className="md:hidden">{row.lag === '0' ? null : <LagFigure row={row} now={now} />}</span>
      <span className="truncate text-muted max-md:hidden">{sentence.startsWith(`${row.group} `) ? sentence.slice(row.group.length + 1) : sentence}</span>
    </span>
  );
}

function LagFigure({ row, now }: { row: LagRow; now: number }): ReactNode {
  return <Figure value={row.lag} as="count" unknownReason={row.error ?? (row.uncommittedPartitions > 0 || row.partitionCount === 0 ? 'No offset was ever committed.' : 'No end offset could be read.')} staleFor={ageOf(row, now)} {...(row.lag !== null && row.lag !== '0' && toneOf(row.status) === 'bad' ? { className: inkOf('bad') } : {})} />;
}

function Seconds({ row, now }: { row: LagRow; now: number }): ReactNode {
  if (row.lag === '0') return <span className="text-muted" title="Nothing waits.">-</span>;
  return (
    <span title={{ exact: 'Exact', interpolated: 'Interpolated between two readings', 'at-least': 'Older than the oldest reading: at least this', unknown: 'Not known' }[row.lagSecondsQuality]}>
      {row.lagSecondsQuality === 'at-least' ? '≥ ' : ''}
      <Figure value={row.lagSeconds === null ? null : row.lagSeconds * 1_000} as="duration" unknownReason={row.error ?? 'When these records were written is not known yet.'} staleFor={ageOf(row, now)} />
    </span>
  );
}

function Drains({ row }: { row: LagRow }): ReactNode {
  if (row.lag === '0') return <span className="text-muted" title="Nothing waits.">-</span>;
  if (isPassing(row)) return <span className="text-muted" title="What waits is younger than half a minute: no backlog.">-</span>;
  if (row.neverDrains) return <span className="text-behind-ink" title="More is produced than consumed.">never</span>;
  return <Figure value={row.drainSeconds === null ? null : row.drainSeconds * 1_000} as="duration" unknownReason="Rates need two readings." />;
}

/** Between two commits of a group that keeps up a few records wait: that is no backlog to drain. */
function isPassing(row: LagRow): boolean {
  return row.status === 'ok' && row.lagSeconds !== null && row.lagSeconds < 30;
}

function topicsOf(row: LagRow): string {
  if (row.topicCount === 0) return 'none committed';
  return `${row.topics.join(', ')}${row.topicCount > row.topics.length ? ` and ${formatCount(row.topicCount - row.topics.length)} more` : ''}`;
}

function ageOf(row: LagRow, now: number): string | null {
  return row.stale && row.observedAt !== null ? formatAge(now - Date.parse(row.observedAt)) : null;
}

function sentenceOf(row: LagRow, now: number): string {
  return explainGroup(
    {
      name: row.group,
      status: row.status,
      statusSince: row.statusSince === null ? null : Date.parse(row.statusSince),
      lag: row.lag === null ? null : BigInt(row.lag),
      oldestSeconds: row.lagSeconds,
      oldestQuality: row.lagSecondsQuality,
      topics: row.topics,
      topicsBehind: row.topicsBehind,
      partitionsBehind: row.partitionsBehind,
      partitions: row.partitionCount,
      unknownPartitions: row.unknownPartitions,
      uncommittedPartitions: row.uncommittedPartitions,
      beyondPartitions: row.beyondPartitions,
      lost: BigInt(row.lost),
      arrived: row.arrived === null ? null : BigInt(row.arrived),
      watchedMs: row.watchedSeconds === null ? null : row.watchedSeconds * 1_000,
      members: row.members,
      drain: row.neverDrains ? 'never' : row.drainSeconds === null ? null : { seconds: row.drainSeconds },
      error: row.error,
      hidden: row.missingRight,
      mayHide: row.topicsHidden,
      endedBecause: row.endedBecause,
    },
    now,
  );
}
