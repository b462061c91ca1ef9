import { MISSING_RIGHT } from '#lib/model/lag.ts';
import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count, partitionList } from './in-words.ts';

/** What Waybill may not see: no fault of the group, but the reason why its figures are in part. */
export function diagnoseMissingRight(facts: DiagnosisFacts): Cause | null {
  const hidden = facts.partitions.filter((p) => p.error?.startsWith(MISSING_RIGHT) === true);
  const reason = hidden[0]?.error ?? facts.hidden;
  if (reason === null || reason === undefined) return null;
  const byTopic = new Map<string, number[]>();
  for (const p of hidden) byTopic.set(p.topic, [...(byTopic.get(p.topic) ?? []), p.partition]);
  const [what, how] = split(reason);
  return {
    kind: 'missing-right',
    weight: 0.5,
    headline: hidden.length === 0 ? `Some of what ${facts.group} reads is in no figure. ${what}` : `${count(hidden.length, 'partition')} of ${facts.group} ${hidden.length === 1 ? 'is' : 'are'} in no figure. ${what}`,
    evidence: [...byTopic].slice(0, 5).map(([topic, partitions]) => `${topic} ${partitionList(partitions)}: Kafka leaves commits there out of its answers to who may not see the topic.`),
    nextStep: how,
  };
}

function split(sentence: string): [string, string] {
  const at = sentence.indexOf(' Grant it: ');
  return at < 0 ? [sentence, 'Give Waybill the right to DESCRIBE these topics.'] : [sentence.slice(0, at), sentence.slice(at + 1)];
}
