import { observeEnd } from '#lib/lag/anchors.ts';
import { type ClusterState, createClusterState, createGroup, createGroupPartition, createTopicPartition, type GroupState } from '#lib/lag/cluster-state.ts';
import type { HiddenTopics } from '#lib/lag/hidden-topics.ts';
import type { CommitsEnded } from '#lib/lag/how-commits-ended.ts';
import { unpackTopicSample } from '#lib/lag/pack-sample.ts';
import type { GroupType, LagStatus, SecondsQuality } from '#lib/model/lag.ts';
import type { Statements } from '../store.ts';
import { loadWindows } from './load-windows.ts';

/** Raw samples live two hours (design.md); that far back anchors can be rebuilt. */
const ANCHOR_SPAN_MS = 2 * 3_600_000;
/** That far back every sample is read. */
const WHOLE_SPAN_MS = 600_000;

/** Everything a collector needs to go on where another one ended: a restart changes no status and no age. */
export async function loadClusterState(on: Statements, clusterId: number, now: Date): Promise<ClusterState> {
  const cluster = createClusterState(clusterId);
  const nowMs = now.getTime();
  for (const row of await on.query<{ id: number; name: string; kafka_topic_id: string; partition_count: number; internal: boolean }>(
    'select id, name, kafka_topic_id, partition_count, internal from topic where cluster_id = $1 and deleted_at is null',
    [clusterId],
  )) {
    const topic = {
      id: row.id,
      name: row.name,
      kafkaTopicId: row.kafka_topic_id,
      internal: row.internal,
      partitions: Array.from({ length: row.partition_count }, () => createTopicPartition(nowMs)),
    };
    cluster.topics.set(topic.name, topic);
    cluster.topicsById.set(topic.id, topic);
  }

  const [last] = await on.query<{ interval_ms: number | null; cycle_times: number[] | null }>(`select (last_cycle->>'intervalMs')::int as interval_ms, last_cycle->'cycleTimes' as cycle_times from cluster where id = $1`, [clusterId]);
  cluster.pastCycles = last?.cycle_times ?? [];
  const wholeFromMs = nowMs - WHOLE_SPAN_MS;
  // All rows of the last minutes, then one in about five minutes: values are absolute, so rows may be skipped.
  for (const row of await on.query<{ topic_id: number; at: Date; packed: Buffer }>(
    `select s.topic_id, s.at, s.packed from topic_offset_sample s join topic t on t.id = s.topic_id
     where t.cluster_id = $1 and t.deleted_at is null and s.at > $2 and (s.at > $3 or mod(extract(epoch from s.at)::bigint, 300) < 15) order by s.at`,
    [clusterId, new Date(nowMs - ANCHOR_SPAN_MS), new Date(wholeFromMs)],
  )) {
    const topic = cluster.topicsById.get(row.topic_id);
    if (!topic) continue;
    for (const entry of unpackTopicSample(row.packed)) {
      const partition = topic.partitions[entry.partition];
      if (!partition || entry.highWatermark === null) continue;
      const { offsets } = partition.anchors;
      const before = offsets[offsets.length - 1];
      // Samples tell only of changes: until the cycle before, the end was still found where it stood.
      const lookedAt = row.at.getTime() > wholeFromMs ? cycleBefore(cluster.pastCycles, row.at.getTime(), last?.interval_ms ?? null) : null;
      if (before !== undefined && lookedAt !== null) observeEnd(partition.anchors, before, lookedAt);
      observeEnd(partition.anchors, entry.highWatermark, row.at.getTime());
    }
  }

  for (const row of await on.query<{ topic_id: number; partition: number; leader: number | null; high_watermark: bigint | null; last_stable_offset: bigint | null; log_start_offset: bigint | null; changed_at: Date; failed_since: Date | null; last_error: string | null; last_cycle_at: Date | null }>(
    'select o.*, c.last_cycle_at from topic_partition_offset o join topic t on t.id = o.topic_id join cluster c on c.id = t.cluster_id where t.cluster_id = $1 and t.deleted_at is null',
    [clusterId],
  )) {
    const state = cluster.topicsById.get(row.topic_id)?.partitions[row.partition];
    if (!state) continue;
    state.leader = row.leader;
    state.endOffset = row.high_watermark;
    state.lastStableOffset = row.last_stable_offset;
    state.logStartOffset = row.log_start_offset;
    state.changedAt = row.changed_at.getTime();
    state.failedSince = row.failed_since?.getTime() ?? null;
    state.error = row.last_error;
    // The end stood there when it last changed, however long ago that is.
    if (row.high_watermark !== null && state.anchors.offsets.length === 0) observeEnd(state.anchors, row.high_watermark, row.changed_at.getTime());
    // And the last cycle that could read it still found it there: samples tell only of changes.
    const seenUntil = row.failed_since ?? row.last_cycle_at;
    if (row.high_watermark !== null && seenUntil !== null) observeEnd(state.anchors, row.high_watermark, seenUntil.getTime());
  }

  const byId = new Map<number, ReturnType<typeof groupOf>>();
  for (const row of await on.query<GroupRow>(
    'select id, name, type, state, coordinator, members::text as members, members_at, hidden, memberless_since, ended, status, status_since, known_status, known_since, rebalancing_since, failed_since, last_good_at, last_error from consumer_group where cluster_id = $1 and deleted_at is null',
    [clusterId],
  )) {
    const group = groupOf(row);
    cluster.groups.set(group.name, group);
    byId.set(group.id, group);
  }
  for (const row of await on.query<PartitionRow>('select o.* from group_partition_offset o join consumer_group g on g.id = o.group_id where g.cluster_id = $1 and g.deleted_at is null', [clusterId])) {
    const group = byId.get(row.group_id);
    if (!group || !cluster.topicsById.has(row.topic_id)) continue;
    const state = createGroupPartition(row.topic_id, row.partition, nowMs);
    state.committedOffset = row.committed_offset;
    state.acknowledgedAhead = row.acknowledged_ahead;
    state.committedAt = row.committed_at?.getTime() ?? null;
    state.previousOffset = row.previous_offset;
    state.oldestAt = row.oldest_at?.getTime() ?? null;
    state.oldestQuality = row.oldest_quality as SecondsQuality | null;
    state.commitGapMs = row.commit_gap_ms;
    state.rewoundAt = row.rewound_at?.getTime() ?? null;
    state.endAtCommit = row.end_at_commit;
    state.watchedSince = row.watched_since.getTime();
    state.status = row.status as LagStatus;
    state.statusSince = row.status_since?.getTime() ?? null;
    state.vanished = row.committed_offset === null && row.status === 'expired';
    if (state.status !== 'unknown') {
      state.known = state.status;
      state.knownSince = state.statusSince;
    }
    // Stored is what was known; while reading fails, it is unknown.
    const failedSince = group.failedSince ?? cluster.topicsById.get(row.topic_id)?.partitions[row.partition]?.failedSince ?? null;
    if (failedSince !== null && state.status !== 'unknown') {
      state.status = 'unknown';
      state.statusSince = failedSince;
    }
    let byPartition = group.partitions.get(row.topic_id);
    if (!byPartition) group.partitions.set(row.topic_id, (byPartition = new Map()));
    byPartition.set(row.partition, state);
  }
  await loadWindows(on, cluster, now);
  return cluster;
}

