import { findingsSchema, listFindings, listFindingsQuerySchema } from '#lib/operations/list-findings.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'viewer', summary: 'What is wrong with the way events are written, read and passed on, with evidence', query: listFindingsQuerySchema, response: findingsSchema }, async ({ store, clock, query }) =>
  listFindings(store, query, clock.now()),
);
