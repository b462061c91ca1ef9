import { createTopicPartition, type GroupPartitionState, type GroupState, type TopicState } from '#lib/lag/cluster-state.ts';
import { storedStatus } from '#lib/lag/stored-status.ts';
import type { GroupRow } from '#lib/store/lag/save-groups.ts';
import type { GroupPartitionRow, TopicPartitionRow } from '#lib/store/lag/save-offsets.ts';

// Memory's state of a cluster as rows of the store.

/** Rows of partitions whose figures changed. */
export function* topicRows(dirty: readonly { topic: TopicState; partitions: readonly number[] }[]): Generator<TopicPartitionRow> {
  for (const { topic, partitions } of dirty) for (const partition of partitions) yield topicRow(topic, partition);
}

/** Rows of a group's partitions that changed. */
export function* partitionRows(dirty: readonly { groupId: number; partitions: readonly GroupPartitionState[] }[]): Generator<GroupPartitionRow> {
  for (const { groupId, partitions } of dirty) for (const partition of partitions) yield partitionRow(groupId, partition);
}

function topicRow(topic: TopicState, partition: number): TopicPartitionRow {
  const state = topic.partitions[partition] ?? createTopicPartition(0);
  return {
    topicId: topic.id,
    partition,
    leader: state.leader,
    endOffset: state.endOffset,
    lastStableOffset: state.lastStableOffset,
    logStartOffset: state.logStartOffset,
    changedAt: new Date(state.changedAt),
    failedSince: dateOf(state.failedSince),
    lastError: state.error,
  };
}

function partitionRow(groupId: number, state: GroupPartitionState): GroupPartitionRow {
  const stored = storedStatus(state);
  return {
    groupId,
    topicId: state.topicId,
    partition: state.partition,
    committedOffset: state.committedOffset,
    acknowledgedAhead: state.acknowledgedAhead,
    committedAt: dateOf(state.committedAt),
    previousOffset: state.previousOffset,
    oldestAt: dateOf(state.oldestAt),
    oldestQuality: state.oldestQuality,
    commitGapMs: state.commitGapMs === null ? null : Math.min(state.commitGapMs, 2 ** 31 - 1),
    rewoundAt: dateOf(state.rewoundAt),
    endAtCommit: state.endAtCommit,
    watchedSince: new Date(state.watchedSince),
    status: stored.status,
    statusSince: dateOf(stored.since),
  };
}

/** A group as it is stored. */
export function groupRow(group: GroupState): GroupRow {
  return {
    id: group.id,
    type: group.type,
    state: group.state,
    coordinator: group.coordinator,
    status: group.status,
    statusSince: dateOf(group.statusSince),
    knownStatus: group.knownSince === null ? null : group.known,
    knownSince: dateOf(group.knownSince),
    rebalancingSince: dateOf(group.rebalancingSince),
    failedSince: dateOf(group.failedSince),
    lastGoodAt: dateOf(group.failedSince === null ? null : group.lastGoodAt),
    lastError: group.error,
    memberlessSince: dateOf(group.memberlessSince),
    ended: group.ended === null ? null : JSON.stringify(group.ended),
  };
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
