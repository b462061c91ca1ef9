'use client';

import { useSyncExternalStore } from 'react';

const never = () => () => undefined;

/**
 * The zone to write times in, for format.ts: undefined is the reader's own. The server does not know it, so its paint and the hydration of
 * that paint say UTC, both the same, and the reader's zone follows at once. Without this React keeps the server's text, or draws all anew.
 */
export function useTimeZone(): string | undefined {
  return useSyncExternalStore<string | undefined>(never, () => undefined, () => 'UTC');
}
