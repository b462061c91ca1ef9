import type { Statements } from '../store.ts';

export interface LockedRuleRow {
  id: string;
  name: string;
  kind: string;
  params: unknown;
  for_seconds: number;
  keep_seconds: number;
  on_no_data: string;
  severity: string;
  endpoint_ids: string[];
  enabled: boolean;
}

/** The rule as it is now, held until the transaction ends: an edit and an evaluation never interleave. Null where it is gone. */
export async function lockRule(tx: Statements, ruleId: string): Promise<LockedRuleRow | null> {
  const [row] = await tx.query<LockedRuleRow>(
    'select id, name, kind, params, for_seconds, keep_seconds, on_no_data, severity, endpoint_ids, enabled from alert_rule where id = $1 for update',
    [ruleId],
  );
  return row ?? null;
}
