/** A figure of a partition from a moment on; null = it could not be read, or there is no commit. A number: it is drawn, not counted with. */
export interface OffsetChange {
  atMs: number;
  offset: number | null;
}

/** The highest lag of an hour, and at its end; null where not known. */
export interface HourFigure {
  hourMs: number;
  highest: number | null;
  last: number | null;
}

export interface HeatRange {
  fromMs: number;
  toMs: number;
  count: number;
}

const HOUR_MS = 3_600_000;

/**
 * Lag of one partition in `count` cells of equal length: the highest of each cell. null where nothing is known, or nobody read.
 * @param ends changes of the high watermark, @param commits of the committed offset, oldest first; what stands before `fromMs` counts from there
 * @param wasRead whether the cluster was read in the cell that begins and ends there
 */
export function heatCells(ends: readonly OffsetChange[], commits: readonly OffsetChange[], range: HeatRange, wasRead: (fromMs: number, toMs: number) => boolean): (number | null)[] {
  const cellMs = (range.toMs - range.fromMs) / range.count;
  let end: number | null = null;
  let committed: number | null = null;
  let [nextEnd, nextCommit] = [0, 0];
  const lag = (): number | null => (end === null || committed === null ? null : Math.max(0, end - committed));
  const nextMs = (): number => Math.min(ends[nextEnd]?.atMs ?? Number.POSITIVE_INFINITY, commits[nextCommit]?.atMs ?? Number.POSITIVE_INFINITY);
  // Both ends of one reading count together: between them there never was a lag.
  const takeAll = (atMs: number): void => {
    for (; ends[nextEnd]?.atMs === atMs; nextEnd += 1) end = ends[nextEnd]?.offset ?? null;
    for (; commits[nextCommit]?.atMs === atMs; nextCommit += 1) committed = commits[nextCommit]?.offset ?? null;
  };
  for (let atMs = nextMs(); atMs <= range.fromMs; atMs = nextMs()) takeAll(atMs);
  return Array.from({ length: range.count }, (_, cell) => {
    const from = range.fromMs + cell * cellMs;
    const to = from + cellMs;
    let most = lag();
    for (let atMs = nextMs(); atMs < to; atMs = nextMs()) {
      takeAll(atMs);
      const now = lag();
      if (now !== null && (most === null || now > most)) most = now;
    }
    return wasRead(from, to) ? most : null;
  });
}

/**
 * The same from hours, for a time that is longer than single readings are kept: each cell has the highest of the hours that it shares time with.
 * @param figures of hours in which something moved, oldest first; in an hour without one the partition stood as at the end of the one before
 * @param hourRead whether the cluster was read in the hour that begins there
 * @param endMs hours from there on are not known yet
 */
export function heatCellsOfHours(figures: readonly HourFigure[], range: HeatRange, hourRead: (hourMs: number) => boolean, endMs: number): (number | null)[] {
  const cellMs = (range.toMs - range.fromMs) / range.count;
  const byHour = new Map(figures.map((figure) => [figure.hourMs, figure]));
  const firstMs = Math.floor(range.fromMs / HOUR_MS) * HOUR_MS;
  let standing = figures.findLast((figure) => figure.hourMs < firstMs)?.last ?? null;
  const hours: (number | null)[] = [];
  for (let hourMs = firstMs; hourMs < Math.min(range.toMs, endMs); hourMs += HOUR_MS) {
    const figure = byHour.get(hourMs);
    hours.push(hourRead(hourMs) ? (figure ? figure.highest : standing) : null);
    if (figure) standing = figure.last;
  }
  return Array.from({ length: range.count }, (_, cell) => {
    const from = range.fromMs + cell * cellMs;
    let most: number | null = null;
    for (let index = Math.floor((from - firstMs) / HOUR_MS); firstMs + index * HOUR_MS < from + cellMs && index < hours.length; index += 1) {
      const lag = hours[index] ?? null;
      if (lag !== null && (most === null || lag > most)) most = lag;
    }
    return most;
  });
}
