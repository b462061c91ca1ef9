import { route } from '#app/api/route.ts';
import { failureListSchema, failuresQuerySchema, listFailures } from '#lib/operations/list-failures.ts';

export const GET = route(
  { role: 'viewer', summary: 'Dead letters grouped by cause, last seen first', query: failuresQuerySchema, response: failureListSchema },
  ({ store, config, query, clock }) => listFailures(store, query, clock.now(), config.retentionDays.bodies),
);
