import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count, partitionList, words } from './in-words.ts';

/** A commit beyond the end: the log was cut short or made anew, or the commit belongs to another topic of this name. */
export function diagnoseCommitPastEnd(facts: DiagnosisFacts): Cause | null {
  const past = facts.partitions.filter((p) => p.committedOffset !== null && p.endOffset !== null && p.error === null && p.committedOffset > p.endOffset);
  const [first] = past;
  if (!first) return null;
  return {
    kind: 'commit-past-end',
    weight: 0.9,
    headline: `The committed offset of ${first.topic} ${partitionList(past.filter((p) => p.topic === first.topic).map((p) => p.partition))} lies beyond the end of the log.`,
    evidence: past.slice(0, 5).map((p) => `${p.topic} partition ${p.partition}: committed ${p.committedOffset}, end ${p.endOffset}, ${count((p.committedOffset ?? 0n) - (p.endOffset ?? 0n), 'offset')} beyond.`),
    nextStep: 'The topic was recreated, cut short by an unclean leader election, or the offsets were set by hand. With its next fetch the group starts where auto.offset.reset says; to choose the place yourself, reset its offsets while it is stopped.',
  };
}

/** A commit before the first record that is still there: what lay between is gone. */
export function diagnoseCommitBeforeStart(facts: DiagnosisFacts): Cause | null {
  const before = facts.partitions.filter((p) => p.lost !== null && p.lost > 0n);
  const [first] = before;
  const soon = facts.partitions.filter((p) => p.loss !== null && p.loss !== 'never' && p.loss.seconds > 0 && p.loss.seconds < 3_600).toSorted((a, b) => secondsOf(a.loss) - secondsOf(b.loss));
  const [next] = soon;
  if (first) {
    const lost = before.reduce((sum, p) => sum + (p.lost ?? 0n), 0n);
    return {
      kind: 'commit-before-start',
      weight: 0.97,
      headline: `Retention deleted ${count(lost, 'offset')} that ${facts.group} had not read: its committed offset lies before the start of the log.`,
      evidence: before.slice(0, 5).map((p) => `${p.topic} partition ${p.partition}: committed ${p.committedOffset}, the log starts at ${p.logStartOffset}.`),
      nextStep: `Lengthen retention.ms of ${first.topic} before more is lost, then bring the group back: with its next fetch it starts where auto.offset.reset says ("latest" would skip what is still there).`,
    };
  }
  if (!next || next.loss === null || next.loss === 'never') return null;
  return {
    kind: 'commit-before-start',
    weight: 0.9,
    headline: `Retention reaches unread records of ${next.topic} partition ${next.partition} in about ${words(next.loss.seconds * 1_000)}.`,
    evidence: [
      `The oldest unread record is ${next.lagSeconds === null ? 'of unknown age' : `${words(next.lagSeconds * 1_000)} old`}; ${next.loss.by === 'retention' ? 'that is close to retention.ms of the topic' : 'the start of the log moves towards it'}.`,
      ...(soon.length > 1 ? [`${count(soon.length, 'partition')} reach it within an hour.`] : []),
    ],
    nextStep: `Lengthen retention.ms of ${next.topic} now; then find out why ${facts.group} is that far behind.`,
  };
}

function secondsOf(loss: DiagnosisFacts['partitions'][number]['loss']): number {
  return loss === null || loss === 'never' ? Infinity : loss.seconds;
}
