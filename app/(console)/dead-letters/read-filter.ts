import { deadLetterFilterSchema } from '#lib/operations/list-dead-letters.ts';
import type { Filter } from './filter.ts';

/** The filter in a page's URL; a part that is not valid is left out rather than failing the page. */
export function readFilter(search: Record<string, string | string[] | undefined>): Filter {
  const filter: Record<string, string> = {};
  for (const key of Object.keys(deadLetterFilterSchema.shape)) {
    const value = Array.isArray(search[key]) ? search[key][0] : search[key];
    if (value === undefined || value === '') continue;
    const parsed = deadLetterFilterSchema.safeParse({ [key]: value });
    if (parsed.success) filter[key] = value;
  }
  return filter as Filter;
}
