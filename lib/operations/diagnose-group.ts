import { diagnose } from '#lib/lag/diagnose.ts';
import type { Cause, DiagnosisFacts, PartitionEvidence } from '#lib/lag/diagnosis-facts.ts';
import { handlingOf } from '#lib/lag/handling.ts';
import type { GroupMember } from '#lib/model/lag.ts';
import type { GroupSummary } from './group-shape.ts';
import type { GroupEvidence } from './read-group-evidence.ts';

/**
 * Likely causes of a group's status, from what is stored about it. Nothing where the figures are too old: a cause of yesterday explains nothing.
 * @param members null where they were not described
 */
export function diagnoseGroup(input: {
  summary: GroupSummary;
  evidence: GroupEvidence;
  partitions: readonly PartitionEvidence[];
  members: readonly GroupMember[] | null;
  hidden: string | null;
  cycle: DiagnosisFacts['cycle'];
  hangingAfterMs: number;
  now: Date;
}): Cause[] {
  const { summary, evidence } = input;
  if (summary.stale) return [];
  const handling = handlingOf(evidence.attempts, evidence.deadRecords);
  return diagnose({
    group: summary.group,
    type: summary.type,
    status: summary.status,
    statusSince: summary.statusSince === null ? null : Date.parse(summary.statusSince),
    lag: summary.lag === null ? null : BigInt(summary.lag),
    lagSeconds: summary.lagSeconds,
    producedPerSecond: summary.producedPerSecond,
    consumedPerSecond: summary.consumedPerSecond,
    memberless: summary.members === 0 && summary.type !== 'simple' && summary.type !== 'unknown',
    members: input.members,
    partitions: input.partitions,
    handling: handling.attempts === 0 ? null : handling,
    events: evidence.events,
    hidden: input.hidden,
    missingTopics: evidence.missingTopics,
    cycle: input.cycle,
    hangingAfterMs: input.hangingAfterMs,
    nowMs: input.now.getTime(),
  });
}
