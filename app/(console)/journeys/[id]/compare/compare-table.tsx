'use client';

import { ArrowLeft, ArrowRight, CircleCheck, CircleHelp, CircleX, Hourglass, Zap, type LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { formatDuration, formatPercent } from '#components/format.ts';
import { links } from '#components/links.ts';
import type { ComparisonWire } from '#lib/operations/compare-journey.ts';

type Row = ComparisonWire['rows'][number];
type Side = NonNullable<Row['left']>;

const marks: Record<Row['difference'], { icon: LucideIcon; ink: string }> = {
  same: { icon: CircleCheck, ink: 'text-muted' },
  unknown: { icon: CircleHelp, ink: 'text-muted' },
  'only-left': { icon: ArrowLeft, ink: 'text-behind-ink' },
  'only-right': { icon: ArrowRight, ink: 'text-bad-ink' },
  slower: { icon: Hourglass, ink: 'text-behind-ink' },
  faster: { icon: Zap, ink: 'text-ok-ink' },
  outcome: { icon: CircleX, ink: 'text-bad-ink' },
};

/** Hops side by side; each difference is said in words beside its mark. */
export function CompareTable({ rows, id, right }: { rows: readonly Row[]; id: string; right: 'usual' | 'journey' }): ReactNode {
  const columns: TableColumn<Row>[] = [
    { id: 'hop', header: 'Hop', primary: true, value: nameOf, cell: (row) => <HopName row={row} id={id} /> },
    { id: 'left', header: 'Here', hint: 'When after the start, and how long after what caused it', width: 164, align: 'right', hideBelow: 'sm', value: (row) => row.left?.tookMs ?? null, cell: (row) => <Times side={row.left} /> },
    { id: 'right', header: right === 'usual' ? 'Usually' : 'In the other', width: 164, align: 'right', hideBelow: 'sm', value: (row) => row.right?.tookMs ?? null, cell: (row) => <Times side={row.right} /> },
    { id: 'by', header: 'Longer by', hint: 'Than the median of the usual path, or than the other journey', width: 92, align: 'right', hideBelow: 'md', value: (row) => row.byMs, cell: (row) => (row.byMs === null ? '-' : `${row.byMs > 0 ? '+' : ''}${formatDuration(row.byMs)}`) },
    { id: 'difference', header: 'Difference', value: (row) => row.words, cell: (row) => <Difference row={row} /> },
  ];
  return <DataTable label="Hops side by side" rows={rows} rowKey={(row) => row.key} columns={columns} sortParam="csort" />;
}

function nameOf(row: Row): string {
  return `${row.who}: ${row.kind.replaceAll('-', ' ')} ${row.topic ?? ''}${row.times > 1 ? ` (${row.times})` : ''}`;
}

function HopName({ row, id }: { row: Row; id: string }): ReactNode {
  const name = nameOf(row);
  return row.left?.hopId ? <Link prefetch={false} href={links.journey(id, { hop: row.left.hopId })} title={name} className="hover:text-accent-ink hover:underline">{name}</Link> : <span title={name} className="italic">{name}</span>;
}

function Times({ side }: { side: Side | null }): ReactNode {
  if (side === null) return <span className="text-muted">not there</span>;
  const at = side.atMs === null ? 'at an unknown time' : `+${formatDuration(side.atMs)}`;
  const took = side.tookMs === null ? '' : `, took ${formatDuration(side.tookMs)}`;
  const title = `${at}${took}${side.p95Ms === null ? '' : `, p95 ${formatDuration(side.p95Ms)}`}${side.share === null ? '' : `, in ${formatPercent(side.share)} of journeys`}`;
  return <span title={title}>{at}{took}</span>;
}

function Difference({ row }: { row: Row }): ReactNode {
  const { icon: Icon, ink } = marks[row.difference];
  return (
    <span className={`inline-flex items-center gap-1.5 ${ink}`} title={row.words}>
      <Icon aria-hidden size={12} className="shrink-0" />
      {row.words}
    </span>
  );
}
