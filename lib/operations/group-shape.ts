import { z } from 'zod';
import { whyExpired } from '#lib/lag/explain-ending.ts';
import { type GroupFigures, explainGroup } from '#lib/lag/explain-group.ts';
import { hiddenPartitions } from '#lib/lag/hidden-topics.ts';
import { secondsSince } from '#lib/lag/anchors.ts';
import { statusTimes } from '#lib/lag/partition-status.ts';
import { timeToDrain } from '#lib/lag/time-to-drain.ts';
import { LAG_STATUSES, type LagStatus, type SecondsQuality } from '#lib/model/lag.ts';
import type { GroupFiguresRow } from '#lib/store/lag/read-groups.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';

// The wire shape of a group, shared by the list and the single group, and how stored figures become it.

export const lagStatusSchema = z.enum(LAG_STATUSES as readonly [LagStatus, ...LagStatus[]]);
export const secondsQualitySchema = z.enum(['exact', 'interpolated', 'at-least', 'unknown']);

export const groupSummarySchema = z.object({
  cluster: z.string(),
  group: z.string(),
  type: z.string().describe('classic, consumer (KIP-848), share (KIP-932), streams (KIP-1071), simple (commits without joining)'),
  state: z.string().describe('as the broker says'),
  status: lagStatusSchema,
  statusSince: timeSchema.nullable(),
  lastKnownStatus: lagStatusSchema.describe('the stored status; differs from status where the figures are too old to say'),
  verdict: z.string(),
  lag: offsetSchema.nullable().describe('records, null where no partition is known'),
  lagSeconds: z.number().nullable().describe('age of the oldest unprocessed record'),
  lagSecondsQuality: secondsQualitySchema,
  lost: offsetSchema.describe('records that retention deleted before they were read'),
  arrived: offsetSchema.nullable().describe('records that came since the commits last moved, where records wait'),
  watchedSeconds: z.number().nullable().describe('how long the group has been watched, where that is too short to tell a trend'),
  producedPerSecond: z.number().nullable(),
  consumedPerSecond: z.number().nullable(),
  drainSeconds: z.number().nullable().describe('null where it is not known or never'),
  neverDrains: z.boolean(),
  members: z.number().int().nullable(),
  topics: z.array(z.string()).describe('most lag first'),
  topicsBehind: z.number().int(),
  partitionCount: z.number().int(),
  partitionsBehind: z.number().int(),
  unknownPartitions: z.number().int(),
  uncommittedPartitions: z.number().int(),
  beyondPartitions: z.number().int().describe('with a commit beyond the end of the log: what waits there is not known'),
  observedAt: timeSchema.nullable().describe('when the figures were read; older than now where reading failed since'),
  stale: z.boolean(),
  error: z.string().nullable(),
  missingRight: z.string().nullable().describe('the right that Waybill lacks to see some of what the group reads; those partitions count as unknown'),
  topicsHidden: z.boolean().describe('Waybill may see only some topics of the cluster: that no commit is seen does not mean that there is none'),
  endedBecause: z.string().nullable().describe('of an expired group: why its commits count as expired; null where they may have been deleted as well'),
});
export type GroupSummary = z.output<typeof groupSummarySchema>;

/** A backlog whose oldest record is younger is one in passing. */
export const BACKLOG_SECONDS = 30;

const DEFAULT_INTERVAL_MS = 10_000;

/** How old figures may be: three cycles, or half a minute. */
export function staleAfterMs(intervalMs: number | null): number {
  return Math.max(3 * (intervalMs ?? DEFAULT_INTERVAL_MS), 30_000);
}

/** What is cheap to tell of stored figures as of `now`: enough to choose and to order groups by. */
export interface GroupAsOf {
  row: GroupFiguresRow;
  now: Date;
  /** "unknown" where the figures are too old to say. */
  status: LagStatus;
  /** Age of the oldest unprocessed record; it stops at the last reading. */
  lagSeconds: number | null;
  stale: boolean;
  failing: boolean;
  /** When the figures were read. */
  observed: Date | null;
}

export function groupAsOf(row: GroupFiguresRow, now: Date): GroupAsOf {
  const { lastCycleAt, intervalMs } = row.cluster;
  const failing = row.failed_since !== null;
  const observed = failing ? row.last_good_at : lastCycleAt;
  const nowMs = now.getTime();
  const stale = row.deleted_at === null && (lastCycleAt === null || nowMs - lastCycleAt.getTime() > staleAfterMs(intervalMs));
  const status: LagStatus = stale || failing ? 'unknown' : asStatus(row.status);
  const asOfMs = stale || failing ? (observed?.getTime() ?? nowMs) : nowMs;
  const lagSeconds = row.lag === null ? null : row.lag === 0n ? 0 : secondsSince(row.oldest_at?.getTime() ?? null, asOfMs);
  return { row, now, status, lagSeconds, stale, failing, observed };
}

