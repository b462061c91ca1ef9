'use client';

import { useMemo, useState, type ReactNode } from 'react';
import { diffText, type DiffPiece } from '#lib/replay/diff-text.ts';
import { formatCount } from './format.ts';

interface DiffViewProps {
  /** What differs: "Value". */
  label: string;
  /** null: there is none (a tombstone, no key). */
  before: string | null;
  after: string | null;
  /** Word for null. */
  none?: string;
}

type Row = (DiffPiece & { mark: readonly [number, number] | null }) | { kind: 'skipped'; count: number };

const CONTEXT = 3;
const SHOWN_ROWS = 200;
const SIGNS = { same: ' ', removed: '−', added: '+' } as const;
const LOOKS = { same: '', removed: 'bg-bad-soft', added: 'bg-ok-soft' } as const;

/** Old and new text under each other, what differs marked by sign, word and colour. Nothing is laid out anew but where lines end on the screen. */
export function DiffView({ label, before, after, none = 'null' }: DiffViewProps): ReactNode {
  const [all, setAll] = useState(false);
  const rows = useMemo(() => toRows(diffText(before ?? '', after ?? '')), [before, after]);
  if (before === after) return <p className="text-muted">{label}: the same.</p>;
  const shown = all ? rows : rows.slice(0, SHOWN_ROWS);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so a keyboard must reach it
    <section tabIndex={0} aria-label={`${label}: old and new`} className="panel max-h-[60vh] overflow-auto py-1 font-mono text-xs">
      {before === null ? <NullLine kind="removed" none={none} /> : null}
      {after === null ? <NullLine kind="added" none={none} /> : null}
      {shown.map((row, index) =>
        row.kind === 'skipped' ? (
          // oxlint-disable-next-line react/no-array-index-key -- a row has no name of its own
          <p key={index} className="bg-sunken px-2 py-0.5 font-sans text-muted">
            {formatCount(row.count)} unchanged
          </p>
        ) : (
          // oxlint-disable-next-line react/no-array-index-key -- a row has no name of its own
          <DiffRow key={index} row={row} />
        ),
      )}
      {rows.length > shown.length ? (
        <button type="button" className="px-2 py-1 font-sans text-accent-ink hover:underline" onClick={() => setAll(true)}>
          Show {formatCount(rows.length - shown.length)} more
        </button>
      ) : null}
    </section>
  );
}

function NullLine({ kind, none }: { kind: 'removed' | 'added'; none: string }): ReactNode {
  return (
    <p className={`flex gap-2 px-2 ${LOOKS[kind]}`}>
      <span aria-hidden>{SIGNS[kind]}</span>
      <span className="sr-only">{kind === 'removed' ? 'old' : 'new'}</span>
      <em>{none}</em>
    </p>
  );
}

function DiffRow({ row }: { row: DiffPiece & { mark: readonly [number, number] | null } }): ReactNode {
  const text = row.text.replace(/\r?\n$/, '');
  const end = row.text.endsWith('\r\n') ? '␍' : '';
  const [from, to] = row.mark ?? [0, 0];
  const Element = row.kind === 'removed' ? 'del' : row.kind === 'added' ? 'ins' : 'span';
  return (
    <p className={`flex gap-2 px-2 ${LOOKS[row.kind]}`}>
      <span aria-hidden className={row.kind === 'removed' ? 'text-bad-ink' : row.kind === 'added' ? 'text-ok-ink' : ''}>
        {SIGNS[row.kind]}
      </span>
      {row.kind === 'same' ? null : <span className="sr-only">{row.kind === 'removed' ? 'old' : 'new'}</span>}
      <Element className="min-w-0 whitespace-pre-wrap no-underline [overflow-wrap:anywhere]">
        {to > from ? (
          <>
            {text.slice(0, from)}
            <mark className="rounded-sm bg-transparent font-semibold text-ink underline decoration-2 underline-offset-2">{text.slice(from, to)}</mark>
            {text.slice(to)}
          </>
        ) : (
          text
        )}
        {end ? <span className="text-faint">{end}</span> : null}
      </Element>
    </p>
  );
}

/** Long unchanged stretches fold; of a piece that was replaced by another the part that differs is marked. */
function toRows(pieces: readonly DiffPiece[]): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < pieces.length; ) {
    const piece = pieces[at]!;
    if (piece.kind === 'same') {
      let end = at;
      while (end < pieces.length && pieces[end]!.kind === 'same') end += 1;
      const [head, tail] = [at === 0 ? 0 : CONTEXT, end === pieces.length ? 0 : CONTEXT];
      if (end - at > head + tail + 1) {
        rows.push(...pieces.slice(at, at + head).map(plain), { kind: 'skipped', count: end - at - head - tail }, ...pieces.slice(end - tail, end).map(plain));
      } else rows.push(...pieces.slice(at, end).map(plain));
      at = end;
      continue;
    }
    let end = at;
    while (end < pieces.length && pieces[end]!.kind !== 'same') end += 1;
    const removed = pieces.slice(at, end).filter((one) => one.kind === 'removed');
    const added = pieces.slice(at, end).filter((one) => one.kind === 'added');
    const pairs = removed.length === added.length ? removed.map((one, index) => marks(one.text, added[index]!.text)) : [];
    rows.push(...removed.map((one, index) => ({ ...one, mark: pairs[index]?.[0] ?? null })), ...added.map((one, index) => ({ ...one, mark: pairs[index]?.[1] ?? null })));
    at = end;
  }
  return rows;
}

function plain(piece: DiffPiece): Row {
  return { ...piece, mark: null };
}

function marks(before: string, after: string): [readonly [number, number], readonly [number, number]] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return [[start, before.length - end], [start, after.length - end]];
}
