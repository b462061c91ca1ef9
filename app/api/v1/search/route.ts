import { z } from 'zod';
import { foundSchema, searchNames } from '#lib/operations/search-names.ts';
import { listSchema } from '#lib/wire.ts';
import { route } from '../../route.ts';

export const GET = route(
  { role: 'viewer', summary: 'Groups, topics and failures by part of their name', query: z.object({ text: z.string().trim().min(1).max(200) }), response: listSchema(foundSchema) },
  async ({ store, query }) => {
    const items = await searchNames(store, query);
    return { items, nextCursor: null, total: items.length };
  },
);
