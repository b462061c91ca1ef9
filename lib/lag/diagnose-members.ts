import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count, partitionList, words } from './in-words.ts';

/** Records wait and nobody is connected. */
export function diagnoseNoMember(facts: DiagnosisFacts): Cause | null {
  if (facts.lag === null || facts.lag === 0n) return null;
  const lastCommit = latestCommit(facts);
  // A group that only commits shows no members: that its commits ended is all there is to see.
  if (facts.type === 'simple' && facts.status === 'stopped') {
    return {
      kind: 'no-member',
      weight: 0.6,
      headline: `${facts.group} commits without joining as a member, and ${lastCommit === null ? 'no commit was seen since Waybill watches it' : `has not committed for ${words(facts.nowMs - lastCommit)}`}.`,
      evidence: [`${count(facts.lag, 'record')} ${facts.lag === 1n ? 'waits' : 'wait'}. Whether its process still runs, the broker does not know.`],
      nextStep: 'Look at the process that commits for it (a stream processor, a connector or a script). If it is retired, delete the group.',
    };
  }
  if (!facts.memberless) return null;
  return {
    kind: 'no-member',
    weight: 0.93,
    headline: `No member of ${facts.group} is connected, and ${count(facts.lag, 'record')} ${facts.lag === 1n ? 'waits' : 'wait'}.`,
    evidence: [lastCommit === null ? 'No commit was seen since Waybill watches the group.' : `The last commit was seen ${words(facts.nowMs - lastCommit)} ago.`],
    nextStep: 'Start its consumers, and look why they ended. If the group is retired, delete it, so that it stops counting.',
  };
}

/** Members are connected and hold partitions with records, and none of them commits. */
export function diagnoseSilentMembers(facts: DiagnosisFacts): Cause | null {
  if (facts.memberless || facts.status !== 'stopped' || facts.members === null || facts.members.length === 0) return null;
  const lastCommit = latestCommit(facts);
  const seen = facts.handling !== null && facts.handling.attempts > 0 ? facts.handling : null;
  return {
    kind: 'silent-members',
    weight: 0.65,
    headline: `${count(facts.members.length, 'member')} ${facts.members.length === 1 ? 'is' : 'are'} connected, but none commits.`,
    evidence: [
      lastCommit === null ? 'No commit was seen since Waybill watches the group.' : `The last commit was seen ${words(facts.nowMs - lastCommit)} ago.`,
      ...(seen ? [`Spans show ${count(seen.attempts, 'attempt')} in the last minutes, ${seen.failed} of them failed: it works on something.`] : []),
      `Connected: ${facts.members.slice(0, 4).map((member) => `${member.clientId || member.memberId} on ${member.host}`).join(', ')}${facts.members.length > 4 ? ` and ${facts.members.length - 4} more` : ''}.`,
    ],
    nextStep: seen ? 'They process and do not commit: look for a commit that is missing or fails (enable.auto.commit, errors of the commit in their logs).' : 'They send heartbeats and do not come back for records: look for a call that hangs, a paused consumer or a deadlock. A thread dump of one of them shows it.',
  };
}

/** Partitions that wait and belong to no member although there are members. */
export function diagnoseUnownedPartitions(facts: DiagnosisFacts): Cause | null {
  // Of members that assign by hand (no subscription) and of share groups the owner is not known.
  if (facts.members === null || facts.members.length === 0 || facts.status === 'rebalancing' || facts.type === 'share' || facts.type === 'simple') return null;
  const assigned = facts.members.some((member) => member.assignments.some(({ partitions }) => partitions.length > 0));
  if (!assigned) return null;
  const unowned = facts.partitions.filter((p) => p.owner === null && p.lag !== null && p.lag > 0n);
  const [first] = unowned;
  if (!first) return null;
  const lag = unowned.reduce((sum, p) => sum + (p.lag ?? 0n), 0n);
  const topics = [...new Set(unowned.map((p) => p.topic))];
  const dropped = topics.filter((topic) => facts.partitions.every((p) => p.topic !== topic || p.owner === null));
  return {
    kind: 'unowned-partitions',
    weight: 0.82,
    headline: dropped.length === topics.length && dropped.length > 0
      ? `No member reads ${dropped.slice(0, 2).join(' and ')}${dropped.length > 2 ? ` and ${dropped.length - 2} more topics` : ''} any more, and ${count(lag, 'record')} ${lag === 1n ? 'waits' : 'wait'} there.`
      : `${topics[0]} ${partitionList(unowned.filter((p) => p.topic === topics[0]).map((p) => p.partition))} ${unowned.length === 1 ? 'belongs' : 'belong'} to no member, and ${count(lag, 'record')} ${lag === 1n ? 'waits' : 'wait'} there.`,
    evidence: [`${count(facts.members.length, 'member')} ${facts.members.length === 1 ? 'holds' : 'hold'} ${count(facts.members.reduce((sum, member) => sum + member.assignments.reduce((n, { partitions }) => n + partitions.length, 0), 0), 'partition')}; ${unowned.length} with records ${unowned.length === 1 ? 'is' : 'are'} not among them.`],
    nextStep: dropped.length > 0 ? 'The members are not subscribed to it (any more). Delete the group\'s offsets for the topic if that is meant, or subscribe to it again.' : 'Look at the subscriptions and the assignor of the members: partitions that were added lately are taken up with the next rebalance (metadata.max.age.ms).',
  };
}

function latestCommit(facts: DiagnosisFacts): number | null {
  return facts.partitions.reduce<number | null>((latest, p) => (p.committedAt !== null && (latest === null || p.committedAt > latest) ? p.committedAt : latest), null);
}
