import type { OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import type { ClusterState, GroupPartitionState, TopicState } from '#lib/lag/cluster-state.ts';
import { type EndingOf, observeGroup } from '#lib/lag/observe-group.ts';
import { observeMinute } from '#lib/lag/observe-minute.ts';
import { observeTopic } from '#lib/lag/observe-topics.ts';
import { packCommitSample, packTopicSample } from '#lib/lag/pack-sample.ts';
import type { StatusTimes } from '#lib/lag/partition-status.ts';
import type { GroupEventRow } from '#lib/store/lag/save-events.ts';
import type { GroupRow } from '#lib/store/lag/save-groups.ts';
import type { MinuteRow } from '#lib/store/lag/save-minutes.ts';
import { groupRow } from './offset-rows.ts';

/** What one reading of the topics changed. */
export interface TopicsSeen {
  dirty: { topic: TopicState; partitions: number[] }[];
  samples: { id: number; packed: Buffer }[];
  partitions: number;
  partitionsFailed: number;
}

/** What one reading of the groups changed. */
export interface GroupsSeen {
  clamped: number;
  groupsFailed: number;
  groupPartitions: number;
  rows: GroupRow[];
  events: GroupEventRow[];
  dirty: { groupId: number; partitions: GroupPartitionState[] }[];
  forgotten: { groupId: number; topicId: number; partition: number }[];
  samples: { id: number; packed: Buffer }[];
  minutes: MinuteRow[];
  /** Groups whose sums have to be added up again. */
  touched: { id: number; producedPerSecond: number | null; consumedPerSecond: number | null }[];
}

/** Takes the topics of a snapshot into the state of their cluster. */
export function observeTopics(cluster: ClusterState, snapshot: OffsetsSnapshot): TopicsSeen {
  const seen: TopicsSeen = { dirty: [], samples: [], partitions: 0, partitionsFailed: 0 };
  for (const read of snapshot.topics.values()) {
    const topic = cluster.topics.get(read.name);
    if (!topic) continue;
    const { changed, dirty } = observeTopic(topic, read, snapshot.endsReadAt);
    seen.partitions += topic.partitions.length;
    seen.partitionsFailed += topic.partitions.reduce((failed, p) => failed + (p.failedSince === null ? 0 : 1), 0);
    if (changed.length > 0) seen.samples.push({ id: topic.id, packed: packTopicSample(changed) });
    if (dirty.length > 0) seen.dirty.push({ topic, partitions: dirty });
  }
  return seen;
}

/**
 * Takes the groups of a snapshot into the state of their cluster and decides their status; its topics must have been taken in before.
 * @param missing groups that nobody listed in this cycle, and that are not gone for all that is known: with the reason
 */
export function observeGroups(cluster: ClusterState, snapshot: OffsetsSnapshot, input: { topics: TopicsSeen; topicsGone: boolean; missing: ReadonlyMap<string, string>; endingOf: EndingOf; times: StatusTimes }): GroupsSeen {
  const { topicsGone, missing, times } = input;
  const readAtMs = snapshot.endsReadAt;
  const at = new Date(readAtMs);
  const all: GroupsSeen = { clamped: 0, groupsFailed: 0, groupPartitions: 0, rows: [], events: [], dirty: [], forgotten: [], samples: [], minutes: [], touched: [] };
  const topicsTouched = new Set(input.topics.dirty.map(({ topic }) => topic.id));
  for (const read of snapshot.groups) {
    const group = cluster.groups.get(read.name);
    if (!group) continue;
    const seen = observeGroup(cluster, group, read, times, readAtMs, input.endingOf);
    all.clamped += seen.clamped;
    if (seen.rebalanceBegan) all.events.push({ groupId: group.id, at, kind: 'rebalance', joined: null, left: null });
    if (group.failedSince !== null) all.groupsFailed += 1;
    for (const byPartition of group.partitions.values()) all.groupPartitions += byPartition.size;
    if (seen.groupDirty) all.rows.push(groupRow(group));
    if (seen.dirty.length > 0) all.dirty.push({ groupId: group.id, partitions: seen.dirty });
    for (const at of seen.forgotten) all.forgotten.push({ groupId: group.id, ...at });
    if (seen.changed.length > 0) all.samples.push({ id: group.id, packed: packCommitSample(seen.changed) });
    const minute = observeMinute(group, seen, readAtMs);
    if (minute) all.minutes.push({ ...minute, groupId: group.id, minute: new Date(minute.minute) });
    const { producedPerSecond, consumedPerSecond } = seen;
    const rated = group.storedRates?.produced !== producedPerSecond || group.storedRates.consumed !== consumedPerSecond;
    if (rated || topicsGone || seen.dirty.length > 0 || seen.forgotten.length > 0 || [...group.partitions.keys()].some((id) => topicsTouched.has(id))) all.touched.push({ id: group.id, producedPerSecond, consumedPerSecond });
    group.storedRates = { produced: producedPerSecond, consumed: consumedPerSecond };
  }
  // What became of the topics of a group that nobody listed is told once, and has to reach its figures now.
  for (const name of missing.keys()) {
    const group = cluster.groups.get(name);
    if (group && (topicsGone || [...group.partitions.keys()].some((id) => topicsTouched.has(id)))) all.touched.push({ id: group.id, producedPerSecond: group.storedRates?.produced ?? null, consumedPerSecond: group.storedRates?.consumed ?? null });
  }
  all.groupsFailed += markMissing(cluster, missing, readAtMs, all.rows);
  return all;
}

/** Groups that could not be read in this cycle keep their figures, and say why they are old. */
function markMissing(cluster: ClusterState, reasons: ReadonlyMap<string, string>, nowMs: number, rows: GroupRow[]): number {
  let missing = 0;
  for (const [name, error] of reasons) {
    const group = cluster.groups.get(name);
    if (!group) continue;
    missing += 1;
    if (group.failedSince !== null && group.error === error) continue;
    group.failedSince ??= nowMs;
    group.error = error;
    if (group.status !== 'unknown') {
      group.known = group.status;
      group.knownSince = group.statusSince;
      group.status = 'unknown';
      group.statusSince = nowMs;
    }
    rows.push(groupRow(group));
  }
  return missing;
}
