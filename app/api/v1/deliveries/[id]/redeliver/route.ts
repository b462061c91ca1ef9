import { z } from 'zod';
import { redeliverWebhook } from '#lib/operations/redeliver-webhook.ts';
import { queuedDeliverySchema } from '#lib/operations/test-webhook-endpoint.ts';
import { route } from '../../../../route.ts';

export const POST = route(
  { role: 'operator', summary: 'Sends a delivery that has ended once more, under the same webhook-id', params: z.object({ id: z.string().max(100) }), response: queuedDeliverySchema, status: 202 },
  async ({ store, clock, principal, params: { id } }) => redeliverWebhook(store, id, principal, clock.now()),
);
