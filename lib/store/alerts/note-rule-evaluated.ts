import type { Statements } from '../store.ts';

/** Writes when a rule was last evaluated and what kept it from being so. */
export async function noteRuleEvaluated(tx: Statements, ruleId: string, now: Date, problem: string | null): Promise<void> {
  await tx.execute('update alert_rule set last_evaluated_at = $2, last_error = $3 where id = $1', [ruleId, now, problem]);
}
