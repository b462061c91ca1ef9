import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { findSkew } from './find-skew.ts';
import { count, partitionList, percent, rate } from './in-words.ts';

/** A key is hot where it has at least this share of the records seen, of at least this many. */
const HOT_KEY_SHARE = 0.5;
const MIN_KEYED = 20;

/** One slow partition, and whether it gets more than the others or does less; its hot key where spans show one. */
export function diagnoseSkew(facts: DiagnosisFacts): Cause | null {
  const skew = findSkew(facts.partitions);
  if (!skew) return null;
  const { topic, hot, others, share } = skew;
  const [first] = hot;
  if (!first) return null;
  const total = hot.length + others.length;
  const rates = [...hot, ...others].map((p) => p.producedPerSecond);
  const known = rates.every((r) => r !== null);
  const sum = known ? rates.reduce((all, r) => all + r, 0) : 0;
  const hotRate = hot.reduce((all, p) => all + (p.producedPerSecond ?? 0), 0);
  const fair = hot.length / total;
  const uneven = known && sum > 0 && hotRate / sum > 1.5 * fair;
  const key = hot.length === 1 && first.topKey !== null && first.topKey.of >= MIN_KEYED && first.topKey.records / first.topKey.of >= HOT_KEY_SHARE ? first.topKey : null;
  const owners = new Set(hot.map((p) => p.owner));
  const owner = owners.size === 1 ? facts.members?.find((member) => member.memberId === first.owner) : undefined;
  return {
    kind: 'skew',
    weight: 0.75,
    headline: `${others.length} of ${count(total, 'partition')} of ${topic} keep up; ${partitionList(hot.map((p) => p.partition))} ${hot.length === 1 ? 'holds' : 'hold'} ${percent(share)} of the lag.`,
    evidence: [
      ...(known && sum > 0 ? [`${percent(hotRate / sum)} of the records arrive there (${rate(hotRate)} of ${rate(sum)}); even would be ${percent(fair)}.`] : []),
      ...(key ? [`The key "${key.key}" has ${count(key.records, 'record')} of the ${key.of} that were seen there with a key.`] : []),
      ...(owner ? [`${owner.clientId || owner.memberId} on ${owner.host} reads ${hot.length === 1 ? 'it' : 'them'}.`] : []),
      ...(first.owner === null && facts.members !== null && facts.members.length > 0 ? [`No member reads ${hot.length === 1 ? 'it' : 'them'}.`] : []),
    ],
    nextStep: key
      ? `Spread the key "${key.key}" over partitions (a suffix in the key) if its order allows it, or process its records apart.`
      : uneven
        ? 'More records go there than elsewhere: look at how the producer chooses keys or partitions.'
        : owner
          ? `It gets no more records than the others, so look at its consumer: ${owner.clientId || owner.memberId} on ${owner.host}.`
          : 'It gets no more records than the others: look at the consumer that reads it, and at what its records have in common.',
  };
}
