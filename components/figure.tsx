import type { ReactNode } from 'react';
import { formatBytes, formatCompact, formatCount, formatDuration, formatRate, UNKNOWN } from './format.ts';

interface FigureProps {
  /** null: unknown. Durations in ms, rates per second. */
  value: number | string | null | undefined;
  as: 'count' | 'compact' | 'duration' | 'rate' | 'bytes';
  /** Why it is not known, on hover. */
  unknownReason?: string | null | undefined;
  /** The figure is older than it should be: it steps back and says its age on hover. */
  staleFor?: string | null | undefined;
  className?: string;
}

const EXACT: Record<FigureProps['as'], (value: number | string) => string> = {
  count: (value) => formatCount(value),
  compact: (value) => formatCount(value),
  duration: (value) => `${formatCount(Math.round(Number(value)))} ms`,
  rate: (value) => `${Number(value)} per second`,
  bytes: (value) => `${formatCount(value)} bytes`,
};

/** A figure in words, its exact value on hover. Unknown says "unknown" and why. */
export function Figure({ value, as, unknownReason, staleFor, className }: FigureProps): ReactNode {
  if (value === null || value === undefined) {
    return (
      <span className={`text-unknown-ink italic ${className ?? ''}`} title={unknownReason ?? undefined}>
        {UNKNOWN}
      </span>
    );
  }
  const text = as === 'count' ? formatCount(value) : as === 'compact' ? formatCompact(Number(value)) : as === 'duration' ? formatDuration(Number(value)) : as === 'rate' ? formatRate(Number(value)) : formatBytes(value);
  const exact = EXACT[as](value);
  return (
    <span className={`whitespace-nowrap ${staleFor ? 'stale' : ''} ${className ?? ''}`} title={staleFor ? `${exact}, ${staleFor} old` : exact}>
      {text}
    </span>
  );
}
