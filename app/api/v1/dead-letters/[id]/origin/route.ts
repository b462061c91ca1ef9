import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { listReaders, readersSchema } from '#lib/operations/list-readers.ts';
import { lookAtOrigin } from '#lib/operations/look-at-origin.ts';
import { lookQuerySchema, originLookSchema } from '#lib/operations/origin-look-wire.ts';

export const GET = route(
  {
    role: 'viewer',
    summary: "What a replay of a dead letter would meet: whether its original is still on its topic and the same, newer records of its key, groups that would see it; read without a group",
    params: z.object({ id: z.string().max(60) }),
    query: lookQuerySchema,
    response: originLookSchema.extend({ readers: readersSchema.nullable() }),
  },
  async ({ store, params, query, principal, request }) => {
    const [look, readers] = await Promise.all([lookAtOrigin(store, { id: params.id, further: query.further === 'true', principal: principal.name, signal: request.signal }), listReaders(store, params.id)]);
    return { ...look, readers };
  },
);
