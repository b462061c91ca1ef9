import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count, words } from './in-words.ts';

/** A deployment rolls through a group once; what goes on after that is a loop. */
const MIN_CHANGES = 4;

/** Members that leave and join again and again: each time partitions change hands, and reading stops. */
export function diagnoseRebalanceLoop(facts: DiagnosisFacts): Cause | null {
  const { rebalances, changes, joined, left, spanMs } = facts.events;
  const times = Math.max(rebalances, changes);
  const lasting = facts.status === 'rebalancing' && facts.statusSince !== null;
  // Both ways: a group that only grew was scaled.
  const loops = times >= MIN_CHANGES && (rebalances >= MIN_CHANGES || (joined >= 2 && left >= 2));
  if (!loops && !lasting) return null;
  const trouble = lasting || (facts.lag !== null && facts.lag > 0n && facts.status !== 'ok');
  // KIP-848 and what came after it take partitions away one by one; before, everybody stops.
  const incremental = facts.type === 'consumer' || facts.type === 'share' || facts.type === 'streams';
  const meanwhile = incremental ? 'partitions that move are not read meanwhile' : 'nothing is read meanwhile';
  return {
    kind: 'rebalance-loop',
    weight: trouble ? 0.8 : 0.4,
    headline: loops ? `Members of ${facts.group} rearranged ${times} times in the last ${words(spanMs)}; ${meanwhile}.` : `${facts.group} has been rebalancing for ${words(facts.nowMs - (facts.statusSince ?? facts.nowMs))}; ${meanwhile}.`,
    evidence: [
      ...(joined > 0 || left > 0 ? [`${count(joined, 'member')} joined and ${left} left in that time.`] : []),
      ...(rebalances > 0 ? [`${count(rebalances, 'rebalance')} ${rebalances === 1 ? 'was' : 'were'} seen; shorter ones between two readings are not counted.`] : []),
      ...(lasting && loops ? [`It is rebalancing now, for ${words(facts.nowMs - (facts.statusSince ?? facts.nowMs))}.`] : []),
    ],
    nextStep: `Look for members that crash or that take longer than max.poll.interval.ms between two polls (session timeouts in their logs): smaller batches (max.poll.records), a longer interval, static membership (group.instance.id) for restarts${incremental ? '' : ', or the consumer protocol of KIP-848'}.`,
  };
}
