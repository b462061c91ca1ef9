import type { ReactNode } from 'react';
import { linePath } from './line-path.ts';

interface SparklineProps {
  /** Oldest first; null is a gap, never 0. */
  values: readonly (number | null)[];
  /** What it shows in words: "lag over the last hour, 0 to 1,204". */
  label: string;
  width?: number;
  height?: number;
  className?: string;
}

/** A trend in a table cell: drawn on the server, no library. */
export function Sparkline({ values, label, width = 88, height = 20, className }: SparklineProps): ReactNode {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) {
    return (
      <span className={`text-faint ${className ?? ''}`} title="not enough figures yet">
        -
      </span>
    );
  }
  const max = Math.max(...known);
  const min = Math.min(0, ...known);
  const x = (index: number) => ((index / (values.length - 1)) * (width - 2) + 1).toFixed(1);
  const y = (value: number) => (height - 2 - ((value - min) / (max - min || 1)) * (height - 4)).toFixed(1);
  return (
    // An inline drawing with words: there is no tag for that.
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`} className={`inline-block align-middle ${className ?? 'text-series-1'}`}>
      <title>{label}</title>
      <path d={linePath(values, x, y)} fill="none" stroke="currentColor" strokeWidth="1.25" strokeLinejoin="round" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
