import type { OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import type { ClusterState } from '#lib/lag/cluster-state.ts';
import { WaybillError } from '#lib/errors.ts';
import { type CycleFigures, saveClusterCycle } from '#lib/store/lag/save-cluster.ts';
import { insertGroupEvents } from '#lib/store/lag/save-events.ts';
import { saveGroupFigures } from '#lib/store/lag/save-group-figures.ts';
import { updateGroups } from '#lib/store/lag/save-groups.ts';
import { insertMinutes, noteClusterMinute } from '#lib/store/lag/save-minutes.ts';
import { deleteGroupPartitions, insertSamples, upsertGroupPartitions, upsertTopicPartitions } from '#lib/store/lag/save-offsets.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import type { GroupsSeen, TopicsSeen } from './observe-snapshot.ts';
import { partitionRows, topicRows } from './offset-rows.ts';

/**
 * Stores what one cycle found, in one transaction, and tells who listens.
 * @param mayWrite asked inside the transaction whether this process still collects the cluster
 * @returns the cycle's figures as stored
 * @throws WaybillError `lease-lost`
 */
export async function saveCycle(
  store: Store,
  input: { name: string; cluster: ClusterState; snapshot: OffsetsSnapshot; topics: TopicsSeen; groups: GroupsSeen; intervalMs: number; durationMs: () => number; mayWrite: ((tx: Statements) => Promise<boolean>) | undefined },
): Promise<CycleFigures> {
  const { name, cluster, snapshot, topics, groups, intervalMs } = input;
  const at = new Date(snapshot.endsReadAt);
  const failures = [...snapshot.brokerFailures];
  const known = snapshot.cluster.nodes.length;
  const lastError = failures.length === 0 ? firstFailure(cluster, groups.groupsFailed, topics.partitionsFailed) : `${known - failures.length} of ${known} brokers answered; broker ${failures[0]?.[0]}: ${failures[0]?.[1].message}`;
  const hiding = [...cluster.groups.values()].filter((group) => group.hidden !== null);
  let rowsWritten = 0;
  const cycle = (): CycleFigures => ({
    durationMs: input.durationMs(),
    readMs: Math.round(snapshot.durationMs),
    requests: snapshot.requests,
    groups: cluster.groups.size,
    groupsFailed: groups.groupsFailed,
    partitions: topics.partitions,
    partitionsFailed: topics.partitionsFailed,
    groupPartitions: groups.groupPartitions,
    clamped: groups.clamped,
    throttledMs: snapshot.throttledMs,
    intervalMs,
    rowsWritten,
    topicsHidden: cluster.topicsHidden,
    cycleTimes: cluster.pastCycles,
  });
  await store.transaction(async (tx: Statements) => {
    if (input.mayWrite && !(await input.mayWrite(tx))) throw new WaybillError('lease-lost', `Another process collects "${name}" now. What this one read is dropped.`);
    rowsWritten += await upsertTopicPartitions(tx, topicRows(topics.dirty));
    rowsWritten += await upsertGroupPartitions(tx, partitionRows(groups.dirty));
    rowsWritten += await deleteGroupPartitions(tx, groups.forgotten);
    rowsWritten += await updateGroups(tx, groups.rows);
    rowsWritten += await insertSamples(tx, 'topic_offset_sample', at, topics.samples);
    rowsWritten += await insertSamples(tx, 'group_commit_sample', at, groups.samples);
    rowsWritten += await saveGroupFigures(tx, groups.touched);
    rowsWritten += await insertMinutes(tx, groups.minutes);
    await noteClusterMinute(tx, cluster.clusterId, at);
    await insertGroupEvents(tx, groups.events);
    await saveClusterCycle(tx, {
      id: cluster.clusterId,
      brokers: snapshot.cluster.nodes,
      controllerId: snapshot.cluster.controllerId,
      state: failures.length === 0 && topics.partitionsFailed === 0 && groups.groupsFailed === 0 && hiding.length === 0 ? 'ok' : 'partial',
      lastError: lastError ?? (hiding[0]?.hidden ? `${hiding.length === 1 ? hiding[0].name : `${hiding.length} groups`} could be read in part only: ${hiding[0].hidden.error}` : null),
      at,
      figures: cycle(),
    });
    await store.notify('lag', { cluster: name }, tx);
  });
  return cycle();
}

/** What is said of a cluster whose brokers all answered, but not for everything: how much is missing, and the first reason. */
function firstFailure(cluster: ClusterState, groupsFailed: number, partitionsFailed: number): string | null {
  if (groupsFailed > 0) {
    for (const group of cluster.groups.values()) if (group.failedSince !== null) return `${groupsFailed} of ${cluster.groups.size} groups could not be read: ${group.error ?? group.name}`;
  }
  if (partitionsFailed > 0) {
    for (const topic of cluster.topics.values()) for (const [i, partition] of topic.partitions.entries()) if (partition.failedSince !== null) return `${partitionsFailed} partitions could not be read: ${topic.name}:${i}: ${partition.error ?? 'no reason given'}`;
  }
  return null;
}
