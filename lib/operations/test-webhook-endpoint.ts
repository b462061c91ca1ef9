import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import type { Principal } from '#lib/model/access.ts';
import type { EndpointFormat } from '#lib/model/alert.ts';
import { enqueueDelivery } from '#lib/store/deliveries/enqueue-delivery.ts';
import type { Store } from '#lib/store/store.ts';
import { lockEndpoint } from '#lib/store/webhooks/lock-endpoint.ts';
import { composeBody } from '#lib/webhook/compose-body.ts';
import { newWebhookId } from '#lib/webhook/new-webhook-id.ts';
import { endpointNotFound } from './webhook-endpoint-shape.ts';

export const queuedDeliverySchema = z.object({ deliveryId: z.string() });

/**
 * Sends a test by the real path: outbox, guard, signature, transport. Tried once; its attempt is on the webhook's page.
 * @throws WaybillError webhook-endpoint-not-found (404)
 */
export async function testWebhookEndpoint(store: Store, id: string, actor: Pick<Principal, 'name'>, input: { now: Date; publicUrl: string }): Promise<{ deliveryId: string }> {
  const { now, publicUrl } = input;
  const deliveryId = newWebhookId(now);
  await store.transaction(async (tx) => {
    const endpoint = await lockEndpoint(tx, id);
    if (endpoint === null) throw endpointNotFound();
    const labels = { alertname: 'Test', severity: 'info' };
    const payload = composeBody(
      {
        type: 'webhook.test',
        reason: 'test',
        at: now.toISOString(),
        groupKey: `test:${id}`,
        receiver: endpoint.name,
        groupLabels: labels,
        externalUrl: publicUrl,
        alerts: [
          {
            fingerprint: '0000000000000000',
            status: 'firing',
            labels,
            annotations: { summary: `${actor.name} sent a test. Nothing is wrong.` },
            startsAt: now.toISOString(),
            endsAt: null,
            value: null,
            threshold: null,
            generatorUrl: `${publicUrl}/alerts/webhooks/${id}`,
            silenceUrl: `${publicUrl}/alerts/silences`,
            dashboardUrl: `${publicUrl}/alerts/webhooks/${id}`,
          },
        ],
      },
      endpoint.format as EndpointFormat,
    );
    await enqueueDelivery(tx, { id: deliveryId, endpointId: id, alertGroupId: null, type: 'webhook.test', payload }, now);
    await recordAudit(tx, actor, { action: 'webhook-endpoint.test', target: id, after: { deliveryId } });
    await store.notify('deliveries', { id: deliveryId }, tx);
  });
  return { deliveryId };
}
