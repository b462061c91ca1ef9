import type { Statements } from '../store.ts';
import { ALERT_COLUMNS, readAlertRow, type AlertRow, type StoredAlertRow } from './alert-row.ts';

/** Every stored instance of a rule, those that have long resolved too. */
export async function readAlertsOfRule(on: Statements, ruleId: string): Promise<AlertRow[]> {
  const rows = await on.query<StoredAlertRow>(`select ${ALERT_COLUMNS} from alert where rule_id = $1`, [ruleId]);
  return rows.map(readAlertRow);
}
