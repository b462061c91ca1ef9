import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { lagTrendsQuerySchema, lagTrendsSchema, listLagTrends } from '#lib/operations/list-lag-trends.ts';

export const GET = route(
  { role: 'viewer', summary: 'Lag of a few groups over the last hour, for the rows in view', params: z.object({ cluster: z.string() }), query: lagTrendsQuerySchema, response: lagTrendsSchema },
  ({ store, params, query, clock }) => listLagTrends(store, { cluster: params.cluster, groups: query.group, now: clock.now() }),
);
