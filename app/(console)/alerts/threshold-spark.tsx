import type { ReactNode } from 'react';
import { formatCount, formatDuration } from '#components/format.ts';
import { linePath } from '#components/line-path.ts';

interface ThresholdSparkProps {
  /** By minute, the oldest first; null is a gap, never 0. */
  values: readonly (number | null)[];
  threshold: number | null;
  unit: 'records' | 'seconds';
}

const WIDTH = 180;
const HEIGHT = 40;

/** The last hour of an alert's figure against its threshold: drawn on the server, said in words. */
export function ThresholdSpark({ values, threshold, unit }: ThresholdSparkProps): ReactNode {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const say = (value: number) => (unit === 'seconds' ? formatDuration(value * 1_000) : formatCount(Math.round(value)));
  const max = Math.max(...known, (threshold ?? 0) * 1.15) || 1;
  const x = (index: number) => ((index / (values.length - 1)) * (WIDTH - 2) + 1).toFixed(1);
  const y = (value: number) => (HEIGHT - 3 - (value / max) * (HEIGHT - 6)).toFixed(1);
  const label = `Last hour: ${say(Math.min(...known))} to ${say(Math.max(...known))}${unit === 'seconds' ? ' behind' : ' records behind'}${threshold === null ? '' : `, the limit is ${say(threshold)}`}`;
  return (
    // An inline drawing with words: there is no tag for that.
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} className="block max-w-full rounded-sm bg-sunken text-series-1">
      <title>{label}</title>
      {threshold === null ? null : <line x1="0" x2={WIDTH} y1={y(threshold)} y2={y(threshold)} className="text-bad" stroke="currentColor" strokeWidth="1" strokeDasharray="3 3" />}
      <path d={linePath(values, x, y)} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}
