import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { getGroupHistory, groupHistoryQuerySchema, groupHistorySchema } from '#lib/operations/get-group-history.ts';

export const GET = route(
  { role: 'viewer', summary: 'Lag, age and rates of a group over time; the last hour unless told otherwise', params: z.object({ cluster: z.string(), group: z.string() }), query: groupHistoryQuerySchema, response: groupHistorySchema },
  ({ store, params, query, clock }) => getGroupHistory(store, { ...params, ...query, now: clock.now() }),
);
