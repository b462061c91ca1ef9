import { readSavedFilters } from '#lib/store/dead-letters/saved-filters.ts';
import type { Store } from '#lib/store/store.ts';
import type { Page } from '#lib/wire.ts';
import { toSavedFilter, type SavedFilterWire } from './saved-filter-shape.ts';

/** Every saved filter, by name: they are of the whole installation, and bounded. */
export async function listSavedFilters(store: Store): Promise<Page<SavedFilterWire>> {
  const items = (await readSavedFilters(store)).map(toSavedFilter);
  return { items, nextCursor: null, total: items.length };
}
