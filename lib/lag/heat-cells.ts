/** A figure of a partition from a moment on; null = it could not be read, or there is no commit. */
export interface OffsetChange {
  atMs: number;
  offset: bigint | null;
}

/**
 * Lag of one partition in `count` cells of equal length: the highest of each cell. null where nothing is known, or nobody read.
 * @param ends changes of the high watermark, @param commits of the committed offset, oldest first; what stands before `fromMs` counts from there
 * @param wasRead whether the cluster was read in the cell that begins and ends there
 */
export function heatCells(ends: readonly OffsetChange[], commits: readonly OffsetChange[], range: { fromMs: number; toMs: number; count: number }, wasRead: (fromMs: number, toMs: number) => boolean): (bigint | null)[] {
  const cellMs = (range.toMs - range.fromMs) / range.count;
  const changes = [...ends.map((change) => ({ ...change, what: 'end' as const })), ...commits.map((change) => ({ ...change, what: 'commit' as const }))].toSorted((left, right) => left.atMs - right.atMs || (left.what === right.what ? 0 : left.what === 'commit' ? -1 : 1));
  let end: bigint | null = null;
  let committed: bigint | null = null;
  let next = 0;
  const lag = (): bigint | null => (end === null || committed === null ? null : end > committed ? end - committed : 0n);
  const take = (change: (typeof changes)[number]): void => {
    if (change.what === 'end') end = change.offset;
    else committed = change.offset;
  };
  for (; (changes[next]?.atMs ?? Number.POSITIVE_INFINITY) <= range.fromMs; next += 1) if (changes[next]) take(changes[next] as (typeof changes)[number]);
  return Array.from({ length: range.count }, (_, cell) => {
    const from = range.fromMs + cell * cellMs;
    const to = from + cellMs;
    let most = lag();
    while (next < changes.length && (changes[next]?.atMs ?? 0) < to) {
      const atMs = changes[next]?.atMs ?? 0;
      // Both ends of one reading count together: between them there never was a lag.
      for (; changes[next]?.atMs === atMs; next += 1) take(changes[next] as (typeof changes)[number]);
      const now = lag();
      if (now !== null && (most === null || now > most)) most = now;
    }
    return wasRead(from, to) ? most : null;
  });
}
