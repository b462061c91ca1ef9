import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { getGroup, groupDetailSchema } from '#lib/operations/get-group.ts';

export const GET = route(
  { role: 'viewer', summary: 'A consumer group with its partitions and members', params: z.object({ cluster: z.string(), group: z.string() }), response: groupDetailSchema },
  ({ store, params, clock }) => getGroup(store, { ...params, now: clock.now() }),
);
