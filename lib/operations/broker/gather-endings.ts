import type { Broker } from '#lib/brokers/broker.ts';
import type { ClusterState, GroupState } from '#lib/lag/cluster-state.ts';
import { type CommitsEnded, howCommitsEnded, lastActivityOf } from '#lib/lag/how-commits-ended.ts';
import { readDeletions } from '#lib/store/lag/read-deletions.ts';
import type { Store } from '#lib/store/store.ts';

/** What became of a group's commits in one topic, or of the whole group (null). */
export type Ending = (group: GroupState, topicId: number | null) => CommitsEnded;

/** A deletion is stored before it is done, by another process's clock. */
const CLOCKS_MS = 60_000;

/** Reads what tells a deletion from an expiry for groups whose commits are gone: what people asked of Waybill, how long the brokers keep offsets, and who was last at work. */
export async function gatherEndings(store: Store, broker: Broker, cluster: ClusterState, groups: readonly GroupState[], nowMs: number): Promise<Ending> {
  if (groups.length === 0) return (group) => howCommitsEnded({ deletion: null, retentionMs: null, lastActiveAt: null, watchedSince: group.lastGoodAt ?? nowMs }, nowMs);
  const [deletions, retentionMs] = await Promise.all([readDeletions(store, groups.map(({ name }) => `${broker.name}/${name}`)), broker.describeOffsetsRetention().catch(() => null)]);
  return (group, topicId) => {
    const lastActiveAt = lastActivityOf({
      // Members keep the offsets of the topics they read, and not those of others.
      memberlessSince: topicId === null ? group.memberlessSince : null,
      membersSeenAt: topicId === null && (group.memberCount ?? 0) > 0 ? group.lastGoodAt : null,
      committedAt: committedAt(group, topicId),
    });
    const topic = topicId === null ? null : (cluster.topicsById.get(topicId)?.name ?? null);
    const deletion = deletions.find(({ target, topics, at }) => target === `${broker.name}/${group.name}` && (topics === null || (topic !== null && topics.includes(topic))) && (lastActiveAt === null || at.getTime() >= lastActiveAt - CLOCKS_MS));
    return howCommitsEnded({ deletion: deletion ?? null, retentionMs, lastActiveAt, watchedSince: watchedSince(group, topicId, nowMs) }, nowMs);
  };
}

function* committedAt(group: GroupState, topicId: number | null): Generator<number | null> {
  for (const [id, byPartition] of group.partitions) if (topicId === null || id === topicId) for (const state of byPartition.values()) yield state.committedAt;
}

function watchedSince(group: GroupState, topicId: number | null, nowMs: number): number {
  let since = nowMs;
  for (const [id, byPartition] of group.partitions) if (topicId === null || id === topicId) for (const state of byPartition.values()) since = Math.min(since, state.watchedSince);
  return since;
}
