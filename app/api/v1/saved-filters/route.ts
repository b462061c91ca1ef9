import { createSavedFilter } from '#lib/operations/create-saved-filter.ts';
import { listSavedFilters } from '#lib/operations/list-saved-filters.ts';
import { savedFilterInputSchema, savedFilterListSchema, savedFilterSchema } from '#lib/operations/saved-filter-shape.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'viewer', summary: 'Named filters of the list of dead letters', response: savedFilterListSchema }, async ({ store }) => listSavedFilters(store));

export const POST = route({ role: 'operator', summary: 'Gives a filter of the list of dead letters a name, for everybody', body: savedFilterInputSchema, response: savedFilterSchema, status: 201 }, async ({ store, clock, principal, body }) =>
  createSavedFilter(store, body, principal, clock.now()),
);
