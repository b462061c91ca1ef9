import type { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { insertSavedFilter, isNameTaken } from '#lib/store/dead-letters/saved-filters.ts';
import type { Store } from '#lib/store/store.ts';
import { MOST_SAVED_FILTERS, nameTaken, setParts, toSavedFilter, type savedFilterInputSchema, type SavedFilterWire } from './saved-filter-shape.ts';

/**
 * Gives a filter of the list a name, for everybody.
 * @throws WaybillError `name-taken`, `too-many-saved-filters` 409
 */
export async function createSavedFilter(store: Store, input: z.output<typeof savedFilterInputSchema>, actor: Pick<Principal, 'name'>, now: Date): Promise<SavedFilterWire> {
  return store.transaction(async (tx) => {
    const row = await insertSavedFilter(tx, { name: input.name, filter: setParts(input.filter), createdBy: actor.name }, MOST_SAVED_FILTERS, now);
    if (row === null) {
      if (await isNameTaken(tx, input.name, null)) throw nameTaken(input.name);
      throw new WaybillError('too-many-saved-filters', `There are ${MOST_SAVED_FILTERS} saved filters already. Delete one that nobody uses.`, { status: 409 });
    }
    await recordAudit(tx, actor, { action: 'saved-filter.create', target: row.name, after: { id: row.id, filter: row.filter } });
    await store.notify('dead-letters', { savedFilter: row.id }, tx);
    return toSavedFilter(row);
  });
}
