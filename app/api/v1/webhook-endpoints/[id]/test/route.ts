import { z } from 'zod';
import { queuedDeliverySchema, testWebhookEndpoint } from '#lib/operations/test-webhook-endpoint.ts';
import { route } from '../../../../route.ts';

export const POST = route(
  { role: 'operator', summary: 'Sends a test by the real path; what came of it is in the delivery', params: z.object({ id: z.uuid() }), response: queuedDeliverySchema, status: 202 },
  async ({ store, config, clock, principal, params: { id } }) => testWebhookEndpoint(store, id, principal, { now: clock.now(), publicUrl: config.publicUrl }),
);
