import { z } from 'zod';
import { deleteSavedFilter } from '#lib/operations/delete-saved-filter.ts';
import { savedFilterChangeSchema, savedFilterSchema } from '#lib/operations/saved-filter-shape.ts';
import { updateSavedFilter } from '#lib/operations/update-saved-filter.ts';
import { route } from '../../../route.ts';

const params = z.object({ id: z.coerce.number().int().min(1).max(2_147_483_647) });

export const PATCH = route({ role: 'operator', summary: 'Renames a saved filter, or replaces what it filters by; what is not named stays', params, body: savedFilterChangeSchema, response: savedFilterSchema }, async ({ store, clock, principal, params: { id }, body }) =>
  updateSavedFilter(store, id, body, principal, clock.now()),
);

export const DELETE = route({ role: 'operator', summary: 'Deletes a saved filter; the dead letters stay', params, status: 204 }, async ({ store, principal, params: { id } }) => deleteSavedFilter(store, id, principal));
