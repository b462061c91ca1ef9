'use client';

import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import type { DeadLetterRowWire } from '#lib/operations/list-dead-letters.ts';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { formatAge, formatBytes, formatCount, formatNoun } from '#components/format.ts';
import { links, withQuery } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { ArchiveAction } from './archive-action.tsx';
import { shortClass, type Filter } from './filter.ts';
import { ReplayAction } from './replay-action.tsx';

interface RowsProps {
  rows: DeadLetterRowWire[];
  nextCursor: string | null;
  /** null: more than are counted. */
  total: number | null;
  filter: Filter;
  replayRefused: string | null;
  now: string;
}

const PAGE = 500;
/** As many ids as one replay takes. */
const MAX_IDS = 10_000;
/** Rows kept in the browser; beyond this a filter is the way. */
const MAX_ROWS = 20_000;

/** The rows under the filter, newest first: more are loaded as the end comes near; chosen ones can be replayed. */
export function Rows({ rows: first, nextCursor, total, filter, replayRefused, now }: RowsProps): ReactNode {
  const [seen, setSeen] = useState({ first, rows: first });
  const [cursor, setCursor] = useState(nextCursor);
  const [problem, setProblem] = useState<string | null>(null);
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [wholeFilter, setWholeFilter] = useState(false);
  const loading = useRef(false);

  // The server's first page moves on as dead letters arrive; what was loaded below it stays.
  if (seen.first !== first) setSeen({ first, rows: underFirst(first, seen.rows) });
  const { rows } = seen;

  const loadMore = useCallback(() => {
    if (cursor === null || loading.current || rows.length >= MAX_ROWS) return;
    loading.current = true;
    callApi<{ items: DeadLetterRowWire[]; nextCursor: string | null }>('GET', withQuery('/api/v1/dead-letters', { ...filter, limit: PAGE, cursor }))
      .then((page) => {
        setSeen((known) => ({ ...known, rows: appendNew(known.rows, page.items) }));
        setCursor(page.nextCursor);
        setProblem(null);
      })
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        loading.current = false;
      });
  }, [cursor, filter, rows.length]);

  const columns = useMemo((): TableColumn<DeadLetterRowWire>[] => [
    {
      id: 'error',
      header: 'Error',
      primary: true,
      value: (row) => row.error.class,
      cell: (row) => (
        <span className="block min-w-0 leading-4">
          <span className="block truncate" title={row.error.class ?? undefined}>
            {row.error.class ? shortClass(row.error.class) : <em className="text-unknown-ink">{row.error.message ? 'no class' : 'not conveyed'}</em>}
          </span>
          <span className="block truncate font-normal text-muted" title={row.error.message?.slice(0, 500)}>
            {row.error.message ?? (row.error.class ? 'no message' : '')}
          </span>
        </span>
      ),
    },
    { id: 'message', header: 'Message', value: (row) => row.error.message, cell: (row) => row.error.message ?? '-', width: 240, hidden: true },
    {
      id: 'state',
      header: 'State',
      value: (row) => row.state,
      cell: (row) => <StateChip state={row.state} {...(row.state === 'failed-again' && row.generation > 1 ? { label: `failed again ${row.generation} times` } : {})} />,
      width: 116,
    },
    {
      id: 'origin',
      header: 'Origin',
      hint: 'Where the failed record lay',
      value: (row) => row.origin.topic,
      cell: (row) =>
        row.origin.topic === null ? (
          <span className="text-unknown-ink italic">origin unknown</span>
        ) : (
          <span title={`${row.origin.topic}, partition ${row.origin.partition ?? 'unknown'}, offset ${row.origin.offset ?? 'unknown'}`}>
            {row.origin.topic}
            {row.origin.partition !== null && row.origin.offset !== null ? ` p${row.origin.partition}@${row.origin.offset}` : ''}
          </span>
        ),
      width: 170,
      hideBelow: 'md',
    },
    { id: 'group', header: 'Group', value: (row) => row.origin.consumerGroup, cell: (row) => row.origin.consumerGroup ?? <span className="text-unknown-ink italic">unknown</span>, width: 130, hidden: true },
    { id: 'topic', header: 'Dead-letter topic', value: (row) => row.topic, cell: (row) => <span title={`partition ${row.partition}, offset ${row.offset}`}>{row.topic}</span>, width: 160, hidden: true },
    { id: 'correlation', header: 'Correlation id', value: (row) => row.correlationId, cell: (row) => row.correlationId ?? '-', width: 124, hideBelow: 'xl' },
    { id: 'attempts', header: 'Attempts', value: (row) => row.attempts, cell: (row) => row.attempts ?? '-', align: 'right', width: 84, hidden: true },
    { id: 'size', header: 'Value', value: (row) => row.valueBytes, cell: (row) => (row.valueBytes === null ? 'tombstone' : formatBytes(row.valueBytes)), align: 'right', width: 84, hidden: true },
    { id: 'at', header: 'Arrived', value: (row) => row.ingestedAt, cell: (row) => <RelativeTime at={row.ingestedAt} />, width: 104, hideBelow: 'sm' },
  ], []);

  const chosen = rows.filter((row) => selected.has(row.id));
  const all = wholeFilter && selected.size > 0;
  const count = all ? total : chosen.length;
  const oldest = chosen.reduce<string | null>((least, row) => (least === null || row.ingestedAt < least ? row.ingestedAt : least), null);
  const unknownOrigin = chosen.filter((row) => row.origin.topic === null).length;
  const archived = filter.state === 'archived';
  const tooMany = !all && chosen.length > MAX_IDS ? `At most ${formatCount(MAX_IDS)} rows can be named one by one: narrow the list with a filter and select all of it.` : null;
  const selectionOf = all ? { filter: Object.fromEntries(Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined)) } : { ids: chosen.map((row) => ({ id: row.id, generation: row.generation })) };

  return (
    <div className="min-w-0 pb-16">
      {problem ? (
        <ProblemState severity="warning" title="More rows could not be loaded" actions={<Button small onClick={loadMore}>Try again</Button>}>
          {problem}
        </ProblemState>
      ) : null}
      <DataTable
        label="Dead letters"
        rows={rows}
        rowKey={(row) => row.id}
        columns={columns}
        rowHref={(row) => links.deadLetter(row.id, filter)}
        total={total}
        rowHeightPx={44}
        selection={{
          selected,
          onChange: (next) => {
            setSelected(next);
            setWholeFilter(false);
          },
        }}
        onEndReached={loadMore}
        empty={<EmptyState title="No dead letter matches.">Take a part of the filter away, or search for less.</EmptyState>}
      />
      {selected.size > 0 ? (
        <section aria-label="Selection" className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-raised shadow-2xl">
          <div className="mx-auto flex max-w-[1600px] flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5 sm:pl-20 rail:pl-58">
            <p className="min-w-0" aria-live="polite">
              <strong>{count === null ? 'All that match' : formatCount(count)}</strong> {count === null ? '' : 'selected'}
              {all || oldest === null ? null : <span className="text-muted"> · oldest {formatAge(Math.max(0, new Date(now).getTime() - new Date(oldest).getTime()))}</span>}
              {!all && unknownOrigin > 0 ? <span className="text-behind-ink"> · {formatNoun(unknownOrigin, 'origin')} unknown</span> : null}
            </p>
            {!all && selected.size >= rows.length && (total === null || total > rows.length) ? (
              <Button small look="quiet" onClick={() => setWholeFilter(true)}>
                Select all {total === null ? 'that match' : formatCount(total)}
              </Button>
            ) : null}
            <div className="ml-auto flex flex-wrap gap-2">
              <Button
                look="quiet"
                onClick={() => {
                  setSelected(new Set());
                  setWholeFilter(false);
                }}
              >
                Clear
              </Button>
              <ArchiveAction verb={archived ? 'restore' : 'archive'} selection={selectionOf} count={count} label={archived ? 'Take out of the archive…' : 'Archive…'} disabledReason={replayRefused?.replace('Replaying', 'Archiving') ?? tooMany} />
              <ReplayAction selection={selectionOf} label={count === null ? 'Replay all that match…' : `Replay ${formatNoun(count, 'record')}…`} disabledReason={replayRefused ?? (archived ? 'They are archived: take them out of the archive first.' : tooMany)} withKey />
            </div>
          </div>
        </section>
      ) : null}
    </div>
  );
}

/** The new first page over what is known: known rows as new as the page's own are only kept where the page has them still. */
function underFirst(first: DeadLetterRowWire[], known: readonly DeadLetterRowWire[]): DeadLetterRowWire[] {
  const oldest = first.at(-1)?.ingestedAt;
  return oldest === undefined ? [] : appendNew(first, known.filter((row) => row.ingestedAt <= oldest));
}

function appendNew(rows: readonly DeadLetterRowWire[], more: readonly DeadLetterRowWire[]): DeadLetterRowWire[] {
  const ids = new Set(rows.map((row) => row.id));
  return [...rows, ...more.filter((row) => !ids.has(row.id))];
}
