import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count } from './in-words.ts';

/** Members that were given nothing, because there are more of them than partitions. */
export function diagnoseIdleMembers(facts: DiagnosisFacts): Cause | null {
  // Members of a share group hold partitions together; during a rebalance nobody holds any.
  if (facts.members === null || facts.type === 'share' || facts.status === 'rebalancing') return null;
  const idle = facts.members.filter((member) => member.assignments.every(({ partitions }) => partitions.length === 0));
  const assigned = new Set(facts.members.flatMap((member) => member.assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => `${topic}:${partition}`))));
  if (idle.length === 0 || assigned.size === 0 || facts.members.length <= assigned.size) return null;
  const waits = facts.lag !== null && facts.lag > 0n && facts.status !== 'ok';
  return {
    kind: 'idle-members',
    weight: waits ? 0.6 : 0.2,
    headline: `${idle.length} of ${count(facts.members.length, 'member')} ${idle.length === 1 ? 'has' : 'have'} nothing to do: there ${assigned.size === 1 ? 'is' : 'are'} only ${count(assigned.size, 'partition')}.`,
    evidence: [`Without a partition: ${idle.slice(0, 5).map((member) => `${member.clientId || member.memberId} on ${member.host}`).join(', ')}${idle.length > 5 ? ` and ${idle.length - 5} more` : ''}.`],
    nextStep: waits ? 'More members do not help here. Add partitions to the topic, or process several records at once in each member.' : `Stop ${count(idle.length, 'member')}, or keep ${idle.length === 1 ? 'it' : 'them'} as a reserve for when another fails.`,
  };
}
