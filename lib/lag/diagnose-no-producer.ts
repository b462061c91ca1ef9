import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count, words } from './in-words.ts';

/** Less than this is a pause. */
const QUIET_MS = 15 * 60_000;

/** Nothing is consumed because nothing is produced: the explanation of a quiet group, not a fault of its own. */
export function diagnoseNoProducer(facts: DiagnosisFacts): Cause | null {
  if (facts.partitions.length === 0 || facts.lag !== 0n) return null;
  let latest = -Infinity;
  for (const p of facts.partitions) {
    if (p.movedAt === null || p.error !== null || (p.producedPerSecond ?? 0) > 0) return null;
    latest = Math.max(latest, p.movedAt);
  }
  const quietMs = facts.nowMs - latest;
  if (quietMs < QUIET_MS) return null;
  const topics = [...new Set(facts.partitions.map((p) => p.topic))];
  return {
    kind: 'nobody-produces',
    weight: 0.15,
    headline: `Nobody has produced to ${topics.length <= 2 ? topics.join(' and ') : `${topics[0]} and ${count(topics.length - 1, 'more topic')}`} for ${words(quietMs)}.`,
    evidence: [`The ends of all ${count(facts.partitions.length, 'partition')} have stood still since then, and ${facts.group} has read everything before.`],
    nextStep: 'If records are expected, look at the producers; the group has nothing to do.',
  };
}
