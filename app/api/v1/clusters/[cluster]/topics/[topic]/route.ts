import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { getTopic, topicDetailSchema } from '#lib/operations/get-topic.ts';

export const GET = route(
  { role: 'viewer', summary: 'A topic with its partitions, producers and consumers', params: z.object({ cluster: z.string(), topic: z.string().max(249) }), response: topicDetailSchema },
  ({ store, clock, params }) => getTopic(store, { ...params, now: clock.now() }),
);
