import type { Broker } from '#lib/brokers/broker.ts';
import type { OpenTransaction } from '#lib/model/lag.ts';
import { errorText } from '#lib/errors.ts';
import type { ClusterState } from '#lib/lag/cluster-state.ts';
import { type BlockedPartition, type BlockedWatch, observeBlocked, type TransactionTimes } from '#lib/lag/watch-blocked.ts';
import { type BlockedRow, deleteBlocked, loadBlocked, markTransactional, upsertBlocked } from '#lib/store/lag/save-blocked.ts';
import type { Store } from '#lib/store/store.ts';

export interface TransactionSearch {
  /** After a cycle: notes which partitions stand behind an open transaction, and asks the brokers about those that stand for long. */
  search(cluster: ClusterState, nowMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * Follows last stable offsets that stand still. At its own pace: a partition is asked about once a minute, at most 50 in a cycle, and only
 * while it stands; what the brokers say is stored for the screens.
 */
export function openTransactionSearch({ store, broker, times }: { store: Store; broker: Broker; times: TransactionTimes }): TransactionSearch {
  let watch: BlockedWatch = new Map();
  let loadedFor: ClusterState | null = null;
  const marked = new Map<number, number>();

  return {
    async search(cluster, nowMs, signal) {
      // The cluster's state was loaded anew: another process may have written in between.
      if (loadedFor !== cluster) {
        watch = await load(store, cluster);
        loadedFor = cluster;
      }
      const { store: fresh, freed, ask, transactional } = observeBlocked(watch, cluster, times, nowMs);
      const unmarked = [...transactional].filter((id) => nowMs - (marked.get(id) ?? -Infinity) >= 86_400_000);
      await markTransactional(store, unmarked, new Date(nowMs));
      for (const id of unmarked) marked.set(id, nowMs);
      await deleteBlocked(store, freed);
      const rows = new Map(fresh.map((blocked) => [blocked, row(blocked, null, null)]));
      if (ask.length > 0 && !signal.aborted) {
        for (const blocked of ask) blocked.askedAt = nowMs;
        const answers = await broker.describeOpenTransactions(ask).catch((error: unknown) => errorText(error));
        for (const blocked of ask) {
          const answer = typeof answers === 'string' ? null : answers.find((one) => one.topic === blocked.topic && one.partition === blocked.partition);
          const error = typeof answers === 'string' ? answers : (answer?.failure?.message ?? null);
          rows.set(blocked, row(blocked, answer?.transactions ?? null, error));
        }
      }
      await upsertBlocked(store, [...rows.values()]);
      for (const blocked of rows.keys()) blocked.stored = true;
    },
  };
}

async function load(store: Store, cluster: ClusterState): Promise<BlockedWatch> {
  const watch: BlockedWatch = new Map();
  for (const stored of await loadBlocked(store, cluster.clusterId)) {
    watch.set(`${stored.topic_id}:${stored.partition}`, { topicId: stored.topic_id, topic: stored.topic, partition: stored.partition, lastStableOffset: stored.last_stable_offset, since: stored.blocked_since.getTime(), askedAt: stored.asked_at?.getTime() ?? null, stored: true });
  }
  return watch;
}

function row(blocked: BlockedPartition, transactions: readonly OpenTransaction[] | null, error: string | null): BlockedRow {
  return {
    topicId: blocked.topicId,
    partition: blocked.partition,
    lastStableOffset: blocked.lastStableOffset,
    blockedSince: new Date(blocked.since),
    askedAt: blocked.askedAt === null ? null : new Date(blocked.askedAt),
    transactions: transactions === null ? null : JSON.stringify(transactions.map((one) => ({ ...one, producerId: one.producerId.toString(), startOffset: one.startOffset.toString() }))),
    error,
  };
}
