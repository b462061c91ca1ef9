import { recordAudit } from '#lib/access/record-audit.ts';
import type { Principal } from '#lib/model/access.ts';
import { deleteSavedFilterRow, lockSavedFilter } from '#lib/store/dead-letters/saved-filters.ts';
import type { Store } from '#lib/store/store.ts';
import { noSavedFilter } from './saved-filter-shape.ts';

/** Takes a filter's name away; the rows it found are untouched. @throws WaybillError `saved-filter-not-found` 404 */
export async function deleteSavedFilter(store: Store, id: number, actor: Pick<Principal, 'name'>): Promise<void> {
  await store.transaction(async (tx) => {
    const before = await lockSavedFilter(tx, id);
    if (before === null) throw noSavedFilter();
    await deleteSavedFilterRow(tx, id);
    await recordAudit(tx, actor, { action: 'saved-filter.delete', target: before.name, before: { name: before.name, filter: before.filter } });
    await store.notify('dead-letters', { savedFilter: id }, tx);
  });
}
