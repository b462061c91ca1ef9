import { z } from 'zod';
import { channelContext } from '#lib/operations/channel-context.ts';
import { deleteWebhookEndpoint } from '#lib/operations/delete-webhook-endpoint.ts';
import { getWebhookEndpoint, maskEndpoint, webhookEndpointSchema } from '#lib/operations/list-webhook-endpoints.ts';
import { updateWebhookEndpoint } from '#lib/operations/update-webhook-endpoint.ts';
import { endpointChangeSchema } from '#lib/operations/webhook-endpoint-shape.ts';
import { route } from '../../../route.ts';

const params = z.object({ id: z.uuid() });

export const GET = route({ role: 'viewer', summary: 'A webhook with its health', params, response: webhookEndpointSchema }, async ({ store, clock, principal, params: { id } }) =>
  maskEndpoint(await getWebhookEndpoint(store, id, clock.now()), principal.role),
);

export const PATCH = route(
  { role: 'administrator', summary: 'Changes a webhook: name, target, on or off', params, body: endpointChangeSchema, response: webhookEndpointSchema },
  async ({ store, config, clock, principal, params: { id }, body }) => updateWebhookEndpoint(store, id, body, principal, channelContext(config, clock.now())),
);

export const DELETE = route({ role: 'administrator', summary: 'Deletes a webhook with its deliveries', params, status: 204 }, async ({ store, clock, principal, params: { id } }) =>
  deleteWebhookEndpoint(store, id, principal, clock.now()),
);
