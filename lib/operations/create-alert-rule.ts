import { randomUUID } from 'node:crypto';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { insertRule } from '#lib/store/alerts/write-rule.ts';
import { isUniqueViolation } from '#lib/store/is-unique-violation.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { readKnownEndpoints } from '#lib/store/webhooks/read-known-endpoints.ts';
import type { RuleInput } from './alert-rule-shape.ts';
import { getAlertRule, type AlertRuleView } from './list-alert-rules.ts';

/** @throws WaybillError alert-rule-exists (409), webhook-endpoint-not-found (400) */
export async function createAlertRule(store: Store, rule: RuleInput, actor: Pick<Principal, 'name'>): Promise<AlertRuleView> {
  const id = randomUUID();
  await store
    .transaction(async (tx) => {
      await refuseUnknownEndpoints(tx, rule.endpointIds);
      await insertRule(tx, { ...rule, id, builtIn: false, createdBy: actor.name });
      await recordAudit(tx, actor, { action: 'alert-rule.create', target: id, after: rule });
      await store.notify('alerts', { rule: id }, tx);
    })
    .catch(nameTaken(rule.name));
  return getAlertRule(store, id);
}

/** @throws WaybillError webhook-endpoint-not-found (400) */
export async function refuseUnknownEndpoints(tx: Statements, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const known = new Set(await readKnownEndpoints(tx, ids));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length > 0) throw new WaybillError('webhook-endpoint-not-found', `There is no webhook ${missing.join(', ')}.`, { status: 400 });
}

/** Turns a taken name into the answer a person understands. */
export function nameTaken(name: string): (error: unknown) => never {
  return (error) => {
    if (isUniqueViolation(error)) throw new WaybillError('alert-rule-exists', `There is already a rule called "${name}".`, { status: 409 });
    throw error;
  };
}
