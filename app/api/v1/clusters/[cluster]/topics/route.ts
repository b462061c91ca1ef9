import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { listTopics, listTopicsQuerySchema, listTopicsResponseSchema } from '#lib/operations/list-topics.ts';

export const GET = route(
  { role: 'viewer', summary: 'Topics of a cluster with rates, sizes, settings, producers and consumers', params: z.object({ cluster: z.string() }), query: listTopicsQuerySchema, response: listTopicsResponseSchema },
  ({ store, clock, params, query }) => listTopics(store, { ...query, cluster: params.cluster, now: clock.now() }),
);
