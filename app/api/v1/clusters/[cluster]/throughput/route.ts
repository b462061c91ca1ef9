import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { getClusterThroughput, throughputQuerySchema, throughputSchema } from '#lib/operations/read-throughput.ts';

export const GET = route(
  { role: 'viewer', summary: 'Records written per second by topic: the busiest topics and all others together, over the last hour unless told otherwise', params: z.object({ cluster: z.string() }), query: throughputQuerySchema, response: throughputSchema },
  ({ store, params, query, clock }) => getClusterThroughput(store, { ...params, ...query, now: clock.now() }),
);
