import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count, words } from './in-words.ts';

/** One failure and its retry are daily life. */
const MIN_ATTEMPTS = 3;

/** One record that fails again and again, while all behind it wait. */
export function diagnosePoisonMessage(facts: DiagnosisFacts): Cause | null {
  const stuck = facts.partitions.filter((p) => p.retries !== null && p.retries.attempts >= MIN_ATTEMPTS && p.lag !== null && p.lag > 0n).toSorted((a, b) => (b.retries?.attempts ?? 0) - (a.retries?.attempts ?? 0));
  const [worst] = stuck;
  if (!worst?.retries) return null;
  const { offset, attempts, firstAt, lastAt, error } = worst.retries;
  const behind = stuck.reduce((sum, p) => sum + (p.lag ?? 0n), 0n) - BigInt(stuck.length);
  return {
    kind: 'poison-message',
    weight: 0.95,
    headline: `${worst.topic} partition ${worst.partition} stands at offset ${offset}: ${attempts} attempts to process it failed${error === null ? '' : ` with ${error}`}.`,
    evidence: [
      `The first attempt that was seen began ${words(facts.nowMs - firstAt)} ago, the last ${words(facts.nowMs - lastAt)} ago; none succeeded.`,
      `${count(behind < 0n ? 0n : behind, 'record')} ${behind === 1n ? 'waits' : 'wait'} behind ${stuck.length === 1 ? 'it' : `${stuck.length} such records`}.`,
      ...stuck.slice(1, 4).map((p) => `${p.topic} partition ${p.partition} stands at offset ${p.retries?.offset}, ${p.retries?.attempts} failed attempts.`),
    ],
    nextStep: `Open the record at ${worst.topic} partition ${worst.partition} offset ${offset} and mend its cause, or let the consumer send it to a dead-letter topic after a few attempts. To go on now without it, reset this partition's offset to ${offset + 1n} while the group is stopped.`,
  };
}
