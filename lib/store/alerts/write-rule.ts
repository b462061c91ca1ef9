import type { RuleParams } from '#lib/model/alert.ts';
import type { Statements } from '../store.ts';

export interface RuleRowInput {
  id: string;
  name: string;
  params: RuleParams;
  forSeconds: number;
  keepSeconds: number;
  onNoData: string;
  severity: string;
  endpointIds: readonly string[];
  enabled: boolean;
}

const values = (rule: RuleRowInput): unknown[] => [
  rule.id,
  rule.name,
  rule.params.kind,
  JSON.stringify(rule.params),
  rule.forSeconds,
  rule.keepSeconds,
  rule.onNoData,
  rule.severity,
  rule.endpointIds,
  rule.enabled,
];

/** @throws 23505 where the name is taken */
export async function insertRule(tx: Statements, rule: RuleRowInput & { builtIn: boolean; createdBy: string }): Promise<void> {
  await tx.execute(
    `insert into alert_rule (id, name, kind, params, for_seconds, keep_seconds, on_no_data, severity, endpoint_ids, enabled, built_in, created_by)
     values ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9::uuid[], $10, $11, $12)`,
    [...values(rule), rule.builtIn, rule.createdBy],
  );
}

/** @throws 23505 where the name is taken */
export async function updateRule(tx: Statements, rule: RuleRowInput, now: Date): Promise<void> {
  await tx.execute(
    `update alert_rule set name = $2, kind = $3, params = $4::jsonb, for_seconds = $5, keep_seconds = $6, on_no_data = $7, severity = $8,
            endpoint_ids = $9::uuid[], enabled = $10, last_error = null, updated_at = $11 where id = $1`,
    [...values(rule), now],
  );
}

/** Removes a rule with its alerts. What was told of them stays in the outbox. */
export async function deleteRule(tx: Statements, ruleId: string): Promise<void> {
  await tx.execute('delete from alert where rule_id = $1', [ruleId]);
  await tx.execute('delete from alert_evaluation where rule_id = $1', [ruleId]);
  await tx.execute('delete from alert_rule where id = $1', [ruleId]);
}
