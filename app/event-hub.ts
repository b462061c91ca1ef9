import type { StoreEvent } from '#lib/store/store.ts';
import { web } from './web.ts';

/** Streams one process serves at most; each is a tab somebody looks at. */
export const MAX_STREAMS = 500;

interface Hub {
  subscribers: Set<(event: StoreEvent) => void>;
  listening: AbortController | null;
}

const holder = globalThis as typeof globalThis & { waybillHub?: Hub };
const hub = (holder.waybillHub ??= { subscribers: new Set(), listening: null });

/**
 * Hears the store's notifications: one database connection a process, fanned out to every stream, closed when the last one leaves.
 * @returns the way to stop, or null where there are too many streams
 */
export function subscribe(onEvent: (event: StoreEvent) => void): (() => void) | null {
  if (hub.subscribers.size >= MAX_STREAMS) return null;
  hub.subscribers.add(onEvent);
  if (!hub.listening) {
    const { store, closing, log } = web();
    const listening = new AbortController();
    hub.listening = listening;
    store
      .listen((event) => {
        for (const subscriber of hub.subscribers) subscriber(event);
      }, AbortSignal.any([listening.signal, closing.signal]))
      .catch((error: unknown) => log.error({ err: error }, 'listening to the store ended'))
      .finally(() => {
        if (hub.listening === listening) hub.listening = null;
      });
  }
  return () => {
    hub.subscribers.delete(onEvent);
    if (hub.subscribers.size === 0) {
      hub.listening?.abort();
      hub.listening = null;
    }
  };
}
