// Cluster and time range of the top bar, as they are in the URL. Pages read them from their searchParams.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const RANGES = { '15m': 15 * MINUTE_MS, '1h': HOUR_MS, '6h': 6 * HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const;
export type Range = keyof typeof RANGES;
export const DEFAULT_RANGE: Range = '1h';
export const MAX_RANGE_MS = 31 * DAY_MS;
/** Charts are made of minutes: less than this is one of them. */
export const MIN_RANGE_MS = 2 * MINUTE_MS;

export interface Scope {
  /** Name of the chosen cluster; null: all of them. */
  cluster: string | null;
  range: Range;
  /** Length of the range, for charts only: "now" is always live. */
  rangeMs: number;
  /** A stretch of time chosen freely, which charts that know it show instead of the range. */
  chosen: { from: Date; to: Date } | null;
}

type Search = Record<string, string | string[] | undefined>;

/** The scope that a page's searchParams name. What makes no sense in a URL counts as not being there. */
export function readScope(search: Search): Scope {
  const asked = one(search, 'range');
  const range = asked !== undefined && Object.hasOwn(RANGES, asked) ? (asked as Range) : DEFAULT_RANGE;
  return { cluster: one(search, 'cluster') || null, range, rangeMs: RANGES[range], chosen: readChosen(one(search, 'from'), one(search, 'to')) };
}

function readChosen(from: string | undefined, to: string | undefined): Scope['chosen'] {
  if (from === undefined || to === undefined) return null;
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (!Number.isFinite(start) || !Number.isFinite(end) || end - start < MINUTE_MS || end - start > MAX_RANGE_MS) return null;
  return { from: new Date(start), to: new Date(end) };
}

function one(search: Search, name: string): string | undefined {
  const value = search[name];
  return Array.isArray(value) ? value[0] : value;
}
