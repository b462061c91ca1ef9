import { z } from 'zod';
import { channelContext } from '#lib/operations/channel-context.ts';
import { rotatedSecretSchema, rotateWebhookSecret } from '#lib/operations/rotate-webhook-secret.ts';
import { route } from '../../../../route.ts';

export const POST = route(
  { role: 'administrator', summary: 'Gives a webhook a new signing secret, in this answer only; the old one signs beside it for 24 h', params: z.object({ id: z.uuid() }), response: rotatedSecretSchema },
  async ({ store, config, clock, principal, params: { id } }) => rotateWebhookSecret(store, id, principal, channelContext(config, clock.now())),
);
