import type { CommitPoint, EndPoint } from './pack-block.ts';
import type { HeatEntry } from './pack-heat.ts';

/** What one partition did in an hour: how it stood when the hour began, and each change in it, oldest first. */
export interface PartitionHour {
  topicId: number;
  partition: number;
  committed: bigint | null;
  end: bigint | null;
  commits: readonly CommitPoint[];
  ends: readonly EndPoint[];
}

/** Lag of a partition in one hour: the highest that ever stood, and how it stood at the end. Changes of one reading count together: between them there never was a lag. */
export function heatHour({ topicId, partition, commits, ends, ...before }: PartitionHour): HeatEntry {
  let { committed, end } = before;
  let [nextCommit, nextEnd] = [0, 0];
  const lag = (): bigint | null => (committed === null || end === null ? null : end > committed ? end - committed : 0n);
  let highest = lag();
  for (;;) {
    const atMs = Math.min(commits[nextCommit]?.atMs ?? Number.POSITIVE_INFINITY, ends[nextEnd]?.atMs ?? Number.POSITIVE_INFINITY);
    if (atMs === Number.POSITIVE_INFINITY) break;
    for (; commits[nextCommit]?.atMs === atMs; nextCommit += 1) committed = commits[nextCommit]?.committedOffset ?? null;
    for (; ends[nextEnd]?.atMs === atMs; nextEnd += 1) end = ends[nextEnd]?.highWatermark ?? null;
    const now = lag();
    if (now !== null && (highest === null || now > highest)) highest = now;
  }
  return { topicId, partition, highest, last: lag(), committed, end };
}
