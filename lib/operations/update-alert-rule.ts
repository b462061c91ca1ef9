import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { lockRule } from '#lib/store/alerts/lock-rule.ts';
import { updateRule } from '#lib/store/alerts/write-rule.ts';
import type { Store } from '#lib/store/store.ts';
import type { RuleInput } from './alert-rule-shape.ts';
import { nameTaken, refuseUnknownEndpoints } from './create-alert-rule.ts';
import { getAlertRule, type AlertRuleView } from './list-alert-rules.ts';

/**
 * Replaces a rule. Its alerts are judged anew at the next evaluation; with another name or severity they are other alerts.
 * @throws WaybillError alert-rule-not-found (404), alert-rule-exists (409), webhook-endpoint-not-found (400)
 */
export async function updateAlertRule(store: Store, id: string, rule: RuleInput, actor: Pick<Principal, 'name'>, now: Date): Promise<AlertRuleView> {
  await store
    .transaction(async (tx) => {
      const before = await lockRule(tx, id);
      if (before === null) throw new WaybillError('alert-rule-not-found', 'There is no such rule; it may have been deleted.', { status: 404 });
      await refuseUnknownEndpoints(tx, rule.endpointIds);
      await updateRule(tx, { ...rule, id }, now);
      await recordAudit(tx, actor, { action: 'alert-rule.update', target: id, before, after: rule });
      await store.notify('alerts', { rule: id }, tx);
    })
    .catch(nameTaken(rule.name));
  return getAlertRule(store, id);
}
