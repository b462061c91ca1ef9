import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count } from './in-words.ts';
import { explainClock } from './judge-clock.ts';

/** A producer whose clock is wrong: no fault of the group, but ages and retention count with those timestamps. */
export function diagnoseClock(facts: DiagnosisFacts): Cause | null {
  const wrong = facts.partitions.flatMap((p) => (p.clock === null ? [] : [{ topic: p.topic, clock: p.clock }]));
  const [first] = wrong;
  if (!first) return null;
  const ahead = first.clock.kind === 'ahead';
  return {
    kind: 'wrong-clock',
    weight: 0.28,
    headline: explainClock(first.topic, first.clock),
    evidence: [
      ...(wrong.length > 1 ? [`The same is so on ${count(wrong.length - 1, 'more partition')} of what ${facts.group} reads.`] : []),
      'Ages are counted from when Waybill saw the records come; what came before it watched is dated by timestamps, and those are not to be trusted here.',
      ahead ? 'Retention by time leaves such a segment alone until its newest timestamp is old enough.' : 'Retention by time may delete such records soon after they came.',
    ],
    nextStep: `Look at the clocks of the producers of ${first.topic} (NTP), or let the broker date the records: message.timestamp.type=LogAppendTime.${ahead ? ' message.timestamp.after.max.ms refuses timestamps from the future.' : ''}`,
  };
}
