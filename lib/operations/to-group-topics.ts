import type { PartitionEvidence } from '#lib/lag/diagnosis-facts.ts';
import { handlingOf } from '#lib/lag/handling.ts';
import { timeToDrain } from '#lib/lag/time-to-drain.ts';
import type { GroupPartition, GroupTopic } from './group-detail-shape.ts';
import { BACKLOG_SECONDS } from './group-shape.ts';
import type { GroupEvidence } from './read-group-evidence.ts';

/** Figures of a group by topic, most lag first. A sum is of the partitions that are known, and null where none is. */
export function toGroupTopics(partitions: readonly { facts: PartitionEvidence; wire: GroupPartition }[], evidence: GroupEvidence): GroupTopic[] {
  const byTopic = new Map<string, { facts: PartitionEvidence; wire: GroupPartition }[]>();
  for (const partition of partitions) {
    const list = byTopic.get(partition.facts.topic);
    if (list) list.push(partition);
    else byTopic.set(partition.facts.topic, [partition]);
  }
  const topics = [...byTopic].map(([topic, list]): { figures: GroupTopic; sum: bigint } => {
    const lag = sumOf(list.map(({ facts }) => facts.lag));
    const oldest = list.reduce<GroupPartition | null>((found, { wire }) => (wire.lagSeconds !== null && wire.lag !== '0' && (found?.lagSeconds === null || found === null || wire.lagSeconds > found.lagSeconds) ? wire : found), null);
    const produced = rateOf(list.map(({ facts }) => facts.producedPerSecond));
    const consumed = rateOf(list.map(({ facts }) => facts.consumedPerSecond));
    const calm = list.every(({ facts }) => facts.status === 'ok' || facts.status === 'empty') && lag !== 0n && (oldest?.lagSeconds ?? Infinity) < BACKLOG_SECONDS;
    const drain = calm ? null : timeToDrain(lag, produced, consumed);
    const losses = list.flatMap(({ wire }) => (wire.lossSeconds === null ? [] : [wire.lossSeconds]));
    const handled = handlingOf(evidence.attempts.filter((attempt) => attempt.topic === topic), evidence.deadRecords.filter((dead) => dead.topic === topic));
    const figures: GroupTopic = {
      topic,
      partitionCount: list.length,
      partitionsBehind: list.filter(({ facts }) => facts.lag !== null && facts.lag > 0n).length,
      lag: lag?.toString() ?? null,
      lagSeconds: lag === null ? null : lag === 0n ? 0 : (oldest?.lagSeconds ?? null),
      lagSecondsQuality: lag === 0n ? 'exact' : (oldest?.lagSecondsQuality ?? 'unknown'),
      lost: (sumOf(list.map(({ facts }) => facts.lost)) ?? 0n).toString(),
      blocked: sumOf(list.map(({ wire }) => (wire.blocked === null ? null : BigInt(wire.blocked))))?.toString() ?? null,
      offsetLabel: list[0]?.facts.label ?? null,
      producedPerSecond: produced,
      consumedPerSecond: consumed,
      drainSeconds: drain !== null && drain !== 'never' ? drain.seconds : null,
      neverDrains: drain === 'never',
      lossSeconds: losses.length === 0 ? null : Math.min(...losses),
      errorRate: handled.errorRate,
    };
    return { figures, sum: lag ?? -1n };
  });
  return topics.toSorted((a, b) => (a.sum < b.sum ? 1 : a.sum > b.sum ? -1 : a.figures.topic < b.figures.topic ? -1 : 1)).map(({ figures }) => figures);
}

function sumOf(values: readonly (bigint | null)[]): bigint | null {
  return values.reduce<bigint | null>((sum, value) => (value === null ? sum : (sum ?? 0n) + value), null);
}

function rateOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (value === null ? sum : (sum ?? 0) + value), null);
}
