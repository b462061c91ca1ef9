import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { lockRule } from '#lib/store/alerts/lock-rule.ts';
import { deleteRule } from '#lib/store/alerts/write-rule.ts';
import type { Store } from '#lib/store/store.ts';
import { readRule } from './alert-rule-shape.ts';
import { settleAlertRule } from './settle-alert-rule.ts';

/**
 * Deletes a rule. Whoever was told that one of its alerts fires is told at once that it does no longer.
 * @throws WaybillError alert-rule-not-found (404)
 */
export async function deleteAlertRule(store: Store, id: string, actor: Pick<Principal, 'name'>, input: { now: Date; publicUrl: string }): Promise<void> {
  await store.transaction(async (tx) => {
    const before = await lockRule(tx, id);
    if (before === null) throw new WaybillError('alert-rule-not-found', 'There is no such rule; it may have been deleted already.', { status: 404 });
    const noWait = { groupWaitMs: 0, groupIntervalMs: 0, repeatIntervalMs: Number.MAX_SAFE_INTEGER };
    const { enqueued } = await settleAlertRule(tx, { rule: readRule(before), readings: { kind: 'gone' }, now: input.now, timings: noWait, publicUrl: input.publicUrl });
    await deleteRule(tx, id);
    await recordAudit(tx, actor, { action: 'alert-rule.delete', target: id, before });
    await store.notify('alerts', { rule: id }, tx);
    if (enqueued.length > 0) await store.notify('deliveries', { count: enqueued.length }, tx);
  });
}
