'use client';

import { useSyncExternalStore, type ReactNode } from 'react';
import { formatAge, formatAgo, formatExactTime, formatTime } from './format.ts';
import { useTimeZone } from './use-time-zone.ts';

const HOUR_MS = 3_600_000;

const loadedAt = Date.now();
let present = loadedAt;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function follow(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    present = Date.now();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function readPresent(): number {
  // Without a listener nobody moves it on: what mounts later must not begin with an old present.
  if (listeners.size === 0 && Date.now() - present >= 1_000) present = Date.now();
  return present;
}

// While hydrating every call must answer the same; the server asks once per paint.
function readFirstPresent(): number {
  return typeof window === 'undefined' ? Date.now() : loadedAt;
}

/** The present in ms, moving on every second while the page is visible; one ticker for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(follow, readPresent, readFirstPresent);
}

interface RelativeTimeProps {
  /** ISO 8601, or null where it is not known. */
  at: string | null | undefined;
  /** "ago" ("4 min ago", the default), "age" ("4 min"), "clock" (always the local time), "until" ("in 6 d", however far). */
  as?: 'ago' | 'age' | 'clock' | 'until';
  /** Word for null: "never", "unknown" (the default). */
  none?: string;
  className?: string;
}

/** A moment: relative up to an hour, then local time; the exact moment with its zone on hover. */
export function RelativeTime({ at, as = 'ago', none = 'unknown', className }: RelativeTimeProps): ReactNode {
  const moment = at ? new Date(at).getTime() : Number.NaN;
  // The first paint is of the server, whose clock is not the reader's: an age may differ, and the next tick settles it.
  const now = useNow();
  const zone = useTimeZone();
  if (Number.isNaN(moment)) return <span className={className}>{none}</span>;
  const age = now - moment;
  const text = as === 'clock' || (as === 'ago' && Math.abs(age) >= HOUR_MS) ? formatTime(moment, zone) : as === 'age' ? formatAge(age) : formatAgo(moment, now);
  return (
    <time dateTime={new Date(moment).toISOString()} title={formatExactTime(moment, zone)} className={`whitespace-nowrap ${className ?? ''}`} suppressHydrationWarning>
      {text}
    </time>
  );
}
