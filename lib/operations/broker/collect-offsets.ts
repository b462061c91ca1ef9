import type { Broker } from '#lib/brokers/broker.ts';
import type { OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import { errorText, WaybillError } from '#lib/errors.ts';
import { beginCycle, type ClusterState } from '#lib/lag/cluster-state.ts';
import { statusTimes } from '#lib/lag/partition-status.ts';
import { TRANSACTION_TIMES, type TransactionTimes } from '#lib/lag/watch-blocked.ts';
import { analyseOffsets } from '#lib/store/lag/analyse-offsets.ts';
import { claimCluster } from '#lib/store/lag/claim-cluster.ts';
import { loadClusterState } from '#lib/store/lag/load-cluster-state.ts';
import { type CycleFigures, saveClusterDown } from '#lib/store/lag/save-cluster.ts';
import { ensureAllPartitions } from '#lib/store/partitions.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { backfillAnchors } from './backfill-anchors.ts';
import { describeMembers } from './describe-members.ts';
import { openTransactionSearch } from './find-open-transactions.ts';
import { gatherEndings } from './gather-endings.ts';
import { observeGroups, observeTopics } from './observe-snapshot.ts';
import { saveCycle } from './save-cycle.ts';
import { shrunkGroups, syncGroups } from './sync-groups.ts';
import { syncTopics } from './sync-topics.ts';

export interface OffsetsCollection {
  /**
   * One cycle: reads the whole cluster, decides, stores.
   * @returns what was read and how long it took
   * @throws where no broker answered (the cluster is then stored as down, everything else stays as it was), or WaybillError `cluster-mismatch`
   */
  collect(options: { now: Date; signal: AbortSignal }): Promise<CycleFigures & { clusterId: number }>;
  /** Forgets what is in memory: another process wrote in between. The next cycle loads it from the store. */
  forget(): void;
}

const LOOK_AROUND_EVERY_MS = 60_000;
/** The planner is told when the cluster has twice the rows it was told of, and this many. */
const ANALYSE_ROWS = 1_000;

/** The collection of one cluster's offsets. Holds the state of the cluster in memory; a second instance on the same cluster must hold a lease first. */
export function openOffsetsCollection({ store, broker, configuredNames, intervalMs, onIdentified, transactionTimes = TRANSACTION_TIMES, mayWrite }: { store: Store; broker: Broker; configuredNames: readonly string[]; intervalMs: number; onIdentified: (clusterId: number) => void; transactionTimes?: TransactionTimes; mayWrite?: (tx: Statements) => Promise<boolean> }): OffsetsCollection {
  let state: ClusterState | null = null;
  let kafkaClusterId: string | null = null;
  let analysedRows = 0;
  const times = statusTimes(intervalMs);
  const transactions = openTransactionSearch({ store, broker, times: transactionTimes });

  async function collect({ now, signal }: { now: Date; signal: AbortSignal }): Promise<CycleFigures & { clusterId: number }> {
    const started = performance.now();
    let snapshot: OffsetsSnapshot;
    try {
      snapshot = await broker.snapshotOffsets({ signal });
    } catch (error) {
      if (!signal.aborted) {
        await saveClusterDown(store, broker.name, errorText(error), now);
        await store.notify('lag', { cluster: broker.name, down: true });
      }
      throw error;
    }
    const cluster = await identified(snapshot, now);
    const readAtMs = snapshot.endsReadAt;
    const at = new Date(readAtMs);
    beginCycle(cluster, readAtMs);

    try {
      const topicsGone = await syncTopics(store, broker, cluster, snapshot, at);
      const missing = await syncGroups(store, broker, cluster, snapshot, at);
      await lookAround(cluster, readAtMs);
      const topics = observeTopics(cluster, snapshot);
      await backfillAnchors(broker, cluster, snapshot, readAtMs);
      const endingOf = await gatherEndings(store, broker, cluster, shrunkGroups(cluster, snapshot), readAtMs);
      const groups = observeGroups(cluster, snapshot, { topics, topicsGone, missing, endingOf, times });
      const durationMs = () => Math.round(performance.now() - started);
      const figures = await saveCycle(store, { name: broker.name, cluster, snapshot, topics, groups, intervalMs, durationMs, mayWrite });
      // A table that just went from nothing to many rows is planned as if it were empty until it is analysed.
      const rows = figures.groupPartitions + figures.partitions;
      if (rows >= 2 * analysedRows + ANALYSE_ROWS) {
        await analyseOffsets(store);
        analysedRows = rows;
      }
      const result = { ...figures, durationMs: durationMs(), clusterId: cluster.clusterId };
      // On its own pace and after the figures are out: members are detail, offsets are the point.
      await describeMembers(store, broker, cluster, readAtMs, signal);
      await transactions.search(cluster, readAtMs, signal);
      return result;
    } catch (error) {
      // Memory and store may differ now; the store is right.
      state = null;
      throw error;
    }
  }

  /** Whether there are topics that this user may not see: rights change seldom. */
  async function lookAround(cluster: ClusterState, nowMs: number): Promise<void> {
    if (cluster.sightAskedAt !== null && nowMs - cluster.sightAskedAt < LOOK_AROUND_EVERY_MS) return;
    cluster.sightAskedAt = nowMs;
    const all = await broker.seesEveryTopic().catch(() => null);
    if (all !== null) cluster.topicsHidden = !all;
  }

  async function identified(snapshot: OffsetsSnapshot, now: Date): Promise<ClusterState> {
    // A cluster without an id of its own (none since Kafka 0.10) is known by its configured name.
    const id = snapshot.cluster.clusterId ?? `name:${broker.name}`;
    if (state !== null && id === kafkaClusterId) return state;
    const claimed = await claimCluster(store, broker.name, id, configuredNames);
    if (claimed.refusedBecause !== null) {
      state = null;
      const { storedClusterId, storedName } = claimed.refusedBecause;
      const message =
        storedName === broker.name
          ? `"${broker.name}" is stored as the Kafka cluster ${storedClusterId}, but ${id} answers now. Give the other cluster a name of its own in the configuration.`
          : `"${broker.name}" and "${storedName}" are the same Kafka cluster (${id}). Remove one of them from the configuration.`;
      await saveClusterDown(store, broker.name, message, now);
      throw new WaybillError('cluster-mismatch', message, { status: 409 });
    }
    kafkaClusterId = id;
    onIdentified(claimed.id);
    // Not left to the retention collector alone: this one may run first, or by itself.
    await ensureAllPartitions(store, now);
    state = await loadClusterState(store, claimed.id, now);
    return state;
  }

  return { collect, forget: () => (state = null) };
}
