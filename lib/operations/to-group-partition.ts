import { secondsSince } from '#lib/lag/anchors.ts';
import type { PartitionEvidence } from '#lib/lag/diagnosis-facts.ts';
import { handlingOf, retriesAt, topKey } from '#lib/lag/handling.ts';
import { explainClock } from '#lib/lag/judge-clock.ts';
import { partitionLag } from '#lib/lag/partition-lag.ts';
import { timeToDrain } from '#lib/lag/time-to-drain.ts';
import { timeToLoss } from '#lib/lag/time-to-loss.ts';
import type { GroupMember } from '#lib/model/lag.ts';
import type { GroupPartitionFigures } from '#lib/store/lag/read-group-partitions.ts';
import type { GroupPartition } from './group-detail-shape.ts';
import { asQuality, asStatus, BACKLOG_SECONDS, type GroupSummary } from './group-shape.ts';
import type { GroupEvidence } from './read-group-evidence.ts';

/** One partition of a group twice: as evidence for the diagnosis, with its numbers, and as it goes out. */
export function toGroupPartition(
  p: GroupPartitionFigures,
  { summary, evidence, owner, now, hangingAfterMs }: { summary: GroupSummary; evidence: GroupEvidence; owner: GroupMember | undefined; now: Date; hangingAfterMs: number },
): { facts: PartitionEvidence; wire: GroupPartition } {
  const nowMs = now.getTime();
  const position = { committedOffset: p.committed_offset, acknowledgedAhead: p.acknowledged_ahead, endOffset: p.high_watermark, lastStableOffset: p.last_stable_offset, logStartOffset: p.log_start_offset };
  const figures = partitionLag(position);
  const observed = p.failed_since ?? (summary.observedAt === null ? null : new Date(summary.observedAt));
  const asOfMs = summary.stale || p.failed_since !== null ? (observed?.getTime() ?? nowMs) : nowMs;
  const lagSeconds = figures.lag === null ? null : figures.lag === 0n ? 0 : secondsSince(p.oldest_at?.getTime() ?? null, asOfMs);
  const around = evidence.partitions.get(`${p.topic_id}:${p.partition}`);
  const settings = evidence.topics.get(p.topic_id);
  const handled = around && around.attempts.length + around.deadRecords.length > 0 ? handlingOf(around.attempts, around.deadRecords) : null;
  const retries = around ? retriesAt(around.attempts, p.committed_offset) : null;
  const loss = timeToLoss({ position, oldestAt: p.oldest_at?.getTime() ?? null, retentionMs: settings?.retentionMs ?? null, deletesBySize: settings?.deletesBySize ?? null, logStartPerSecond: around?.logStartPerSecond ?? null }, nowMs);
  const block = around?.block ?? null;
  const clock = settings?.clocks.find((one) => one.partition === p.partition) ?? null;
  // Stored is the last status that was known; while the end cannot be read it is unknown.
  const status = summary.stale || p.failed_since !== null ? 'unknown' : asStatus(p.status);
  const produced = around?.produced.perSecond ?? null;
  const consumed = around?.consumed.perSecond ?? null;
  const passing = (status === 'ok' || status === 'empty') && figures.lag !== 0n && lagSeconds !== null && lagSeconds < BACKLOG_SECONDS;
  const drain = passing ? null : timeToDrain(figures.lag, produced, consumed);
  const facts: PartitionEvidence = {
    topic: p.topic,
    partition: p.partition,
    committedOffset: p.committed_offset,
    endOffset: p.high_watermark,
    lastStableOffset: p.last_stable_offset,
    logStartOffset: p.log_start_offset,
    lag: figures.lag,
    lost: figures.lost,
    lagSeconds,
    status,
    producedPerSecond: produced,
    consumedPerSecond: consumed,
    committedAt: p.committed_at?.getTime() ?? null,
    movedAt: p.changed_at?.getTime() ?? null,
    leader: p.leader,
    owner: owner?.memberId ?? null,
    error: p.failed_since === null ? null : (p.last_error ?? 'The broker gave no offset.'),
    loss,
    label: settings?.label ?? null,
    clock,
    block,
    handling: handled,
    retries,
    topKey: around ? topKey(around.attempts) : null,
  };
  const wire: GroupPartition = {
    topic: p.topic,
    partition: p.partition,
    committedOffset: p.committed_offset?.toString() ?? null,
    endOffset: p.high_watermark?.toString() ?? null,
    lastStableOffset: p.last_stable_offset?.toString() ?? null,
    logStartOffset: p.log_start_offset?.toString() ?? null,
    lag: figures.lag?.toString() ?? null,
    lagSeconds,
    lagSecondsQuality: lagSeconds === null ? 'unknown' : figures.lag === 0n ? 'exact' : asQuality(p.oldest_quality),
    clockWarning: clock === null ? null : explainClock(p.topic, clock),
    status,
    statusSince: p.status_since?.toISOString() ?? null,
    member: owner?.clientId ?? null,
    memberHost: owner?.host ?? null,
    // What was never read was never observed.
    observedAt: p.failed_since !== null && p.changed_at === null ? null : (observed?.toISOString() ?? null),
    committedAt: p.committed_at?.toISOString() ?? null,
    lost: figures.lost?.toString() ?? null,
    blocked: figures.blocked?.toString() ?? null,
    blockedSince: block === null ? null : new Date(block.since).toISOString(),
    hanging: block !== null && nowMs - block.since >= hangingAfterMs && p.committed_offset !== null && p.committed_offset >= block.lastStableOffset,
    openTransactions: (block?.transactions ?? []).map((one) => ({
      producerId: one.producerId.toString(),
      producerEpoch: one.producerEpoch,
      transactionalId: one.transactionalId,
      state: one.state,
      startOffset: one.startOffset.toString(),
      startedAt: one.startedAt === null ? null : new Date(one.startedAt).toISOString(),
      timeoutSeconds: one.timeoutMs === null ? null : one.timeoutMs / 1_000,
      coordinator: one.coordinator,
    })),
    retentionUsed: figures.retentionUsed,
    lossBy: loss === null || loss === 'never' ? null : loss.by,
    lossSeconds: loss === null || loss === 'never' ? null : loss.seconds,
    offsetLabel: settings?.label ?? null,
    attempts: handled === null || handled.attempts === 0 ? null : handled.attempts,
    failedAttempts: handled === null || handled.attempts === 0 ? null : handled.failed,
    deadLetters: handled?.deadLetters ?? 0,
    errorRate: handled?.errorRate ?? null,
    retries: retries === null ? null : { offset: retries.offset.toString(), attempts: retries.attempts, error: retries.error },
    producedPerSecond: produced,
    consumedPerSecond: consumed,
    drainSeconds: drain !== null && drain !== 'never' ? drain.seconds : null,
    neverDrains: drain === 'never',
    leader: p.leader,
    error: p.last_error,
  };
  return { facts, wire };
}
