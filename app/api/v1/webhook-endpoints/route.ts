import { channelContext } from '#lib/operations/channel-context.ts';
import { createdEndpointSchema, createWebhookEndpoint } from '#lib/operations/create-webhook-endpoint.ts';
import { listWebhookEndpoints, maskEndpoint, webhookEndpointsSchema } from '#lib/operations/list-webhook-endpoints.ts';
import { endpointInputSchema } from '#lib/operations/webhook-endpoint-shape.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'viewer', summary: 'Webhooks with their health; only administrators see whole URLs', response: webhookEndpointsSchema }, async ({ store, clock, principal }) => {
  const list = await listWebhookEndpoints(store, clock.now());
  return { ...list, items: list.items.map((item) => maskEndpoint(item, principal.role)) };
});

export const POST = route(
  { role: 'administrator', summary: 'Adds a webhook; its signing secret is in this answer only', body: endpointInputSchema, response: createdEndpointSchema, status: 201 },
  async ({ store, config, clock, principal, body }) => createWebhookEndpoint(store, body, principal, channelContext(config, clock.now())),
);
