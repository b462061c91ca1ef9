import type { GroupingTimings } from '#lib/model/alert.ts';
import { errorText } from '#lib/errors.ts';
import { claimEvaluation } from '#lib/store/alerts/claim-evaluation.ts';
import { noteRuleEvaluated } from '#lib/store/alerts/note-rule-evaluated.ts';
import { lockRule, type LockedRuleRow } from '#lib/store/alerts/lock-rule.ts';
import type { Store } from '#lib/store/store.ts';
import { readRule, type AlertRule } from './alert-rule-shape.ts';
import type { AlertFacts } from './read-alert-facts.ts';
import { settleAlertRule, type RuleReadings, type Settled } from './settle-alert-rule.ts';

export interface EvaluateInput {
  ruleId: string;
  facts: AlertFacts;
  now: Date;
  /** Length of an evaluation bucket: within one, a rule is evaluated once, by whichever process is first. */
  intervalMs: number;
  timings: GroupingTimings;
  publicUrl: string;
}

/**
 * Evaluates one rule once for the present bucket.
 * @returns what happened, or null where another evaluator had the bucket or the rule is gone
 */
export async function evaluateAlertRule(store: Store, input: EvaluateInput): Promise<Settled | null> {
  const { ruleId, now, timings, publicUrl } = input;
  const bucket = new Date(Math.floor(now.getTime() / input.intervalMs) * input.intervalMs);
  return store.transaction(async (tx) => {
    const row = await lockRule(tx, ruleId);
    if (row === null || !(await claimEvaluation(tx, ruleId, bucket))) return null;
    const parsed = parseRule(row);
    if ('problem' in parsed) {
      await noteRuleEvaluated(tx, ruleId, now, parsed.problem);
      return { effects: {}, enqueued: [] };
    }
    const { rule } = parsed;
    // The facts come over other connections, so a statement that fails there leaves this transaction whole: the alerts
    // of the rule then stay what they are, marked as not evaluated.
    const readings: RuleReadings = rule.enabled
      ? await input.facts.readingsFor(rule.params).then(
          (read): RuleReadings => ({ kind: 'read', readings: read }),
          (error: unknown): RuleReadings => ({ kind: 'failed', message: `The rule could not be evaluated: ${errorText(error)}` }),
        )
      : { kind: 'gone' };
    const settled = await settleAlertRule(tx, { rule, readings, now, timings, publicUrl });
    const failure = readings.kind === 'failed' ? readings.message : null;
    await noteRuleEvaluated(tx, ruleId, now, failure);
    if (Object.keys(settled.effects).length > 0) await store.notify('alerts', { rule: ruleId }, tx);
    if (settled.enqueued.length > 0) await store.notify('deliveries', { count: settled.enqueued.length }, tx);
    return settled;
  });
}

function parseRule(row: LockedRuleRow): { rule: AlertRule } | { problem: string } {
  try {
    return { rule: readRule(row) };
  } catch (error) {
    return { problem: `Its stored parameters are not understood by this version: ${errorText(error).slice(0, 500)}` };
  }
}
