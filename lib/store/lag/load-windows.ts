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
  const [last] = await on.query<{ at: Date | null; interval_ms: number | null; cycle_times: number[] | null }>(`select last_cycle_at as at, (last_cycle->>'intervalMs')::int as interval_ms, last_cycle->'cycleTimes' as cycle_times from cluster where id = $1`, [cluster.clusterId]);
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
  const ends: StoredOffset[] = [];
  for (const row of await readSamples(on, 'topic_offset_sample', 'topic_id', [...topics], last.at, spanMs)) {
    for (const { partition, highWatermark } of unpackTopicSample(row.packed)) ends.push({ topicId: row.id, partition, at: row.at.getTime(), offset: highWatermark });
  }
  const commits: (StoredOffset & { groupId: number })[] = [];
  for (const row of await readSamples(on, 'group_commit_sample', 'group_id', groups, last.at, spanMs)) {
    for (const { topicId, partition, committedOffset } of unpackCommitSample(row.packed)) commits.push({ groupId: row.id, topicId, partition, at: row.at.getTime(), offset: committedOffset });
  }
  const { at, interval_ms: intervalMs } = last;
  // A version before this one stored none: then there was a cycle in every interval.
  restoreWindows(cluster, ends, commits, last.cycle_times ?? Array.from({ length: WINDOW_SLOTS }, (_, slot) => at.getTime() - (WINDOW_SLOTS - 1 - slot) * intervalMs));
}

/** Raw samples live two hours. */
const SAMPLES_MS = 2 * 3_600_000;
/** Rows before the window for what it began with: of a topic or group that moves in every cycle the last ones say it, of one that seldom moves all of them are few. */
const ROWS_BEFORE = 20;

async function readSamples(on: Statements, table: 'topic_offset_sample' | 'group_commit_sample', column: 'topic_id' | 'group_id', ids: readonly number[], lastAt: Date, spanMs: number): Promise<{ id: number; at: Date; packed: Buffer }[]> {
  return on.query<{ id: number; at: Date; packed: Buffer }>(
    `select n.id, s.at, s.packed from unnest($1::int[]) as n(id), lateral (
       (select at, packed from ${table} where ${column} = n.id and at > $2)
       union all (select at, packed from ${table} where ${column} = n.id and at <= $2 and at > $3 order by at desc limit ${ROWS_BEFORE})
     ) s order by s.at`,
    [ids, new Date(lastAt.getTime() - spanMs), new Date(lastAt.getTime() - SAMPLES_MS)],
  );
}
