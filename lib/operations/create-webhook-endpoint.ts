import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import type { Principal } from '#lib/model/access.ts';
import type { Store } from '#lib/store/store.ts';
import { insertEndpoint } from '#lib/store/webhooks/write-endpoint.ts';
import { sealEndpointSecret } from '#lib/webhook/endpoint-secret.ts';
import { webhookEndpointSchema, getWebhookEndpoint, type WebhookEndpointView } from './list-webhook-endpoints.ts';
import { endpointNameTaken, readTarget, type ChannelContext, type EndpointInput } from './webhook-endpoint-shape.ts';

/** The only answers that carry a secret: it is shown once, here and after a rotation. */
export const createdEndpointSchema = webhookEndpointSchema.extend({ secret: z.string().nullable() });

/**
 * Adds a webhook.
 * @returns it, and its signing secret, which can't be read again; null for formats that are not signed
 * @throws WaybillError webhook-target-refused (400), webhook-endpoint-invalid (400), webhook-endpoint-exists (409)
 */
export async function createWebhookEndpoint(
  store: Store,
  input: EndpointInput,
  actor: Pick<Principal, 'name'>,
  context: ChannelContext,
): Promise<WebhookEndpointView & { secret: string | null }> {
  const target = readTarget(input.format, input, context.policy);
  const id = randomUUID();
  await store
    .transaction(async (tx) => {
      await insertEndpoint(
        tx,
        { id, name: input.name, url: target.url, format: input.format, sealedSecret: sealEndpointSecret(context.keys, id, target.secret), createdBy: actor.name },
        context.now,
      );
      await recordAudit(tx, actor, { action: 'webhook-endpoint.create', target: id, after: { name: input.name, format: input.format, url: target.url } });
      await store.notify('deliveries', { endpoint: id }, tx);
    })
    .catch(endpointNameTaken(input.name));
  return { ...(await getWebhookEndpoint(store, id, context.now)), secret: target.generated ? target.secret : null };
}
