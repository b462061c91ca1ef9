import { createdTokenSchema, createToken, createTokenSchema } from '#lib/operations/create-token.ts';
import { listTokens, tokenSchema } from '#lib/operations/list-tokens.ts';
import { listSchema } from '#lib/wire.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'administrator', summary: 'API tokens, without their secrets', response: listSchema(tokenSchema) }, async ({ store }) => {
  const items = await listTokens(store);
  return { items, nextCursor: null, total: items.length };
});

export const POST = route(
  { role: 'administrator', summary: 'Makes an API token; its secret is in this answer only', body: createTokenSchema, response: createdTokenSchema, status: 201 },
  async ({ store, clock, principal, body }) => createToken(store, { ...body, principal, now: clock.now() }),
);
