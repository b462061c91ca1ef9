import type { Broker } from '#lib/brokers/broker.ts';
import type { OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import { type ClusterState, createGroup, type GroupState } from '#lib/lag/cluster-state.ts';
import { partitionLag } from '#lib/lag/partition-lag.ts';
import { deleteGroups, insertGroups } from '#lib/store/lag/save-groups.ts';
import type { Store } from '#lib/store/store.ts';
import { gatherEndings } from './gather-endings.ts';

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
  const endingOf = await gatherEndings(store, broker, cluster, gone, at.getTime());
  await deleteGroups(
    store,
    gone.map((group) => {
      const ended = endingOf(group, null);
      // What somebody deleted is over, whatever waited. Of the rest nobody may think that it caught up.
      return { id: group.id, expired: ended.how !== 'deleted' && hasWaiting(cluster, group), ended };
    }),
    at,
  );
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

/** Groups that have fewer commits than before: what became of those is worth a question. */
export function shrunkGroups(cluster: ClusterState, snapshot: OffsetsSnapshot): GroupState[] {
  return snapshot.groups.flatMap((read) => {
    const group = cluster.groups.get(read.name);
    if (!group || read.committed === null) return [];
    let known = 0;
    for (const byPartition of group.partitions.values()) for (const state of byPartition.values()) if (state.committedOffset !== null) known += 1;
    const now = read.committed.reduce((sum, { partitions }) => sum + partitions.length, 0);
    return now < known ? [group] : [];
  });
}
