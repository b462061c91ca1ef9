'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, callApi } from '#components/call-api.ts';
import type { BrowseTopicAnswer } from '#lib/operations/browse-topic.ts';
import type { MessageWire } from '#lib/operations/message-shape.ts';
import { type BrowseChoice, messagesPath } from './browse-query.ts';

export interface Messages {
  items: readonly MessageWire[];
  /** The last answer; its figures are of the last page, `scanned` and `failed` of all pages together. */
  answer: (Omit<BrowseTopicAnswer, 'items'> & { pages: number }) | null;
  error: ApiError | null;
  /** When the running request began, ms; null: none runs. */
  startedAt: number | null;
  read: (choice: BrowseChoice) => void;
  /** Reads the next page. */
  goOn: () => void;
  cancel: () => void;
}

/** Pages of messages, one request at a time: leaving or cancelling ends it at the broker too. */
export function useMessages(cluster: string, topic: string): Messages {
  const [items, setItems] = useState<readonly MessageWire[]>([]);
  const [answer, setAnswer] = useState<Messages['answer']>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [startedAt, setStartedAt] = useState<number | null>(null);
  const running = useRef<AbortController | null>(null);
  const asked = useRef<BrowseChoice | null>(null);

  const ask = useCallback(
    async (choice: BrowseChoice, before: { items: readonly MessageWire[]; answer: Messages['answer'] } | null) => {
      running.current?.abort();
      const stop = new AbortController();
      running.current = stop;
      asked.current = choice;
      setError(null);
      setStartedAt(Date.now());
      try {
        const { items: found, ...rest } = await callApi<BrowseTopicAnswer>('GET', messagesPath(cluster, topic, choice, before?.answer?.nextCursor ?? null), undefined, { signal: stop.signal });
        const last = before?.answer ?? null;
        setItems([...(before?.items ?? []), ...found]);
        setAnswer({ ...rest, scanned: rest.scanned + (last?.scanned ?? 0), matched: rest.matched + (last?.matched ?? 0), failed: rest.failed + (last?.failed ?? 0), firstError: last?.firstError ?? rest.firstError, pages: (last?.pages ?? 0) + 1 });
      } catch (failure) {
        // Cancelled: what was found before stays.
        if (stop.signal.aborted) return;
        setError(failure instanceof ApiError ? failure : new ApiError({ code: 'unexpected', status: 0, detail: failure instanceof Error ? failure.message : String(failure) }));
        if (before === null) {
          setItems([]);
          setAnswer(null);
        }
      } finally {
        if (running.current === stop) {
          running.current = null;
          setStartedAt(null);
        }
      }
    },
    [cluster, topic],
  );
  useEffect(() => () => running.current?.abort(), []);
  return {
    items,
    answer,
    error,
    startedAt,
    read: useCallback((choice) => void ask(choice, null), [ask]),
    goOn: () => void (asked.current && ask(asked.current, { items, answer })),
    cancel: () => {
      running.current?.abort();
      running.current = null;
      setStartedAt(null);
    },
  };
}
