'use client';

import { useId, useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { formatCompact, formatCount, formatTime } from '#components/format.ts';
import { useTimeZone } from '#components/use-time-zone.ts';
import type { GroupHeat } from '#lib/operations/read-group-heat.ts';

const ROW_PX = 14;
/** Over this many rows the strip scrolls inside itself. */
const SCROLL_FROM = 24;
/** Shares of the highest lag at which the colour deepens. */
const LEVELS = [0, 0.02, 0.1, 0.3, 0.6] as const;
const SHADE = ['var(--color-ok)', 'color-mix(in oklab, var(--color-behind) 35%, var(--color-ok))', 'var(--color-behind)', 'color-mix(in oklab, var(--color-bad) 50%, var(--color-behind))', 'var(--color-bad)'];
/** A handful of records in flight is no heat, even where nothing waited longer. */
const LEAST_SCALE = 100;
const NOTHING = 'var(--color-line)';

/** One row a partition, time to the right, deeper the more records waited. The figure is in words: on hover, with the arrow keys, and the highest at the end of each row. */
export function HeatStrip({ heat }: { heat: GroupHeat }): ReactNode {
  const [at, setAt] = useState<{ row: number; cell: number } | null>(null);
  const id = useId();
  const zone = useTimeZone();
  const { rows, range } = heat;
  const most = useMemo(() => Math.max(0, ...rows.flatMap((row) => row.cells.filter((cell) => cell !== null))), [rows]);
  const scale = Math.max(most, LEAST_SCALE);
  const painted = useMemo(() => rows.map((row) => ({ name: `${row.topic} p${row.partition}`, paint: paintOf(row.cells, scale), highest: highest(row.cells) })), [rows, scale]);
  if (range === null || rows.length === 0) {
    return null;
  }
  const count = rows[0]?.cells.length ?? 1;
  const [fromMs, toMs] = [Date.parse(range.from), Date.parse(range.to)];
  const momentOf = (cell: number) => fromMs + ((cell + 0.5) / count) * (toMs - fromMs);
  const say = ({ row, cell }: { row: number; cell: number }) => {
    const value = rows[row]?.cells[cell];
    return `${painted[row]?.name}, ${formatTime(momentOf(cell))}: ${value === null || value === undefined ? 'unknown, nobody read' : `${formatCount(value)} waiting`}`;
  };
  const worst = painted.reduce<(typeof painted)[number] | null>((found, row) => (row.highest !== null && (found?.highest ?? -1) < row.highest ? row : found), null);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const { row, cell } = at ?? { row: 0, cell: count - 1 };
    const next = { ArrowLeft: { row, cell: cell - 1 }, ArrowRight: { row, cell: cell + 1 }, ArrowUp: { row: row - 1, cell }, ArrowDown: { row: row + 1, cell }, Home: { row, cell: 0 }, End: { row, cell: count - 1 } }[event.key];
    if (event.key === 'Escape' && at) setAt(null);
    else if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
    else {
      const shown = { row: Math.max(0, Math.min(rows.length - 1, next.row)), cell: Math.max(0, Math.min(count - 1, next.cell)) };
      setAt(shown);
      event.currentTarget.querySelector(`[data-row="${shown.row}"]`)?.scrollIntoView({ block: 'nearest' });
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <figure aria-labelledby={id} className="panel mb-6 min-w-0 p-3">
      <figcaption className="mb-2">
        <h3 id={id} className="font-medium">
          Partitions over time
        </h3>
        <p className="text-xs text-muted">
          {most === 0 ? 'No partition had records waiting.' : `${worst?.name} stood furthest behind: ${formatCount(worst?.highest ?? null)} records.`} {formatTime(fromMs, zone)} to {formatTime(toMs, zone)}.{' '}
          {heat.total > rows.length ? `The ${formatCount(rows.length)} furthest behind of ${formatCount(heat.total)} partitions. ` : ''}
          {heat.hoursUntil === null ? '' : `Up to ${formatTime(heat.hoursUntil, zone)} a cell has the highest of its whole hours. `}
          {heat.note}
        </p>
      </figcaption>
      <p aria-hidden className="mb-1 h-4 truncate text-xs">
        {at ? say(at) : <span className="text-muted">Point at a cell, or use the arrow keys, for its figure.</span>}
      </p>
      {/* A grid one moves through with arrows, told as one slider: a table of thousands of cells would drown the page for a reader. */}
      <div
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
        role="slider"
        tabIndex={0}
        aria-label="Lag of partitions over time"
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={rows.length * count - 1}
        aria-valuenow={at ? at.row * count + at.cell : 0}
        aria-valuetext={at ? say(at) : 'no cell chosen'}
        onKeyDown={onKeyDown}
        onBlur={() => setAt(null)}
        onPointerLeave={() => setAt(null)}
        className="overflow-y-auto"
        style={rows.length > SCROLL_FROM ? { maxHeight: SCROLL_FROM * (ROW_PX + 2) } : undefined}
      >
        {painted.map((row, index) => (
          <div key={row.name} data-row={index} className="flex items-center gap-2 text-xs" style={{ height: ROW_PX + 2 }}>
            <span className="w-24 shrink-0 truncate text-right text-[11px] text-muted sm:w-40" title={row.name}>
              {row.name}
            </span>
            <div
              className="relative min-w-0 flex-1 rounded-[2px]"
              style={{ height: ROW_PX, background: row.paint }}
              onPointerMove={(event) => {
                const box = event.currentTarget.getBoundingClientRect();
                setAt({ row: index, cell: Math.max(0, Math.min(count - 1, Math.floor(((event.clientX - box.left) / box.width) * count))) });
              }}
            >
              {at?.row === index ? <span className="pointer-events-none absolute inset-y-0 border-2 border-ink" style={{ left: `${(at.cell / count) * 100}%`, width: `${100 / count}%` }} /> : null}
            </div>
            <span className="w-14 shrink-0 text-right text-[11px]" title="highest">
              {row.highest === null ? 'unknown' : formatCompact(row.highest)}
            </span>
          </div>
        ))}
      </div>
      <p aria-hidden className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-[11px] text-muted">
        {SHADE.map((shade, level) => (
          <span key={shade} className="flex items-center gap-1">
            <span className="inline-block size-2.5 rounded-[2px]" style={{ background: shade }} />
            {level === 0 ? 'nothing waits' : level === 1 ? `up to ${formatCompact(Math.max(1, Math.round((LEVELS[2] ?? 0) * scale)))}` : `over ${formatCompact(Math.max(1, Math.round((LEVELS[level] ?? 0) * scale)))}`}
          </span>
        ))}
        <span className="flex items-center gap-1">
          <span className="inline-block size-2.5 rounded-[2px]" style={{ background: NOTHING }} />
          unknown
        </span>
        <span>Right: the highest of each.</span>
      </p>
    </figure>
  );
}

function highest(cells: readonly (number | null)[]): number | null {
  return cells.reduce<number | null>((most, cell) => (cell !== null && (most === null || cell > most) ? cell : most), null);
}

/** A row as one gradient with hard stops: thousands of cells are a few hundred elements. */
function paintOf(cells: readonly (number | null)[], scale: number): string {
  const stops: string[] = [];
  let from = 0;
  const shade = (cell: number | null | undefined) => (cell === null || cell === undefined ? NOTHING : cell === 0 ? SHADE[0] : SHADE[Math.max(1, LEVELS.findLastIndex((level) => cell / scale >= level))]);
  cells.forEach((cell, index) => {
    if (shade(cells[index + 1]) === shade(cell) && index + 1 < cells.length) return;
    stops.push(`${shade(cell)} ${((from / cells.length) * 100).toFixed(2)}% ${(((index + 1) / cells.length) * 100).toFixed(2)}%`);
    from = index + 1;
  });
  return `linear-gradient(90deg, ${stops.join(', ')})`;
}
