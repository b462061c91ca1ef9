// A rule that retries a failure by itself, as states:
//
//   off ──turned on──▶ on ──▶ stopped    its replay was cancelled or declined, too much of it failed again, or its failure is gone
//    ▲                 │        │
//    └───turned off────┴────────┘        only a person turns it on again; what happened before then no longer counts
//
// One replay of a rule at a time (an index sees to it), never more records an hour than it says.

/** What a person allowed. */
export interface RuleLimits {
  /** After a dead letter arrived. */
  delaySeconds: number;
  /** Replays of one record, however often it comes back. */
  maxAttempts: number;
  maxPerHour: number;
  /** Stops where more than this share of the decided outcomes failed again, 1 to 100. */
  stopPercent: number;
}

export interface RuleFacts {
  /** Outcomes of its replays since it was turned on. */
  processed: number;
  failedAgain: number;
  /** Why one of its replays since then did not run to its end; null: each did, or is under way. */
  cancelled: string | null;
  failureExists: boolean;
  /** One of its replays is not over. */
  replayOpen: boolean;
  askedLastHour: number;
  /** Dead letters that may be sent, as far as they were looked for. */
  ready: number;
}

export type RuleStep = { kind: 'stop'; why: string } | { kind: 'wait'; why: 'replay-open' | 'hour-full' | 'nothing-ready' } | { kind: 'run'; records: number };

/** Fewer decided outcomes say nothing about a share. */
export const MIN_DECIDED = 5;
/** Records of one replay of a rule. */
export const MAX_RECORDS_A_RUN = 1_000;

/** What a rule does now. Stopping comes first: a rule that should not run any more does not finish its hour. */
export function decideRuleRun(limits: RuleLimits, facts: RuleFacts): RuleStep {
  if (!facts.failureExists) return { kind: 'stop', why: 'Its dead letters were grouped anew: this failure is no more. Make the rule on the new one.' };
  if (facts.cancelled !== null) return { kind: 'stop', why: facts.cancelled };
  const decided = facts.processed + facts.failedAgain;
  if (decided >= MIN_DECIDED && facts.failedAgain * 100 > limits.stopPercent * decided) {
    return { kind: 'stop', why: `${facts.failedAgain} of ${decided} records failed again, more than the ${limits.stopPercent} % it may.` };
  }
  if (facts.replayOpen) return { kind: 'wait', why: 'replay-open' };
  const records = Math.min(limits.maxPerHour - facts.askedLastHour, facts.ready, MAX_RECORDS_A_RUN);
  if (limits.maxPerHour <= facts.askedLastHour) return { kind: 'wait', why: 'hour-full' };
  return records <= 0 ? { kind: 'wait', why: 'nothing-ready' } : { kind: 'run', records };
}

/** The rule as a sentence, for its replays and the screen. */
export function describeRule({ delaySeconds, maxAttempts, maxPerHour, stopPercent }: RuleLimits): string {
  const delay = delaySeconds === 0 ? 'at once' : delaySeconds % 3_600 === 0 ? `after ${delaySeconds / 3_600} h` : delaySeconds % 60 === 0 ? `after ${delaySeconds / 60} min` : `after ${delaySeconds} s`;
  return `retry ${delay}, at most ${maxAttempts === 1 ? 'once' : `${maxAttempts} times`}, at most ${maxPerHour.toLocaleString('en-US')} an hour; stop when more than ${stopPercent} % fail again`;
}
