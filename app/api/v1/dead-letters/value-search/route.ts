import { route } from '#app/api/route.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { searchValues, searchValuesQuerySchema, searchValuesSchema } from '#lib/operations/search-values.ts';

export const GET = route(
  { role: 'viewer', summary: 'Dead letters whose values hold a text, newest first, as far as one request comes; the setting WAYBILL_VALUE_SEARCH may ask for a higher role', query: searchValuesQuerySchema, response: searchValuesSchema },
  ({ store, config, query, principal, request }) => searchValues(store, query, principal, { needs: config.valueSearch, masking: compileMasking(config.masking) }, request.signal),
);
