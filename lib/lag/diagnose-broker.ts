import { MISSING_RIGHT } from '#lib/model/lag.ts';
import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count, took } from './in-words.ts';

/** All offsets of a cluster are read in well under a second; this is a broker in trouble, or the way to it. */
const SLOW_READ_MS = 3_000;

/** Leaders that do not answer, are slow, or throttle. */
export function diagnoseBroker(facts: DiagnosisFacts): Cause | null {
  const failing = facts.partitions.filter((p) => p.error !== null && !p.error.startsWith(MISSING_RIGHT));
  const [first] = failing;
  const slow = facts.cycle !== null && facts.cycle.readMs >= SLOW_READ_MS;
  const throttled = facts.cycle !== null && facts.cycle.throttledMs > 0;
  if (!first && !slow && !throttled) return null;
  const leaders = new Map<number | null, number>();
  for (const p of failing) leaders.set(p.leader, (leaders.get(p.leader) ?? 0) + 1);
  return {
    kind: 'broker',
    weight: first ? 0.88 : 0.45,
    headline: first
      ? `${count(failing.length, 'partition')} of ${facts.group} could not be read: ${first.error}`
      : throttled
        ? `The brokers throttle: they asked Waybill to wait ${took(facts.cycle?.throttledMs ?? 0)} in the last reading.`
        : `The brokers are slow: reading all offsets took ${took(facts.cycle?.readMs ?? 0)}.`,
    evidence: [
      ...[...leaders].map(([leader, partitions]) => `${leader === null ? 'Without a leader' : `Led by broker ${leader}`}: ${count(partitions, 'partition')}.`),
      ...(first && slow ? [`Reading all offsets took ${took(facts.cycle?.readMs ?? 0)}.`] : []),
      ...(throttled && (first || slow) ? [`The brokers asked to wait ${took(facts.cycle?.throttledMs ?? 0)}.`] : []),
    ],
    nextStep: first ? 'Look at these brokers and at the replicas of the partitions: a consumer cannot read what Waybill cannot ask either.' : throttled ? 'Look at the quotas (request_percentage, consumer_byte_rate): the consumers may be held back by one too.' : 'Look at the request queue, the disks and the network of the brokers.',
  };
}
