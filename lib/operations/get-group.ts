import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { explainEnding } from '#lib/lag/explain-ending.ts';
import { handlingOf } from '#lib/lag/handling.ts';
import type { HiddenTopics } from '#lib/lag/hidden-topics.ts';
import type { GroupMember } from '#lib/model/lag.ts';
import { readGoneGroup } from '#lib/store/lag/read-gone-group.ts';
import { readGroupPartitions } from '#lib/store/lag/read-group-partitions.ts';
import { readGroups } from '#lib/store/lag/read-groups.ts';
import { readUncommittedPartitions } from '#lib/store/lag/read-uncommitted-partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { diagnoseGroup } from './diagnose-group.ts';
import { type GroupDetail, groupMemberSchema } from './group-detail-shape.ts';
import { groupAsOf, toGroupSummary } from './group-shape.ts';
import { requireCluster } from './list-groups.ts';
import { readGroupEvidence } from './read-group-evidence.ts';
import { toGroupPartition } from './to-group-partition.ts';
import { toGroupTopics } from './to-group-topics.ts';

/** A last stable offset that stands for this long belongs to a transaction that hangs. */
const HANGING_AFTER_MS = 300_000;

/** Of a topic that Waybill may not see there is no row. */
const HIDDEN_TOPIC_ID = 0;

const cycleSchema = z.object({ readMs: z.number(), throttledMs: z.number() }).nullable().catch(null);

/**
 * One group with its topics, partitions and members, and likely causes of its state, as of `now`. A partition that a member holds without a commit is one of them.
 * @throws WaybillError `cluster-not-found`, `group-not-found` 404, `group-gone` 410 with what was known of it
 */
export async function getGroup(store: Store, input: { cluster: string; group: string; now: Date; hangingAfterMs?: number }): Promise<GroupDetail> {
  const { now, hangingAfterMs = HANGING_AFTER_MS } = input;
  const clusterId = await requireCluster(store, input.cluster);
  const [row] = await readGroups(store, { cluster: input.cluster, group: input.group, now });
  if (!row) throw await whyMissing(store, clusterId, input);
  const [committed, stored, cluster] = await Promise.all([
    readGroupPartitions(store, row.id),
    store.prisma.consumerGroup.findUnique({ where: { id: row.id }, select: { members: true, membersAt: true } }),
    store.prisma.cluster.findUniqueOrThrow({ where: { id: clusterId }, select: { lastCycle: true } }),
  ]);
  // Gone since it was found.
  if (stored === null) throw await whyMissing(store, clusterId, input);
  const summary = toGroupSummary(groupAsOf(row, now));
  const members = z.array(groupMemberSchema).catch([]).parse(stored.members) satisfies GroupMember[];
  const owner = new Map<string, GroupMember>();
  for (const member of members) for (const { topic, partitions } of member.assignments) for (const partition of partitions) owner.set(`${topic}:${partition}`, member);
  const figures = withHidden(await withUncommitted(store, clusterId, committed, members), row.hidden, row.first_seen_at);
  const evidence = await readGroupEvidence(store, {
    clusterId,
    groupId: row.id,
    group: row.name,
    partitions: figures,
    subscriptions: [...new Set(members.flatMap((member) => member.subscriptions ?? []))].filter((topic) => !row.hidden?.topics.some((one) => one.topic === topic)).slice(0, 1_000),
    asOfMs: summary.stale ? null : (row.cluster.lastCycleAt?.getTime() ?? null),
    now,
  });
  const partitions = figures.map((p) => toGroupPartition(p, { summary, evidence, owner: owner.get(`${p.topic}:${p.partition}`), now, hangingAfterMs }));
  const handled = handlingOf(evidence.attempts, evidence.deadRecords);
  const losses = partitions.flatMap(({ wire }) => (wire.lossSeconds === null ? [] : [wire.lossSeconds]));
  return {
    ...summary,
    protocol: row.protocol,
    coordinator: row.coordinator,
    diagnosis: diagnoseGroup({ summary, evidence, partitions: partitions.map(({ facts }) => facts), members: stored.membersAt === null ? null : members, hidden: row.hidden?.error ?? null, cycle: cycleSchema.parse(cluster.lastCycle), hangingAfterMs, now }),
    errorRate: handled.errorRate,
    attempts: handled.attempts === 0 ? null : handled.attempts,
    failedAttempts: handled.attempts === 0 ? null : handled.failed,
    deadLetters: handled.deadLetters,
    processingMs: handled.meanMs,
    lossSeconds: losses.length === 0 ? null : losses.reduce((least, seconds) => Math.min(least, seconds)),
    topicFigures: toGroupTopics(partitions, evidence),
    memberList: members,
    membersAt: stored.membersAt?.toISOString() ?? null,
    partitions: partitions.map(({ wire }) => wire),
  };
}

async function whyMissing(store: Store, clusterId: number, { cluster, group, now }: { cluster: string; group: string; now: Date }): Promise<WaybillError> {
  const gone = await readGoneGroup(store, clusterId, group);
  if (gone === null) return new WaybillError('group-not-found', `The cluster "${cluster}" has no group "${group}", and Waybill has never seen one of this name there.`, { status: 404 });
  const { ended, lag, topics, deletedAt } = gone;
  return new WaybillError('group-gone', explainEnding({ name: group, ended, lag, topics, lastSeenAt: deletedAt.getTime() }, now.getTime()), {
    status: 410,
    detail: { lastSeenAt: deletedAt.toISOString(), how: ended?.how ?? 'unclear', by: ended?.by ?? null, reason: ended?.reason ?? null, lag: lag?.toString() ?? null, topics },
  });
}

/** Partitions that members hold and Waybill may not see, in the shape of the others: nothing is known of them but the reason. */
function withHidden(figures: Figures, hidden: HiddenTopics | null, since: Date): Figures {
  if (hidden === null || hidden.topics.length === 0) return figures;
  const none = { committed_offset: null, acknowledged_ahead: 0n, committed_at: null, previous_offset: null, oldest_at: null, oldest_quality: null, end_at_commit: null, high_watermark: null, last_stable_offset: null, log_start_offset: null, leader: null, changed_at: null };
  const unseen = hidden.topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ ...none, topic_id: HIDDEN_TOPIC_ID, topic, partition, status: 'unknown', status_since: null, watched_since: since, failed_since: since, last_error: hidden.error })));
  return [...figures, ...unseen].toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
}

type Figures = Awaited<ReturnType<typeof readGroupPartitions>>;

async function withUncommitted(store: Store, clusterId: number, committed: Figures, members: readonly GroupMember[]): Promise<Figures> {
  const known = new Set(committed.map((p) => `${p.topic}:${p.partition}`));
  // Of a share group several members may hold the same partition.
  const assigned = new Map(members.flatMap((member) => member.assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => [`${topic}:${partition}`, { topic, partition }] as const))));
  const uncommitted = await readUncommittedPartitions(store, clusterId, [...assigned].filter(([key]) => !known.has(key)).map(([, at]) => at));
  return uncommitted.length === 0 ? committed : [...committed, ...uncommitted].toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
}
