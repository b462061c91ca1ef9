import type { ReplayOutcome } from '#lib/model/replay.ts';

// What became of a replayed record, per consumer group. A commit past the record means "consumed" only: a consumer that
// dead-letters or forwards to a retry topic commits past it too.

/** A record that came of the replayed one: it carries its replay-id, or names its coordinate as origin. */
export type Successor = DeadLetterSuccessor | RetrySuccessor;

interface SuccessorFacts {
  /** null: the record does not say whose consumer failed. */
  group: string | null;
  errorClass: string | null;
  errorMessage: string | null;
  /** Dead letter id, or topic:partition@offset of a retry record. */
  ref: string;
}

export interface DeadLetterSuccessor extends SuccessorFacts {
  kind: 'dead-letter';
}

/** One attempt of a chain of retry topics: the newest stands for the chain. */
export interface RetrySuccessor extends SuccessorFacts {
  kind: 'retry';
  /** Of two with the same time the later one in the list is the newer. */
  writtenAtMs: number;
  /** Whether whoever reads the retry topic has committed past it. */
  passed: boolean;
  /** A process span with its coordinate: how it ended. */
  span: 'ok' | 'error' | null;
}

export interface GroupFacts {
  group: string;
  /** First offset the group has not committed past; null where it has no commit on that partition. */
  committedOffset: bigint | null;
  /** A process span with the record's coordinate: how it ended. */
  span: 'ok' | 'error' | null;
}

export interface OutcomeInput {
  sentOffset: bigint;
  sentAtMs: number;
  nowMs: number;
  /** The group whose consumer failed in the first place; null where the dead letter did not say. */
  originGroup: string | null;
  /** Groups that commit on the target, the job's own excluded. */
  groups: readonly GroupFacts[];
  successors: readonly Successor[];
  /**
   * Whether every DLQ and retry topic was read up to an end offset taken after the commit (past the newest retry record, where there is one) was seen.
   * null: one of them cannot be read, so absence proves nothing.
   */
  caughtUp: boolean | null;
  /** No commit of anybody for this long: no consumer. */
  noConsumerAfterMs: number;
  /** What is still open then stays as it is and is not looked at again. */
  giveUpAfterMs: number;
}

export interface OutcomeDecision {
  outcome: ReplayOutcome;
  /** Whether this is the last word. */
  settled: boolean;
  groups: { group: string | null; outcome: ReplayOutcome }[];
  /** Where outcomes of groups differ. */
  mixed: boolean;
  error: { class: string | null; message: string | null; ref: string } | null;
  /** The newest retry record, which stands for the replayed one; null where there is none. A proof that was begun for another one counts no more. */
  judged: string | null;
}

/** Decides one replayed record from what is known now. */
export function decideOutcome(input: OutcomeInput): OutcomeDecision {
  const failed = input.successors.findLast((one) => one.kind === 'dead-letter') ?? null;
  const error = failed ? { class: failed.errorClass, message: failed.errorMessage, ref: failed.ref } : null;
  const relevant = input.originGroup === null ? input.groups : input.groups.filter(({ group }) => group === input.originGroup);
  const groups: OutcomeDecision['groups'] = relevant.map((facts) => ({ group: facts.group, outcome: groupOutcome(facts, input) }));
  // A successor proves a consumer even where its commits are not seen.
  if (groups.length === 0 && input.successors.length > 0) {
    groups.push({ group: input.originGroup, outcome: groupOutcome({ group: input.originGroup, committedOffset: null, span: null }, input) });
  }
  const outcome = groups.length === 0 ? (input.nowMs - input.sentAtMs >= input.noConsumerAfterMs ? 'no-consumer' : 'waiting') : worst(groups.map((one) => one.outcome));
  const last = groups.length > 0 && groups.every((one) => one.outcome === 'processed' || one.outcome === 'failed-again');
  const over = input.nowMs - input.sentAtMs >= input.giveUpAfterMs;
  return { outcome: over && outcome === 'waiting' ? 'unknown' : outcome, settled: last || over, groups, mixed: new Set(groups.map((one) => one.outcome)).size > 1, error, judged: judgedRef(input.successors) };
}

function groupOutcome({ group, committedOffset, span }: Omit<GroupFacts, 'group'> & { group: string | null }, input: OutcomeInput): ReplayOutcome {
  const own = input.successors.filter((one) => one.group === null || one.group === group);
  if (own.some((one) => one.kind === 'dead-letter')) return 'failed-again';
  const retry = newest(own.filter((one) => one.kind === 'retry'));
  // What is true of the newest attempt is true of the record: its first attempt ended when it was put onto the retry topic, with an OK span or not.
  const ended = retry === null ? span : retry.span;
  // A handler that catches, dead-letters and returns ends with an OK span too: where dead letters can be read to their end, that is waited for.
  if (ended === 'ok') return input.caughtUp === false ? 'consumed' : 'processed';
  if (retry !== null && !retry.passed) return 'retrying';
  if (retry === null && (committedOffset === null || committedOffset <= input.sentOffset)) return 'waiting';
  return input.caughtUp === true ? 'processed' : 'consumed';
}

/** What `judged` of a decision will be: whoever asks whether topics were read to their end needs it first. */
export function judgedRef(successors: readonly Successor[]): string | null {
  return newest(successors.filter((one) => one.kind === 'retry'))?.ref ?? null;
}

function newest(retries: readonly RetrySuccessor[]): RetrySuccessor | null {
  return retries.reduce<RetrySuccessor | null>((best, one) => (best === null || one.writtenAtMs >= best.writtenAtMs ? one : best), null);
}

const FROM_WORST: readonly ReplayOutcome[] = ['failed-again', 'retrying', 'waiting', 'consumed', 'no-consumer', 'unknown', 'processed'];

function worst(outcomes: readonly ReplayOutcome[]): ReplayOutcome {
  return FROM_WORST.find((one) => outcomes.includes(one)) ?? 'unknown';
}
