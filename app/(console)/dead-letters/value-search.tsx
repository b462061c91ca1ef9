'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState, type ReactNode } from 'react';
import type { ValueSearchWire } from '#lib/operations/search-values.ts';
import { Button } from '#components/button.tsx';
import { type ApiError, callApi } from '#components/call-api.ts';
import { EmptyState } from '#components/empty-state.tsx';
import { formatBytes, formatCount, formatNoun } from '#components/format.ts';
import { links, withQuery } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { TextField } from '#components/text-field.tsx';
import type { Filter } from './filter.ts';
import { Rows } from './rows.tsx';

/** The box for a text inside values. A search costs the store something: it begins with Enter or the button, not while typing. */
export function ValueSearchBox({ filter, value, refused }: { filter: Filter; value: string | null; refused: string | null }): ReactNode {
  const router = useRouter();
  const [text, setText] = useState(value ?? '');
  const short = text.trim().length === 1;
  return (
    <search aria-label="Values" className="w-full sm:w-auto">
      <form
        className="mb-3 flex items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (refused === null && !short) router.push(links.deadLetters({ ...filter, view: 'rows', value: text.trim() || null }));
        }}
      >
        <div className="min-w-0 flex-1 sm:w-56">
          <TextField label="Search inside values" hideLabel type="search" placeholder="Text inside values" value={text} maxLength={200} disabled={refused !== null} title={refused ?? undefined} error={short ? 'At least 2 characters.' : null} onChange={(event) => setText(event.target.value)} />
        </div>
        <Button type="submit" disabledReason={refused}>
          Search values
        </Button>
      </form>
    </search>
  );
}

interface ValueSearchProps {
  filter: Filter;
  value: string;
  replayRefused: string | null;
  now: string;
}

interface Progress extends Pick<ValueSearchWire, 'items' | 'nextCursor' | 'total' | 'searched' | 'notSearched' | 'partly' | 'bytesSearched'> {
  /** Nothing was answered yet. */
  begun: boolean;
}

const NOTHING: Progress = { items: [], nextCursor: null, total: null, searched: 0, notSearched: { expired: 0, tooLarge: 0 }, partly: 0, bytesSearched: 0, begun: false };

/** Rows whose values hold the text: as far as one request comes, then further as the person asks for. */
export function ValueSearch({ filter, value, replayRefused, now }: ValueSearchProps): ReactNode {
  const [progress, setProgress] = useState(NOTHING);
  const [error, setError] = useState<ApiError | null>(null);
  // What runs, from where; null: nothing runs. A new object is a new request.
  const [running, setRunning] = useState<{ from: Progress } | null>({ from: NOTHING });
  const path = withQuery('/api/v1/dead-letters/value-search', { ...filter, value });
  useEffect(() => {
    if (running === null) return undefined;
    const { from } = running;
    const stop = new AbortController();
    callApi<ValueSearchWire>('GET', from.nextCursor === null ? path : `${path}&${new URLSearchParams({ cursor: from.nextCursor }).toString()}`, undefined, { signal: stop.signal }).then(
      (answer) => {
        setProgress({
          ...answer,
          items: [...from.items, ...answer.items],
          searched: from.searched + answer.searched,
          notSearched: { expired: from.notSearched.expired + answer.notSearched.expired, tooLarge: from.notSearched.tooLarge + answer.notSearched.tooLarge },
          partly: from.partly + answer.partly,
          begun: true,
        });
        setError(null);
        setRunning(null);
      },
      (failure: unknown) => {
        // Stopped: what was found before stays.
        if (stop.signal.aborted) return;
        setError(failure as ApiError);
        setRunning(null);
      },
    );
    return () => stop.abort();
  }, [running, path]);
  const busy = running !== null;
  const ask = (from: Progress) => {
    setError(null);
    setRunning({ from });
  };

  const { items, searched, total, nextCursor } = progress;
  return (
    <div className="min-w-0" aria-busy={busy}>
      {error ? (
        <ProblemState title="The values were not searched any further" id={error.id} actions={error.retryable || error.status >= 500 ? <Button small onClick={() => ask(progress)}>Try again</Button> : null}>
          {error.message}
        </ProblemState>
      ) : null}
      <div className="mb-2 flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
        <output className="min-w-0">
          {progress.begun ? (
            <>
              Searched the values of {formatCount(searched)} {total === null ? 'rows' : `of ${formatNoun(Math.max(total, searched), 'row')}`}, newest first: <strong>{formatCount(items.length)} found</strong>
              {nextCursor === null ? '.' : ' so far.'}
            </>
          ) : busy ? (
            'Searching values, newest first…'
          ) : (
            'No value was searched.'
          )}
        </output>
        {busy && progress.begun ? <span className="text-muted">searching on…</span> : null}
        {busy ? (
          <Button small look="quiet" onClick={() => setRunning(null)}>
            Stop
          </Button>
        ) : nextCursor !== null || (!progress.begun && error === null) ? (
          <Button small onClick={() => ask(progress)}>
            {progress.begun ? 'Search further back' : 'Search'}
          </Button>
        ) : null}
      </div>
      {progress.begun && remarks(progress) !== '' ? <p className="mb-2 text-xs text-muted">{remarks(progress)}</p> : null}
      {items.length > 0 ? (
        <Rows rows={items} nextCursor={null} total={items.length} filter={filter} replayRefused={replayRefused} now={now} />
      ) : progress.begun && !busy ? (
        <EmptyState title={nextCursor === null ? 'No value holds this text.' : 'Nothing found so far.'}>
          {nextCursor === null ? 'The text is looked for as it stands in the bytes; for words of the error or a correlation id use the box for words.' : 'Search further back, or narrow the rows down first: by topic, class or state.'}
        </EmptyState>
      ) : null}
    </div>
  );
}

/** What was not looked into, in words; empty where everything was. */
function remarks({ notSearched, partly, bytesSearched }: Progress): string {
  const parts = [
    notSearched.expired > 0 ? `the stored bytes of ${formatNoun(notSearched.expired, 'row')} have expired` : '',
    notSearched.tooLarge > 0 ? `${formatNoun(notSearched.tooLarge, 'value is', 'values are')} too large to be kept here` : '',
    partly > 0 ? `of ${formatNoun(partly, 'large value')} only the first ${formatBytes(bytesSearched)} were looked at` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `Not looked into: ${parts.join('; ')}.`;
}
