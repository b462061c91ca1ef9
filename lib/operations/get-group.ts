import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { secondsSince } from '#lib/lag/anchors.ts';
import { partitionLag } from '#lib/lag/partition-lag.ts';
import type { GroupMember } from '#lib/model/lag.ts';
import { readGroupPartitions } from '#lib/store/lag/read-group-partitions.ts';
import { readGroups } from '#lib/store/lag/read-groups.ts';
import { readUncommittedPartitions } from '#lib/store/lag/read-uncommitted-partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';
import { asQuality, asStatus, groupSummarySchema, lagStatusSchema, secondsQualitySchema, toGroupSummary } from './group-shape.ts';
import { requireCluster } from './list-groups.ts';

export const groupPartitionSchema = z.object({
  topic: z.string(),
  partition: z.number().int(),
  committedOffset: offsetSchema.nullable().describe('null = no commit'),
  endOffset: offsetSchema.nullable().describe('high watermark'),
  lastStableOffset: offsetSchema.nullable(),
  logStartOffset: offsetSchema.nullable(),
  lag: offsetSchema.nullable(),
  lagSeconds: z.number().nullable(),
  lagSecondsQuality: secondsQualitySchema,
  status: lagStatusSchema,
  statusSince: timeSchema.nullable(),
  member: z.string().nullable().describe('client id of the member the partition is assigned to'),
  memberHost: z.string().nullable(),
  observedAt: timeSchema.nullable(),
  committedAt: timeSchema.nullable().describe('when a change of the commit was last seen'),
  lost: offsetSchema.nullable(),
  blocked: offsetSchema.nullable().describe('offsets behind an open transaction'),
  retentionUsed: z.number().nullable().describe('share of the log that is unread, 0 to 1'),
  leader: z.number().int().nullable(),
  error: z.string().nullable(),
});

export const groupMemberSchema = z.object({
  memberId: z.string(),
  clientId: z.string(),
  host: z.string(),
  instanceId: z.string().nullable(),
  assignments: z.array(z.object({ topic: z.string(), partitions: z.array(z.number().int()) })),
  subscriptions: z.array(z.string()).exactOptional().describe('topics it asked for by name, also those that do not exist; absent where the protocol does not say'),
});

export const groupDetailSchema = groupSummarySchema.extend({
  protocol: z.string().nullable(),
  coordinator: z.number().int().nullable(),
  partitions: z.array(groupPartitionSchema),
  memberList: z.array(groupMemberSchema),
  membersAt: timeSchema.nullable(),
});
export type GroupDetail = z.output<typeof groupDetailSchema>;
export type GroupPartition = z.output<typeof groupPartitionSchema>;

/**
 * One group with its partitions and members, as of `now`. A partition that a member holds without a commit is one of them.
 * @throws WaybillError `cluster-not-found`, `group-not-found` 404
 */
export async function getGroup(store: Store, input: { cluster: string; group: string; now: Date }): Promise<GroupDetail> {
  const clusterId = await requireCluster(store, input.cluster);
  const [row] = await readGroups(store, { cluster: input.cluster, group: input.group, now: input.now });
  if (!row) throw new WaybillError('group-not-found', `The cluster "${input.cluster}" has no group "${input.group}". It may have been deleted, or never have committed.`, { status: 404 });
  const [committed, stored] = await Promise.all([
    readGroupPartitions(store, row.id),
    store.prisma.consumerGroup.findUniqueOrThrow({ where: { id: row.id }, select: { members: true, membersAt: true } }),
  ]);
  const summary = toGroupSummary(row, input.now);
  const members = z.array(groupMemberSchema).catch([]).parse(stored.members) satisfies GroupMember[];
  const owner = new Map<string, GroupMember>();
  for (const member of members) for (const { topic, partitions: assigned } of member.assignments) for (const partition of assigned) owner.set(`${topic}:${partition}`, member);
  const known = new Set(committed.map((p) => `${p.topic}:${p.partition}`));
  // Of a share group several members may hold the same partition.
  const assigned = new Map(members.flatMap((member) => member.assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => [`${topic}:${partition}`, { topic, partition }] as const))));
  const uncommitted = await readUncommittedPartitions(store, clusterId, [...assigned].filter(([key]) => !known.has(key)).map(([, at]) => at));
  const partitions = uncommitted.length === 0 ? committed : [...committed, ...uncommitted].toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
  return {
    ...summary,
    protocol: row.protocol,
    coordinator: row.coordinator,
    memberList: members,
    membersAt: stored.membersAt?.toISOString() ?? null,
    partitions: partitions.map((p): GroupPartition => {
      const figures = partitionLag({ committedOffset: p.committed_offset, acknowledgedAhead: p.acknowledged_ahead, endOffset: p.high_watermark, lastStableOffset: p.last_stable_offset, logStartOffset: p.log_start_offset });
      const observed = p.failed_since ?? (summary.observedAt === null ? null : new Date(summary.observedAt));
      const asOfMs = summary.stale || p.failed_since !== null ? (observed?.getTime() ?? input.now.getTime()) : input.now.getTime();
      const lagSeconds = figures.lag === null ? null : figures.lag === 0n ? 0 : secondsSince(p.oldest_at?.getTime() ?? null, asOfMs);
      const member = owner.get(`${p.topic}:${p.partition}`);
      return {
        topic: p.topic,
        partition: p.partition,
        committedOffset: p.committed_offset?.toString() ?? null,
        endOffset: p.high_watermark?.toString() ?? null,
        lastStableOffset: p.last_stable_offset?.toString() ?? null,
        logStartOffset: p.log_start_offset?.toString() ?? null,
        lag: figures.lag?.toString() ?? null,
        lagSeconds,
        lagSecondsQuality: lagSeconds === null ? 'unknown' : figures.lag === 0n ? 'exact' : asQuality(p.oldest_quality),
        // Stored is the last status that was known; while the end cannot be read it is unknown.
        status: summary.stale || p.failed_since !== null ? 'unknown' : asStatus(p.status),
        statusSince: p.status_since?.toISOString() ?? null,
        member: member?.clientId ?? null,
        memberHost: member?.host ?? null,
        observedAt: observed?.toISOString() ?? null,
        committedAt: p.committed_at?.toISOString() ?? null,
        lost: figures.lost?.toString() ?? null,
        blocked: figures.blocked?.toString() ?? null,
        retentionUsed: figures.retentionUsed,
        leader: p.leader,
        error: p.last_error,
      };
    }),
  };
}
