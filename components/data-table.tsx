'use client';

import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { parseAsString, useQueryState } from 'nuqs';
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { formatCount } from './format.ts';
import { MenuButton } from './menu-button.tsx';
import { sortRows, type CellValue } from './sort-rows.ts';
import { useRowWindow } from './use-row-window.ts';

export type { CellValue };

export interface TableColumn<Row> {
  id: string;
  header: string;
  /** Explains the column on hover. */
  hint?: string;
  /** Makes the column sortable, copyable and part of the CSV. */
  value?: (row: Row) => CellValue;
  cell: (row: Row) => ReactNode;
  /** Figures stand right, words left. */
  align?: 'left' | 'right';
  /** Pixels; a column without it shares what is left. */
  width?: number;
  /** Gives way on windows narrower than this. */
  hideBelow?: 'sm' | 'md' | 'lg' | 'xl';
  /** Its content is the link to the row's page, and it stays in view when the table scrolls sideways. One per table. */
  primary?: boolean;
  /** Not shown until somebody chooses it. */
  hidden?: boolean;
  /** First click on the header sorts downwards. */
  sortDescFirst?: boolean;
}

export interface DataTableProps<Row> {
  /** What the rows are, in words: name of the table and of the CSV file. */
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  columns: readonly TableColumn<Row>[];
  /** Page of a row: click, Enter and the primary column lead there. */
  rowHref?: (row: Row) => string;
  /** Space on a row: a look without leaving the list. */
  onPeek?: (row: Row) => void;
  /** Chosen rows, by key; gives the table its column of checkboxes. */
  selection?: { selected: ReadonlySet<string>; onChange: (selected: Set<string>) => void };
  /** "lag" upwards or "-lag" downwards, until the reader chooses; without it the rows keep their order. */
  initialSort?: string;
  /** URL parameter of the sort; null keeps it out of the URL (a second table of the page). */
  sortParam?: string;
  /** Called when the end comes into view: load more. */
  onEndReached?: () => void;
  /** All rows there are, where more exist than are loaded. */
  total?: number | null;
  /** In place of the table when there are no rows. */
  empty?: ReactNode;
  /** Filters and other controls, left of the table's own. */
  toolbar?: ReactNode;
  /** 32 px unless the rows need two lines. */
  rowHeightPx?: number;
}

const HIDE = { sm: 'max-sm:hidden', md: 'max-md:hidden', lg: 'max-lg:hidden', xl: 'max-xl:hidden' } as const;
const loadTableMenu = () => import('./table-menu.tsx').then((module) => module.TableMenuPanel);
const HEADER_PX = 32;
/** Above this many rows the table scrolls inside itself and draws only what is in view. */
const VIRTUAL_FROM = 60;

