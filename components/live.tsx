'use client';

import { useRouter } from 'next/navigation';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';

/** What can change: the kinds of store notifications. */
export type LiveKind = 'lag' | 'topics' | 'dead-letters' | 'replays' | 'alerts' | 'deliveries' | 'journeys' | 'collectors' | 'hygiene';

export type Connection = 'connecting' | 'live' | 'lost' | 'signed-out';

interface Live {
  connection: Connection;
  /** When the last lag cycle was heard of, ms since 1970; null before the first. */
  lastCycleAt: number | null;
  subscribe: (listener: (kind: string, payload: Record<string, unknown>) => void) => () => void;
}

const LiveContext = createContext<Live | null>(null);

/** One stream of server-sent events for the whole tab; pages listen through useLive. */
export function LiveProvider({ children }: { children: ReactNode }): ReactNode {
  const [connection, setConnection] = useState<Connection>('connecting');
  const [lastCycleAt, setLastCycleAt] = useState<number | null>(null);
  const listeners = useRef(new Set<(kind: string, payload: Record<string, unknown>) => void>());

  useEffect(() => {
    let source: EventSource | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const open = () => {
      source = new EventSource('/api/v1/events');
      source.addEventListener('open', () => {
        failures = 0;
        setConnection('live');
      });
      source.addEventListener('change', (event) => {
        const { kind, payload } = JSON.parse((event as MessageEvent<string>).data) as { kind: string; payload: Record<string, unknown> };
        if (kind === 'lag') setLastCycleAt(Date.now());
        for (const listener of listeners.current) listener(kind, payload);
      });
      // The server says so before it ends the stream of a session that is over; a browser would otherwise try for ever.
      source.addEventListener('signed-out', () => {
        source?.close();
        setConnection('signed-out');
      });
      source.addEventListener('error', () => {
        setConnection('lost');
        if (source?.readyState !== EventSource.CLOSED) return;
        failures += 1;
        retry = setTimeout(open, Math.min(30_000, 1_000 * 2 ** failures));
      });
    };
    open();
    return () => {
      clearTimeout(retry);
      source?.close();
    };
  }, []);

  // The same function for ever: were it a new one with each cycle, every page would subscribe anew and drop the refresh it had just planned.
  const subscribe = useCallback<Live['subscribe']>((listener) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  const value = useMemo<Live>(() => ({ connection, lastCycleAt, subscribe }), [connection, lastCycleAt, subscribe]);
  return <LiveContext value={value}>{children}</LiveContext>;
}

/** State of the stream and the age of the last cycle, for the connection dot. */
export function useConnection(): Pick<Live, 'connection' | 'lastCycleAt'> {
  const live = useContext(LiveContext);
  return { connection: live?.connection ?? 'connecting', lastCycleAt: live?.lastCycleAt ?? null };
}

/**
 * Reads the page's figures anew when something of these kinds changes: at most once in `everyMs`, and not while the tab is hidden
 * (it catches up when it is shown again).
 * @param atLeastEveryMs reads anew after this time too, where nothing was heard: for what ends so soon that its last event comes before the page listens
 */
export function useLive(kinds: readonly LiveKind[], everyMs = 2_000, atLeastEveryMs: number | null = null): void {
  const live = useContext(LiveContext);
  const router = useRouter();
  const wanted = kinds.join(' ');
  const subscribe = live?.subscribe;
  useEffect(() => {
    if (!subscribe) return;
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let missed = false;
    const refresh = () => {
      timer = undefined;
      if (document.visibilityState === 'hidden') {
        missed = true;
        return;
      }
      missed = false;
      last = Date.now();
      router.refresh();
    };
    const schedule = () => {
      timer ??= setTimeout(refresh, Math.max(0, last + everyMs - Date.now()));
    };
    const stop = subscribe((kind) => {
      // After a gap of the connection anything may have changed.
      if (kind === 'reconnected' || wanted.split(' ').includes(kind)) schedule();
    });
    const beat = atLeastEveryMs === null ? undefined : setInterval(schedule, atLeastEveryMs);
    const shown = () => missed && document.visibilityState === 'visible' && schedule();
    document.addEventListener('visibilitychange', shown);
    return () => {
      stop();
      document.removeEventListener('visibilitychange', shown);
      clearTimeout(timer);
      clearInterval(beat);
    };
  }, [subscribe, router, wanted, everyMs, atLeastEveryMs]);
}

/** useLive for server components: renders nothing. */
export function LiveRefresh({ kinds, everyMs, atLeastEveryMs }: { kinds: readonly LiveKind[]; everyMs?: number; atLeastEveryMs?: number | null }): ReactNode {
  useLive(kinds, everyMs, atLeastEveryMs);
  return null;
}
