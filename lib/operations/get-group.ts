import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { handlingOf } from '#lib/lag/handling.ts';
import type { GroupMember } from '#lib/model/lag.ts';
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

const cycleSchema = z.object({ readMs: z.number(), throttledMs: z.number() }).nullable().catch(null);

/**
 * One group with its topics, partitions and members, and likely causes of its state, as of `now`. A partition that a member holds without a commit is one of them.
 * @throws WaybillError `cluster-not-found`, `group-not-found` 404
 */
export async function getGroup(store: Store, input: { cluster: string; group: string; now: Date; hangingAfterMs?: number }): Promise<GroupDetail> {
  const { now, hangingAfterMs = HANGING_AFTER_MS } = input;
  const clusterId = await requireCluster(store, input.cluster);
  const [row] = await readGroups(store, { cluster: input.cluster, group: input.group, now });
  if (!row) throw new WaybillError('group-not-found', `The cluster "${input.cluster}" has no group "${input.group}". It may have been deleted, or never have committed.`, { status: 404 });
  const [committed, stored, cluster] = await Promise.all([
    readGroupPartitions(store, row.id),
    store.prisma.consumerGroup.findUniqueOrThrow({ where: { id: row.id }, select: { members: true, membersAt: true } }),
    store.prisma.cluster.findUniqueOrThrow({ where: { id: clusterId }, select: { lastCycle: true } }),
  ]);
  const summary = toGroupSummary(groupAsOf(row, now));
  const members = z.array(groupMemberSchema).catch([]).parse(stored.members) satisfies GroupMember[];
  const owner = new Map<string, GroupMember>();
  for (const member of members) for (const { topic, partitions } of member.assignments) for (const partition of partitions) owner.set(`${topic}:${partition}`, member);
  const figures = await withUncommitted(store, clusterId, committed, members);
  const evidence = await readGroupEvidence(store, {
    clusterId,
    groupId: row.id,
    group: row.name,
    partitions: figures,
    subscriptions: [...new Set(members.flatMap((member) => member.subscriptions ?? []))].slice(0, 1_000),
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
    diagnosis: diagnoseGroup({ summary, evidence, partitions: partitions.map(({ facts }) => facts), members: stored.membersAt === null ? null : members, cycle: cycleSchema.parse(cluster.lastCycle), hangingAfterMs, now }),
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

type Figures = Awaited<ReturnType<typeof readGroupPartitions>>;

async function withUncommitted(store: Store, clusterId: number, committed: Figures, members: readonly GroupMember[]): Promise<Figures> {
  const known = new Set(committed.map((p) => `${p.topic}:${p.partition}`));
  // Of a share group several members may hold the same partition.
  const assigned = new Map(members.flatMap((member) => member.assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => [`${topic}:${partition}`, { topic, partition }] as const))));
  const uncommitted = await readUncommittedPartitions(store, clusterId, [...assigned].filter(([key]) => !known.has(key)).map(([, at]) => at));
  return uncommitted.length === 0 ? committed : [...committed, ...uncommitted].toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
}