/**
 * Rows of figures: sorted (kept in the URL), virtualised, with column choice, copy and CSV. Arrow keys or J and K move, Enter opens,
 * Space peeks (or selects). While the pointer is over the rows they keep their places; a new order waits until it leaves.
 */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { label, rows, rowKey, columns, rowHref, onPeek, selection, initialSort = '', sortParam = 'sort', onEndReached, total, empty, toolbar, rowHeightPx = 32 } = props;
  const router = useRouter();
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const [sort, setSort] = useQueryState(sortParam, parseAsString.withDefault(initialSort).withOptions({ history: 'replace' }));
  const [visibility, setVisibility] = useState<Record<string, boolean>>(() => Object.fromEntries(columns.filter((column) => column.hidden).map((column) => [column.id, false])));
  const [active, setActive] = useState(0);
  const [frozen, setFrozen] = useState<string[] | null>(null);
  const moveFocus = useRef(false);
  const anchor = useRef<string | null>(null);

  const sortId = sort.replace(/^-/, '');
  const sorted = useMemo(() => sortRows(rows, rowKey, columns.find((column) => column.id === sortId)?.value, sort.startsWith('-')), [rows, rowKey, columns, sortId, sort]);
  const ordered = useMemo(() => {
    if (!frozen) return sorted;
    const place = new Map(frozen.map((key, index) => [key, index]));
    return sorted.toSorted((left, right) => (place.get(left.id) ?? Number.MAX_SAFE_INTEGER) - (place.get(right.id) ?? Number.MAX_SAFE_INTEGER));
  }, [sorted, frozen]);
  const moved = frozen !== null && ordered.some((row, index) => row.id !== sorted[index]?.id);
  const shown = useMemo(() => columns.filter((column) => visibility[column.id] !== false), [columns, visibility]);
  const virtual = ordered.length >= VIRTUAL_FROM;

  const { first, last, scrollTo } = useRowWindow({ scroller, count: ordered.length, rowHeightPx, headerPx: HEADER_PX, enabled: virtual });
  const before = first * rowHeightPx;
  const after = Math.max(0, ordered.length - 1 - last) * rowHeightPx;
  const current = Math.min(active, ordered.length - 1);

  useEffect(() => {
    if (onEndReached && last >= ordered.length - 5 && ordered.length > 0) onEndReached();
  }, [onEndReached, last, ordered.length]);

  useEffect(() => {
    if (!moveFocus.current) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${current}"]`);
    if (row) {
      moveFocus.current = false;
      row.focus({ preventScroll: virtual });
    }
  });

  const go = (index: number) => {
    const next = Math.max(0, Math.min(ordered.length - 1, index));
    moveFocus.current = true;
    setActive(next);
    scrollTo(next);
  };
  const choose = (key: string, upTo: boolean) => {
    if (!selection) return;
    const next = new Set(selection.selected);
    const adding = !next.has(key);
    const keys = ordered.map((row) => row.id);
    const [from, to] = [keys.indexOf(anchor.current ?? key), keys.indexOf(key)].sort((left, right) => left - right);
    for (const each of upTo && from !== undefined && from >= 0 ? keys.slice(from, (to ?? from) + 1) : [key]) {
      if (adding) next.add(each);
      else next.delete(each);
    }
    anchor.current = key;
    selection.onChange(next);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTableSectionElement>) => {
    // Keys of a control inside a row belong to the control.
    if ((event.target as HTMLElement).tagName !== 'TR' || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = ordered[current];
    if (!row) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 600) / rowHeightPx) - 2);
    const moves: Record<string, number> = { ArrowDown: current + 1, j: current + 1, ArrowUp: current - 1, k: current - 1, PageDown: current + page, PageUp: current - page, Home: 0, End: ordered.length - 1 };
    const target = moves[event.key];
    if (target !== undefined) go(target);
    else if (event.key === 'Enter' && rowHref) router.push(rowHref(row.original));
    else if (event.key === ' ' && onPeek) onPeek(row.original);
    else if ((event.key === ' ' || event.key === 'x') && selection) choose(row.id, event.shiftKey);
    else return;
    event.preventDefault();
  };
  // What rows do never changes, so that a row whose figures stay is not drawn again while the table scrolls.
  const latest = useRef({ choose, router });
  useEffect(() => {
    latest.current = { choose, router };
  });
  const acts = useMemo<RowActs>(
    () => ({
      focus: setActive,
      choose: (key, upTo) => latest.current.choose(key, upTo),
      open: (href) => latest.current.router.push(href),
    }),
    [],
  );
  const exported = () => {
    const kept = shown.filter((column) => column.value);
    return { head: kept.map((column) => column.header), lines: ordered.map((row) => kept.map((column) => column.value?.(row.original) ?? null)) };
  };
  const toggleSort = (column: TableColumn<Row>) => {
    const descFirst = column.sortDescFirst ?? column.align === 'right';
    setFrozen(null);
    void setSort(sortId === column.id ? (sort.startsWith('-') ? column.id : `-${column.id}`) : descFirst ? `-${column.id}` : column.id);
  };
  if (rows.length === 0 && empty) {
    return (
      <div>
        {toolbar ? <div className="mb-2 flex flex-wrap items-center gap-2">{toolbar}</div> : null}
        {empty}
      </div>
    );
  }

  const minWidth = shown.reduce((sum, column) => sum + (column.hideBelow ? 0 : (column.width ?? 160)), selection ? 36 : 0);

  return (
    <div className="min-w-0">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        {toolbar}
        <div className="ml-auto flex items-center gap-1">
          {moved ? (
            <button type="button" onClick={() => setFrozen(null)} className="h-7 rounded-md bg-flight-soft px-2 text-xs text-flight-ink">
              New order, show it
            </button>
          ) : null}
          <span className="px-1 text-xs text-muted" aria-live="off">
            {selection && selection.selected.size > 0 ? `${formatCount(selection.selected.size)} selected of ` : ''}
            {total !== undefined && total !== null && total > rows.length ? `${formatCount(rows.length)} of ${formatCount(total)}` : formatCount(rows.length)}
          </span>
          <MenuButton
            load={loadTableMenu}
            props={{ label, columns, visibility, onVisibility: setVisibility, exported }}
            aria-label={`${label}: columns, copy and CSV`}
            title="Columns, copy, CSV"
            className="inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-ink"
          >
            <Columns3 aria-hidden size={14} />
          </MenuButton>
        </div>
      </div>
      <div ref={scroller} className={`panel relative overscroll-contain ${virtual ? 'max-h-[max(360px,calc(100dvh-240px))] overflow-auto' : 'overflow-x-auto'}`}>
        <table aria-label={label} aria-rowcount={ordered.length + 1} className="w-full table-fixed border-separate border-spacing-0 text-xs" style={{ minWidth }}>
          <thead>
            <tr aria-rowindex={1}>
              {selection ? (
                <th scope="col" className="sticky top-0 z-20 w-9 border-b border-line bg-surface px-2" style={{ height: HEADER_PX }}>
                  <input
                    type="checkbox"
                    aria-label={`Select all ${formatCount(ordered.length)} rows shown`}
                    checked={ordered.length > 0 && selection.selected.size >= ordered.length}
                    onChange={(event) => selection.onChange(event.target.checked ? new Set(ordered.map((row) => row.id)) : new Set())}
                    className="size-3.5 align-middle accent-accent"
                  />
                </th>
              ) : null}
              {shown.map((column) => {
                const sortedBy = sortId === column.id && column.value !== undefined;
                const right = column.align === 'right';
                return (
                  <th
                    key={column.id}
                    scope="col"
                    aria-sort={sortedBy ? (sort.startsWith('-') ? 'descending' : 'ascending') : undefined}
                    title={column.hint}
                    style={{ height: HEADER_PX, ...(column.width ? { width: column.width } : {}) }}
                    className={`sticky top-0 border-b border-line bg-surface p-0 font-medium ${column.primary ? 'z-20 sm:left-0' : 'z-10'} ${right ? 'text-right' : 'text-left'} ${column.hideBelow ? HIDE[column.hideBelow] : ''}`}
                  >
                    {column.value ? (
                      <button type="button" onClick={() => toggleSort(column)} className={`flex h-full w-full items-center gap-1 px-2.5 text-muted outline-offset-[-2px] hover:text-ink ${right ? 'justify-end' : ''} ${sortedBy ? 'text-ink' : ''}`}>
                        <span className="truncate">{column.header}</span>
                        {sortedBy ? sort.startsWith('-') ? <ArrowDown aria-hidden size={12} className="shrink-0" /> : <ArrowUp aria-hidden size={12} className="shrink-0" /> : null}
                      </button>
                    ) : (
                      <span className="block truncate px-2.5 text-muted">{column.header}</span>
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          {/* The keys are those of the focused row inside, the pointer only holds the order still. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
          <tbody ref={body} onKeyDown={onKeyDown} onPointerEnter={(event) => event.pointerType === 'mouse' && setFrozen(sorted.map((row) => row.id))} onPointerLeave={() => setFrozen(null)}>
            {before > 0 ? <tr aria-hidden style={{ height: before }} /> : null}
            {ordered.slice(first, last + 1).map((row, place) => {
              const index = first + place;
              return (
                <BodyRow
                  key={row.id}
                  row={row.original}
                  id={row.id}
                  index={index}
                  heightPx={rowHeightPx}
                  columns={shown}
                  href={rowHref?.(row.original)}
                  current={index === current}
                  chosen={selection ? selection.selected.has(row.id) : undefined}
                  acts={acts}
                />
              );
            })}
            {after > 0 ? <tr aria-hidden style={{ height: after }} /> : null}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface RowActs {
  focus: (index: number) => void;
  choose: (key: string, upTo: boolean) => void;
  open: (href: string) => void;
}

interface BodyRowProps<Row> {
  row: Row;
  id: string;
  index: number;
  heightPx: number;
  columns: readonly TableColumn<Row>[];
  href: string | undefined;
  current: boolean;
  /** undefined: the table has no selection. */
  chosen: boolean | undefined;
  acts: RowActs;
}

function PlainRow<Row>({ row, id, index, heightPx, columns, href, current, chosen, acts }: BodyRowProps<Row>): ReactNode {
  const onClick = (event: MouseEvent<HTMLTableRowElement>) => {
    if ((event.target as HTMLElement).closest('a,button,input,label,summary')) return;
    if (!href || window.getSelection()?.toString()) return;
    if (event.metaKey || event.ctrlKey) window.open(href, '_blank', 'noopener');
    else acts.open(href);
  };
  return (
    <tr
      data-index={index}
      data-key={id}
      aria-rowindex={index + 2}
      aria-selected={chosen}
      tabIndex={current ? 0 : -1}
      onFocus={() => acts.focus(index)}
      onClick={onClick}
      style={{ height: heightPx }}
      className={`group outline-offset-[-2px] last:[&>td]:border-b-0 ${href ? 'cursor-pointer' : ''} ${chosen ? 'bg-accent-soft' : 'bg-surface hover:bg-hover'}`}
    >
      {chosen === undefined ? null : (
        <td className="border-b border-line px-2">
          <input type="checkbox" tabIndex={-1} aria-label={`Select ${id}`} checked={chosen} onChange={() => undefined} onClick={(event) => acts.choose(id, event.shiftKey)} className="size-3.5 align-middle accent-accent" />
        </td>
      )}
      {columns.map((column) => {
        const content = column.cell(row);
        return (
          <td
            key={column.id}
            className={`truncate border-b border-line px-2.5 py-0 ${column.align === 'right' ? 'text-right' : ''} ${column.primary ? 'z-[5] bg-inherit font-medium sm:sticky sm:left-0' : ''} ${column.hideBelow ? HIDE[column.hideBelow] : ''}`}
          >
            {column.primary && href ? (
              <Link href={href} prefetch={false} tabIndex={-1} className="hover:text-accent-ink hover:underline">
                {content}
              </Link>
            ) : (
              content
            )}
          </td>
        );
      })}
    </tr>
  );
}

// memo() forgets type parameters: the cast gives them back.
const BodyRow = memo(PlainRow) as typeof PlainRow;
