import { z } from 'zod';
import { revokeToken } from '#lib/operations/revoke-token.ts';
import { route } from '../../../route.ts';

export const DELETE = route({ role: 'administrator', summary: 'Revokes an API token at once', params: z.object({ token: z.uuid() }) }, async ({ store, clock, principal, params }) => {
  await revokeToken(store, { principal, tokenId: params.token, now: clock.now() });
  return undefined;
});
