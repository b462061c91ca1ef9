import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { browseTopic, browseTopicQuerySchema, browseTopicResponseSchema } from '#lib/operations/browse-topic.ts';

export const GET = route(
  { role: 'viewer', summary: 'Messages of a topic by offset, time or key, filtered in CEL; read without a group', params: z.object({ cluster: z.string(), topic: z.string().max(249) }), query: browseTopicQuerySchema, response: browseTopicResponseSchema },
  ({ store, params, query, principal, request }) => browseTopic(store, { ...params, query, principal: principal.name, signal: request.signal }),
);