/** Stored figures as of `now`. What is too old to say says "unknown" with its last known status beside it, and its age stops at its last reading. */
export function toGroupSummary({ row, now, status, lagSeconds, stale, failing, observed }: GroupAsOf): GroupSummary {
  const { cluster } = row;
  const nowMs = now.getTime();
  const stored = row.status === 'unknown' && row.known_status !== null ? asStatus(row.known_status) : asStatus(row.status);
  const statusSince = stale ? cluster.lastCycleAt : failing ? row.failed_since : row.status_since;
  const quality: SecondsQuality = lagSeconds === null ? 'unknown' : row.lag === 0n ? 'exact' : asQuality(row.oldest_quality);
  // Records in passing are no backlog: between two commits of a group that keeps up, any rate may be the higher one.
  const passing = (status === 'ok' || status === 'empty') && row.lag !== 0n && lagSeconds !== null && lagSeconds < BACKLOG_SECONDS;
  const drain = passing ? null : timeToDrain(row.lag, row.produced_per_second, row.consumed_per_second);
  const error = row.last_error ?? (stale ? (cluster.state === 'down' ? `The cluster does not answer: ${cluster.error ?? 'no reason given'}` : `Nothing was read since ${cluster.lastCycleAt?.toISOString() ?? 'Waybill started'}. Is the offsets collector running?`) : null);
  const windowMs = statusTimes(cluster.intervalMs ?? DEFAULT_INTERVAL_MS).windowMs;
  const youngMs = nowMs - row.first_seen_at.getTime();
  const watchedMs = youngMs < windowMs ? Math.max(0, youngMs) : null;
  const hidden = hiddenPartitions(row.hidden);
  const figures: GroupFigures = {
    name: row.name,
    status,
    statusSince: statusSince?.getTime() ?? null,
    lag: row.lag,
    oldestSeconds: lagSeconds,
    oldestQuality: quality,
    topics: row.topics,
    topicsBehind: row.topics_behind,
    partitionsBehind: row.partitions_behind,
    partitions: row.partitions,
    unknownPartitions: row.partitions_unknown + hidden,
    uncommittedPartitions: row.partitions_uncommitted,
    beyondPartitions: row.partitions_beyond,
    lost: row.lost,
    arrived: row.arrived,
    watchedMs,
    members: row.member_count,
    drain,
    error,
    hidden: row.hidden?.error ?? null,
    mayHide: cluster.topicsHidden === true,
    endedBecause: row.ended?.how === 'expired' ? whyExpired(row.ended) : null,
  };
  return {
    cluster: cluster.name,
    group: row.name,
    type: row.type,
    state: row.state,
    status,
    statusSince: statusSince?.toISOString() ?? null,
    lastKnownStatus: stored,
    verdict: explainGroup(figures, nowMs),
    lag: row.lag?.toString() ?? null,
    lagSeconds,
    lagSecondsQuality: quality,
    lost: row.lost.toString(),
    arrived: row.arrived?.toString() ?? null,
    watchedSeconds: watchedMs === null ? null : watchedMs / 1_000,
    producedPerSecond: row.produced_per_second,
    consumedPerSecond: row.consumed_per_second,
    drainSeconds: drain !== null && drain !== 'never' ? drain.seconds : null,
    neverDrains: drain === 'never',
    members: row.member_count,
    topics: row.topics,
    topicsBehind: row.topics_behind,
    partitionCount: row.partitions + hidden,
    partitionsBehind: row.partitions_behind,
    unknownPartitions: row.partitions_unknown + hidden,
    uncommittedPartitions: row.partitions_uncommitted,
    beyondPartitions: row.partitions_beyond,
    observedAt: observed?.toISOString() ?? null,
    stale: stale || failing,
    error,
    missingRight: figures.hidden,
    topicsHidden: figures.mayHide,
    endedBecause: figures.endedBecause,
  };
}

/** A stored word, as the word it is. A later version's word reads as unknown. */
export function asStatus(text: string): LagStatus {
  return LAG_STATUSES.find((status) => status === text) ?? 'unknown';
}

export function asQuality(text: string | null): SecondsQuality {
  return text === 'exact' || text === 'interpolated' || text === 'at-least' ? text : 'unknown';
}
