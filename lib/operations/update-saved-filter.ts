import type { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import type { Principal } from '#lib/model/access.ts';
import { isNameTaken, lockSavedFilter, updateSavedFilter as writeSavedFilter } from '#lib/store/dead-letters/saved-filters.ts';
import type { Store } from '#lib/store/store.ts';
import { nameTaken, noSavedFilter, setParts, toSavedFilter, type savedFilterChangeSchema, type SavedFilterWire } from './saved-filter-shape.ts';

/**
 * Renames a saved filter, or replaces what it filters by; what is not named stays.
 * @throws WaybillError `saved-filter-not-found` 404, `name-taken` 409
 */
export async function updateSavedFilter(store: Store, id: number, change: z.output<typeof savedFilterChangeSchema>, actor: Pick<Principal, 'name'>, now: Date): Promise<SavedFilterWire> {
  return store.transaction(async (tx) => {
    const before = await lockSavedFilter(tx, id);
    if (before === null) throw noSavedFilter();
    const after = { name: change.name ?? before.name, filter: change.filter === undefined ? before.filter : setParts(change.filter) };
    if (await isNameTaken(tx, after.name, id)) throw nameTaken(after.name);
    await writeSavedFilter(tx, id, after, now);
    await recordAudit(tx, actor, { action: 'saved-filter.update', target: before.name, before: { name: before.name, filter: before.filter }, after });
    await store.notify('dead-letters', { savedFilter: id }, tx);
    return toSavedFilter({ ...before, ...after, updatedAt: now });
  });
}
