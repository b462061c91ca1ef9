// Cluster and time range of the top bar, as they are in the URL. Pages read them from their searchParams.

export const RANGES = { '1h': 3_600_000, '6h': 6 * 3_600_000, '24h': 24 * 3_600_000, '7d': 7 * 24 * 3_600_000 } as const;
export type Range = keyof typeof RANGES;
export const DEFAULT_RANGE: Range = '1h';

export interface Scope {
  /** Name of the chosen cluster; null: all of them. */
  cluster: string | null;
  range: Range;
  /** Length of the range, for charts only: "now" is always live. */
  rangeMs: number;
}

/** The scope that a page's searchParams name. */
export function readScope(search: Record<string, string | string[] | undefined>): Scope {
  const cluster = Array.isArray(search['cluster']) ? search['cluster'][0] : search['cluster'];
  const asked = Array.isArray(search['range']) ? search['range'][0] : search['range'];
  const range = asked !== undefined && Object.hasOwn(RANGES, asked) ? (asked as Range) : DEFAULT_RANGE;
  return { cluster: cluster || null, range, rangeMs: RANGES[range] };
}
