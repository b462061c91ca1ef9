'use client';

import { useEffect, useState, type ReactNode } from 'react';
import { formatAge, formatAgo, formatExactTime, formatTime } from './format.ts';

const HOUR_MS = 3_600_000;

/** The present, moving on every `everyMs` while the page is visible. Starts as `initial` so that server and browser agree on the first paint. */
export function useNow(initial: number, everyMs = 1_000): number {
  const [now, setNow] = useState(initial);
  useEffect(() => {
    const tick = () => document.visibilityState === 'visible' && setNow(Date.now());
    tick();
    const timer = setInterval(tick, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

interface RelativeTimeProps {
  /** ISO 8601, or null where it is not known. */
  at: string | null | undefined;
  /** "ago" ("4 min ago", the default), "age" ("4 min"), "clock" (always the local time). */
  as?: 'ago' | 'age' | 'clock';
  /** Word for null: "never", "unknown" (the default). */
  none?: string;
  className?: string;
}

/** A moment: relative up to an hour, then local time; the exact moment with its zone on hover. */
export function RelativeTime({ at, as = 'ago', none = 'unknown', className }: RelativeTimeProps): ReactNode {
  const moment = at ? new Date(at).getTime() : Number.NaN;
  // The first paint is of the server, whose clock and zone are not the reader's: both may differ, and the next tick settles it.
  const now = useNow(Date.now(), 1_000);
  if (Number.isNaN(moment)) return <span className={className}>{none}</span>;
  const age = now - moment;
  const text = as === 'clock' || (as === 'ago' && Math.abs(age) >= HOUR_MS) ? formatTime(moment) : as === 'age' ? formatAge(age) : formatAgo(moment, now);
  return (
    <time dateTime={new Date(moment).toISOString()} title={formatExactTime(moment)} className={`whitespace-nowrap ${className ?? ''}`} suppressHydrationWarning>
      {text}
    </time>
  );
}
