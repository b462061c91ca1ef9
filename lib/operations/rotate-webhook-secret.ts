import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import type { EndpointFormat } from '#lib/model/alert.ts';
import type { Store } from '#lib/store/store.ts';
import { lockEndpoint } from '#lib/store/webhooks/lock-endpoint.ts';
import { rotateEndpointSecret } from '#lib/store/webhooks/write-endpoint.ts';
import { isSigned, ROTATION_OVERLAP_MS, sealEndpointSecret } from '#lib/webhook/endpoint-secret.ts';
import { newWebhookSecret } from '#lib/webhook/sign-webhook.ts';
import { timeSchema } from '#lib/wire.ts';
import { endpointNotFound, type ChannelContext } from './webhook-endpoint-shape.ts';

export const rotatedSecretSchema = z.object({ secret: z.string(), previousExpiresAt: timeSchema });

/**
 * Gives a webhook a new signing secret. The old one signs beside it for 24 h.
 * @returns the new secret, which can't be read again
 * @throws WaybillError webhook-endpoint-not-found (404), webhook-not-signed (409)
 */
export async function rotateWebhookSecret(store: Store, id: string, actor: Pick<Principal, 'name'>, context: ChannelContext): Promise<{ secret: string; previousExpiresAt: string }> {
  const secret = newWebhookSecret();
  const previousExpiresAt = new Date(context.now.getTime() + ROTATION_OVERLAP_MS);
  await store.transaction(async (tx) => {
    const endpoint = await lockEndpoint(tx, id);
    if (endpoint === null) throw endpointNotFound();
    if (!isSigned(endpoint.format as EndpointFormat)) {
      throw new WaybillError('webhook-not-signed', `Messages in the format ${endpoint.format} are not signed. Change its URL or key instead.`, { status: 409 });
    }
    await rotateEndpointSecret(tx, id, sealEndpointSecret(context.keys, id, secret), previousExpiresAt, context.now);
    await recordAudit(tx, actor, { action: 'webhook-endpoint.rotate-secret', target: id, after: { previousExpiresAt } });
  });
  return { secret, previousExpiresAt: previousExpiresAt.toISOString() };
}
