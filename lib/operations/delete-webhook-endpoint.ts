import { recordAudit } from '#lib/access/record-audit.ts';
import type { Principal } from '#lib/model/access.ts';
import type { Store } from '#lib/store/store.ts';
import { lockEndpoint } from '#lib/store/webhooks/lock-endpoint.ts';
import { deleteEndpoint } from '#lib/store/webhooks/write-endpoint.ts';
import { endpointNotFound } from './webhook-endpoint-shape.ts';

/**
 * Deletes a webhook with its deliveries. A rule that told only this one is switched off, because "tells nobody in
 * particular" means "tells everybody".
 * @throws WaybillError webhook-endpoint-not-found (404)
 */
export async function deleteWebhookEndpoint(store: Store, id: string, actor: Pick<Principal, 'name'>, now: Date): Promise<void> {
  await store.transaction(async (tx) => {
    const before = await lockEndpoint(tx, id);
    if (before === null) throw endpointNotFound();
    await deleteEndpoint(tx, id, now);
    await recordAudit(tx, actor, { action: 'webhook-endpoint.delete', target: id, before });
    await store.notify('deliveries', { endpoint: id }, tx);
  });
}
