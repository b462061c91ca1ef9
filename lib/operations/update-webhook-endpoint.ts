import { recordAudit } from '#lib/access/record-audit.ts';
import type { Principal } from '#lib/model/access.ts';
import type { EndpointFormat } from '#lib/model/alert.ts';
import type { Store } from '#lib/store/store.ts';
import { lockEndpoint } from '#lib/store/webhooks/lock-endpoint.ts';
import { updateEndpoint } from '#lib/store/webhooks/write-endpoint.ts';
import { isSigned, sealEndpointSecret } from '#lib/webhook/endpoint-secret.ts';
import { getWebhookEndpoint, type WebhookEndpointView } from './list-webhook-endpoints.ts';
import { checkUrl, endpointNameTaken, endpointNotFound, readTarget, type ChannelContext, type EndpointChange } from './webhook-endpoint-shape.ts';

/**
 * Changes a webhook: name, target, on or off. What is absent stays. A signing secret stays too: rotate it apart.
 * @throws WaybillError webhook-endpoint-not-found (404), webhook-endpoint-exists (409), webhook-target-refused (400)
 */
export async function updateWebhookEndpoint(store: Store, id: string, change: EndpointChange, actor: Pick<Principal, 'name'>, context: ChannelContext): Promise<WebhookEndpointView> {
  await store
    .transaction(async (tx) => {
      const before = await lockEndpoint(tx, id);
      if (before === null) throw endpointNotFound();
      const format = before.format as EndpointFormat;
      let url = before.url;
      let sealedSecret: Buffer | null = null;
      if (isSigned(format)) {
        if (change.url !== undefined) url = checkUrl(change.url, context.policy);
      } else if (format === 'pagerduty' ? change.routingKey !== undefined : change.url !== undefined) {
        const target = readTarget(format, { url: change.url ?? (format === 'pagerduty' ? before.url : undefined), routingKey: change.routingKey }, context.policy);
        url = target.url;
        sealedSecret = sealEndpointSecret(context.keys, id, target.secret);
      }
      const after = { id, name: change.name ?? before.name, url, enabled: change.enabled ?? before.enabled };
      await updateEndpoint(tx, { ...after, sealedSecret }, context.now);
      await recordAudit(tx, actor, { action: 'webhook-endpoint.update', target: id, before, after: { ...after, secretChanged: sealedSecret !== null } });
      await store.notify('deliveries', { endpoint: id }, tx);
    })
    .catch(endpointNameTaken(change.name ?? ''));
  return getWebhookEndpoint(store, id, context.now);
}
