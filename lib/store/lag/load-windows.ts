import type { ClusterState } from '#lib/lag/cluster-state.ts';
import { WINDOW_SLOTS } from '#lib/lag/cluster-state.ts';
import { unpackCommitSample, unpackTopicSample } from '#lib/lag/pack-sample.ts';
import { restoreWindows, type StoredOffset } from '#lib/lag/restore-windows.ts';
import type { Statements } from '../store.ts';

/**
 * Brings the windows of a loaded cluster back from its packed samples. After a pause that is longer than the window there is nothing to bring back:
 * trends begin anew then.
 */
export async function loadWindows(on: Statements, cluster: ClusterState, now: Date): Promise<void> {
  const [last] = await on.query<{ at: Date | null; interval_ms: number | null }>(`select last_cycle_at as at, (last_cycle->>'intervalMs')::int as interval_ms from cluster where id = $1`, [cluster.clusterId]);
  if (!last?.at || last.interval_ms === null) return;
  const spanMs = WINDOW_SLOTS * last.interval_ms;
  if (now.getTime() - last.at.getTime() >= spanMs) return;
  const topics = new Set<number>();
  const groups: number[] = [];
  for (const group of cluster.groups.values()) {
    let waits = false;
    for (const [topicId, byPartition] of group.partitions) {
      const topic = cluster.topicsById.get(topicId);
      for (const state of byPartition.values()) {
        const end = topic?.partitions[state.partition]?.endOffset ?? null;
        if (state.committedOffset === null || end === null || end <= state.committedOffset) continue;
        topics.add(topicId);
        waits = true;
      }
    }
    if (waits) groups.push(group.id);
  }
  if (groups.length === 0) return;
  // Twice the window: what was last written before it is what it began with.
  const from = new Date(last.at.getTime() - 2 * spanMs);
  const ends: StoredOffset[] = [];
  for (const row of await on.query<{ topic_id: number; at: Date; packed: Buffer }>('select topic_id, at, packed from topic_offset_sample where topic_id = any($1::int[]) and at > $2 order by at', [[...topics], from])) {
    for (const { partition, highWatermark } of unpackTopicSample(row.packed)) ends.push({ topicId: row.topic_id, partition, at: row.at.getTime(), offset: highWatermark });
  }
  const commits: (StoredOffset & { groupId: number })[] = [];
  for (const row of await on.query<{ group_id: number; at: Date; packed: Buffer }>('select group_id, at, packed from group_commit_sample where group_id = any($1::int[]) and at > $2 order by at', [groups, from])) {
    for (const { topicId, partition, committedOffset } of unpackCommitSample(row.packed)) commits.push({ groupId: row.group_id, topicId, partition, at: row.at.getTime(), offset: committedOffset });
  }
  restoreWindows(cluster, ends, commits, last.at.getTime(), last.interval_ms);
}
