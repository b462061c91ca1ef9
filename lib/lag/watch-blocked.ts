import type { ClusterState } from './cluster-state.ts';

/** A partition whose last stable offset stands below the high watermark: an open transaction holds it back. Times are epoch ms. */
export interface BlockedPartition {
  topicId: number;
  topic: string;
  partition: number;
  lastStableOffset: bigint;
  /** Since when the last stable offset was seen to stand there. */
  since: number;
  /** When the brokers were last asked which transaction it is. */
  askedAt: number | null;
  stored: boolean;
}

export type BlockedWatch = Map<string, BlockedPartition>;

export interface TransactionTimes {
  /** How long an offset stands before it is worth a row: transactions of milliseconds are everywhere. */
  storeAfterMs: number;
  /** How long before the brokers are asked which transaction it is. */
  askAfterMs: number;
  /** How often they are asked again. */
  askEveryMs: number;
}

export const TRANSACTION_TIMES: TransactionTimes = { storeAfterMs: 20_000, askAfterMs: 60_000, askEveryMs: 60_000 };
/** How many partitions are watched, and how many are asked about in one cycle: a broker with a thousand hanging transactions has one cause. */
const MAX_WATCHED = 5_000;
const MAX_ASKED = 50;

export interface BlockedObservation {
  /** Rows to write: those that stand for long enough. */
  store: BlockedPartition[];
  /** Rows to delete: the offset moved on, or the partition is gone. */
  freed: BlockedPartition[];
  /** Ask the brokers about these now, those that were asked longest ago first. */
  ask: BlockedPartition[];
  /** Topics in which an open transaction was seen: their offsets count commit markers too. */
  transactional: Set<number>;
}

/** Takes one reading of all topics into the watch. A partition that could not be read stays as it is. */
export function observeBlocked(watch: BlockedWatch, cluster: ClusterState, times: TransactionTimes, nowMs: number): BlockedObservation {
  const seen = new Set<string>();
  const transactional = new Set<number>();
  for (const topic of cluster.topicsById.values()) {
    for (let partition = 0; partition < topic.partitions.length; partition += 1) {
      const state = topic.partitions[partition];
      if (!state || state.endOffset === null || state.lastStableOffset === null || state.endOffset <= state.lastStableOffset) continue;
      const key = `${topic.id}:${partition}`;
      seen.add(key);
      transactional.add(topic.id);
      const known = watch.get(key);
      if (known && known.lastStableOffset === state.lastStableOffset) continue;
      if (!known && watch.size >= MAX_WATCHED) continue;
      watch.set(key, { topicId: topic.id, topic: topic.name, partition, lastStableOffset: state.lastStableOffset, since: nowMs, askedAt: null, stored: known?.stored ?? false });
    }
  }
  const freed: BlockedPartition[] = [];
  const store: BlockedPartition[] = [];
  const due: BlockedPartition[] = [];
  for (const [key, blocked] of watch) {
    const stoodMs = nowMs - blocked.since;
    if (!seen.has(key)) {
      watch.delete(key);
      if (blocked.stored) freed.push(blocked);
    } else if (blocked.stored && blocked.since === nowMs) {
      // It moved, and stands again: what was stored is about another transaction.
      blocked.stored = false;
      freed.push(blocked);
    } else if (stoodMs >= times.storeAfterMs) {
      if (!blocked.stored) store.push(blocked);
      if (stoodMs >= times.askAfterMs && (blocked.askedAt === null || nowMs - blocked.askedAt >= times.askEveryMs)) due.push(blocked);
    }
  }
  return { store, freed, ask: due.toSorted((a, b) => (a.askedAt ?? 0) - (b.askedAt ?? 0) || a.since - b.since).slice(0, MAX_ASKED), transactional };
}
