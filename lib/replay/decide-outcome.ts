import type { ReplayOutcome } from '#lib/model/replay.ts';

// What became of a replayed record, per consumer group. A commit past the record means "consumed" only: a consumer that
// dead-letters or forwards to a retry topic commits past it too.

/** A record that came of the replayed one: it carries its replay-id, or names its coordinate as origin. */
export interface Successor {
  kind: 'dead-letter' | 'retry';
  /** null: the record does not say whose consumer failed. */
  group: string | null;
  errorClass: string | null;
  errorMessage: string | null;
  /** Dead letter id, or topic:partition@offset of a retry record. */
  ref: string;
}

export interface GroupFacts {
  group: string;
  /** First offset the group has not committed past; null where it has no commit on that partition. */
  committedOffset: bigint | null;
  /** A process span with the record's coordinate (or that of its retry record): how it ended. */
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
   * Whether every DLQ and retry topic of that origin was read up to an end offset taken after the commit was seen.
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
}

/** Decides one replayed record from what is known now. */
export function decideOutcome(input: OutcomeInput): OutcomeDecision {
  const failed = input.successors.findLast((one) => one.kind === 'dead-letter') ?? null;
  const error = failed ? { class: failed.errorClass, message: failed.errorMessage, ref: failed.ref } : null;
  const relevant = input.originGroup === null ? input.groups : input.groups.filter(({ group }) => group === input.originGroup);
  const groups: OutcomeDecision['groups'] = relevant.map((facts) => ({ group: facts.group, outcome: groupOutcome(facts, input) }));
  // A successor proves a consumer even where its commits are not seen.
  if (groups.length === 0 && input.successors.length > 0) {
    groups.push({ group: input.originGroup, outcome: failed ? 'failed-again' : 'retrying' });
  }
  const outcome = groups.length === 0 ? (input.nowMs - input.sentAtMs >= input.noConsumerAfterMs ? 'no-consumer' : 'waiting') : worst(groups.map((one) => one.outcome));
  const last = groups.length > 0 && groups.every((one) => one.outcome === 'processed' || one.outcome === 'failed-again');
  const over = input.nowMs - input.sentAtMs >= input.giveUpAfterMs;
  return { outcome: over && outcome === 'waiting' ? 'unknown' : outcome, settled: last || over, groups, mixed: new Set(groups.map((one) => one.outcome)).size > 1, error };
}

function groupOutcome({ group, committedOffset, span }: GroupFacts, input: OutcomeInput): ReplayOutcome {
  const own = input.successors.filter((one) => one.group === null || one.group === group);
  if (own.some((one) => one.kind === 'dead-letter')) return 'failed-again';
  // A handler that catches, dead-letters and returns ends with an OK span too: where dead letters can be read to their end, that is waited for.
  if (span === 'ok') return input.caughtUp === false ? 'consumed' : 'processed';
  if (own.some((one) => one.kind === 'retry')) return 'retrying';
  if (committedOffset === null || committedOffset <= input.sentOffset) return 'waiting';
  return input.caughtUp === true ? 'processed' : 'consumed';
}

const FROM_WORST: readonly ReplayOutcome[] = ['failed-again', 'retrying', 'waiting', 'consumed', 'no-consumer', 'unknown', 'processed'];

function worst(outcomes: readonly ReplayOutcome[]): ReplayOutcome {
  return FROM_WORST.find((one) => outcomes.includes(one)) ?? 'unknown';
}
