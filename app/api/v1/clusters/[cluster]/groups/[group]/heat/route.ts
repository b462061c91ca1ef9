import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { getGroupHeat, groupHeatQuerySchema, groupHeatSchema } from '#lib/operations/read-group-heat.ts';

export const GET = route(
  { role: 'viewer', summary: 'Lag of each partition of a group over time, the furthest behind first; the last hour unless told otherwise', params: z.object({ cluster: z.string(), group: z.string() }), query: groupHeatQuerySchema, response: groupHeatSchema },
  ({ store, params, query, clock }) => getGroupHeat(store, { ...params, ...query, now: clock.now() }),
);
