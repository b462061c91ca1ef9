import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { listGroups, listGroupsQuerySchema, listGroupsResponseSchema } from '#lib/operations/list-groups.ts';

export const GET = route(
  { role: 'viewer', summary: 'Consumer groups of a cluster with lag, age and status, most urgent first', params: z.object({ cluster: z.string() }), query: listGroupsQuerySchema, response: listGroupsResponseSchema },
  ({ store, params, query, clock }) => listGroups(store, { ...query, cluster: params.cluster, now: clock.now() }),
);
