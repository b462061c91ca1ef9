import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { requeueDelivery } from '#lib/store/deliveries/requeue-delivery.ts';
import type { Store } from '#lib/store/store.ts';

/**
 * Sends a message that has ended once more, as it was: same webhook-id (a receiver that keeps ids drops what it has), same body, new signature.
 * @throws WaybillError delivery-not-found (404), delivery-under-way (409)
 */
export async function redeliverWebhook(store: Store, id: string, actor: Pick<Principal, 'name'>, now: Date): Promise<{ deliveryId: string }> {
  await store.transaction(async (tx) => {
    const before = await requeueDelivery(tx, id, now);
    if (before === null) throw new WaybillError('delivery-not-found', 'There is no such delivery; those of over 30 days ago are deleted.', { status: 404 });
    if (before === 'waiting' || before === 'sending') throw new WaybillError('delivery-under-way', 'This delivery is still under way; its next attempt is on its page.', { status: 409, retryable: true });
    await recordAudit(tx, actor, { action: 'delivery.redeliver', target: id, before: { state: before } });
    await store.notify('deliveries', { id }, tx);
  });
  return { deliveryId: id };
}
