import type { ClusterState } from './cluster-state.ts';
import { WINDOW_SLOTS } from './cluster-state.ts';

/** Offsets as they were stored at `at` (epoch ms), in the order of time. */
export interface StoredOffset {
  topicId: number;
  partition: number;
  at: number;
  offset: bigint | null;
}

/**
 * Rebuilds the windows that trends are judged by from stored samples, as if the collector had never stopped: for each of the last cycles the lag is
 * what the samples say of that moment. Only for partitions with records waiting: for the others the window begins with the first record that waits.
 * @param cycles epoch ms of the last cycles that were stored, in order: what nobody looked at is not known
 */
export function restoreWindows(cluster: ClusterState, ends: Iterable<StoredOffset>, commits: Iterable<StoredOffset & { groupId: number }>, cycles: readonly number[]): void {
  const times = Array.from({ length: WINDOW_SLOTS }, (_, slot) => cycles[cycles.length - WINDOW_SLOTS + slot] ?? NaN);
  const endAt = new Map<string, (bigint | null | undefined)[]>();
  for (const sample of ends) take(endAt, `${sample.topicId}:${sample.partition}`, sample, times);
  const commitAt = new Map<string, (bigint | null | undefined)[]>();
  for (const sample of commits) take(commitAt, `${sample.groupId}:${sample.topicId}:${sample.partition}`, sample, times);

  for (const group of cluster.groups.values()) {
    for (const [topicId, byPartition] of group.partitions) {
      const topic = cluster.topicsById.get(topicId);
      for (const state of byPartition.values()) {
        const end = topic?.partitions[state.partition]?.endOffset ?? null;
        if (end === null || state.committedOffset === null || end <= state.committedOffset) continue;
        // What could not be read is not known. That one group or partition failed for a while is not stored when it is over: for that while its last figures stand.
        const failedSince = group.failedSince ?? topic?.partitions[state.partition]?.failedSince ?? Infinity;
        // No sample at all: it did not move.
        const endOf = endAt.get(`${topicId}:${state.partition}`) ?? times.map(() => end);
        const commitOf = commitAt.get(`${group.id}:${topicId}:${state.partition}`) ?? times.map(() => state.committedOffset);
        state.window = times.map((time, slot) => {
          const endThen = endOf[slot];
          const commitThen = commitOf[slot];
          if (endThen === null || endThen === undefined || commitThen === null || commitThen === undefined || Number.isNaN(time) || time < state.watchedSince || time >= failedSince) return NaN;
          return endThen > commitThen ? Number(endThen - commitThen) : 0;
        });
      }
    }
  }
  cluster.cycleTimes = times;
  cluster.cycle = WINDOW_SLOTS - 1;
}

/** A sample holds from its moment on, until the next one. */
function take(into: Map<string, (bigint | null | undefined)[]>, key: string, sample: StoredOffset, times: readonly number[]): void {
  let values = into.get(key);
  if (!values) into.set(key, (values = times.map(() => undefined)));
  for (let slot = times.length - 1; slot >= 0 && (times[slot] ?? 0) >= sample.at; slot -= 1) values[slot] = sample.offset;
}
