import type { Statements } from '../store.ts';

/** Takes the evaluation of a rule in one bucket of time. Of two evaluators exactly one gets true, whatever their leases say. */
export async function claimEvaluation(tx: Statements, ruleId: string, bucket: Date): Promise<boolean> {
  return (await tx.execute('insert into alert_evaluation (rule_id, bucket) values ($1, $2) on conflict do nothing', [ruleId, bucket])) === 1;
}