/** When the cycle before the one at `atMs` looked; where that is not stored any more, one interval before. */
function cycleBefore(cycles: readonly number[], atMs: number, intervalMs: number | null): number | null {
  let found: number | null = null;
  for (const at of cycles) if (at < atMs) found = at;
  return found ?? (intervalMs === null ? null : atMs - intervalMs);
}

interface GroupRow {
  id: number;
  name: string;
  type: string;
  state: string;
  coordinator: number | null;
  members: string;
  members_at: Date | null;
  hidden: HiddenTopics | null;
  memberless_since: Date | null;
  ended: CommitsEnded | null;
  status: string;
  status_since: Date | null;
  known_status: string | null;
  known_since: Date | null;
  rebalancing_since: Date | null;
  failed_since: Date | null;
  last_good_at: Date | null;
  last_error: string | null;
}

interface PartitionRow {
  group_id: number;
  topic_id: number;
  partition: number;
  committed_offset: bigint | null;
  acknowledged_ahead: bigint;
  committed_at: Date | null;
  previous_offset: bigint | null;
  oldest_at: Date | null;
  oldest_quality: string | null;
  commit_gap_ms: number | null;
  rewound_at: Date | null;
  end_at_commit: bigint | null;
  watched_since: Date;
  status: string;
  status_since: Date | null;
}

function groupOf(row: GroupRow): GroupState {
  const status = row.status as LagStatus;
  const statusSince = row.status_since?.getTime() ?? null;
  const memberCount = row.members_at === null && row.state !== 'Empty' ? null : (JSON.parse(row.members) as unknown[]).length;
  return {
    ...createGroup(row.id, row.name),
    type: row.type as GroupType,
    state: row.state,
    coordinator: row.coordinator,
    memberCount,
    hidden: row.hidden,
    memberlessSince: row.memberless_since?.getTime() ?? null,
    ended: row.ended,
    rebalancingSince: row.rebalancing_since?.getTime() ?? null,
    failedSince: row.failed_since?.getTime() ?? null,
    lastGoodAt: row.last_good_at?.getTime() ?? null,
    error: row.last_error,
    status,
    statusSince,
    known: status !== 'unknown' ? status : ((row.known_status ?? 'ok') as LagStatus),
    knownSince: status !== 'unknown' ? statusSince : (row.known_since?.getTime() ?? null),
  };
}
