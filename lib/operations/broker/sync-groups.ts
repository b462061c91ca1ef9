import type { Broker } from '#lib/brokers/broker.ts';
import type { OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import { type ClusterState, createGroup, type GroupState } from '#lib/lag/cluster-state.ts';
import { partitionLag } from '#lib/lag/partition-lag.ts';
import { deleteGroups, insertGroups } from '#lib/store/lag/save-groups.ts';
import type { Store } from '#lib/store/store.ts';

/**
 * Takes over which groups there are.
 * @returns groups that no broker lists, and that are not gone for all that is known: with the reason
 */
export async function syncGroups(store: Store, broker: Broker, cluster: ClusterState, snapshot: OffsetsSnapshot, at: Date): Promise<Map<string, string>> {
  const listed = new Set(snapshot.groups.map((group) => group.name));
  const added = [...listed].filter((name) => !cluster.groups.has(name));
  const ids = await insertGroups(store, cluster.clusterId, added, at);
  for (const [name, id] of ids) cluster.groups.set(name, createGroup(id, name));
  const missing = new Map<string, string>();
  const unlisted = [...cluster.groups.values()].filter((group) => !listed.has(group.name));
  if (unlisted.length === 0) return missing;
  const confirmed = await broker.confirmGroupsGone(unlisted, snapshot.brokerFailures);
  const gone = unlisted.filter((group) => confirmed.get(group.name) === null);
  await deleteGroups(store, gone.map((group) => ({ id: group.id, expired: hasWaiting(cluster, group) })), at);
  for (const group of gone) cluster.groups.delete(group.name);
  for (const { name } of unlisted) if (confirmed.get(name) !== null) missing.set(name, confirmed.get(name)?.message ?? 'No broker lists this group at the moment.');
  return missing;
}

function hasWaiting(cluster: ClusterState, group: GroupState): boolean {
  for (const [topicId, byPartition] of group.partitions) {
    const topic = cluster.topicsById.get(topicId);
    for (const state of byPartition.values()) {
      const end = topic?.partitions[state.partition];
      const { lag } = partitionLag({ committedOffset: state.committedOffset, acknowledgedAhead: state.acknowledgedAhead, endOffset: end?.endOffset ?? null, lastStableOffset: null, logStartOffset: null });
      if (lag !== null && lag > 0n) return true;
    }
  }
  return false;
}
