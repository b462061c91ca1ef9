import type { Statements } from '../store.ts';

export interface SavedFilterRow {
  id: number;
  name: string;
  filter: Record<string, string>;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

const COLUMNS = 'id, name, filter, created_by as "createdBy", created_at as "createdAt", updated_at as "updatedAt"';

/** All of them, by name. */
export async function readSavedFilters(on: Statements): Promise<SavedFilterRow[]> {
  return on.query<SavedFilterRow>(`select ${COLUMNS} from saved_filter order by lower(name), name`);
}

/** One of them, locked until the transaction ends; null where there is none. */
export async function lockSavedFilter(tx: Statements, id: number): Promise<SavedFilterRow | null> {
  const [row] = await tx.query<SavedFilterRow>(`select ${COLUMNS} from saved_filter where id = $1 for update`, [id]);
  return row ?? null;
}

/** @returns null where the name is taken, or `most` are there already */
export async function insertSavedFilter(tx: Statements, filter: Pick<SavedFilterRow, 'name' | 'filter' | 'createdBy'>, most: number, now: Date): Promise<SavedFilterRow | null> {
  // Two at a time must not pass the bound together.
  await tx.execute(`lock table saved_filter in share row exclusive mode`);
  const [row] = await tx.query<SavedFilterRow>(
    `insert into saved_filter (name, filter, created_by, created_at, updated_at) select $1, $2::jsonb, $3, $4, $4 where (select count(*) from saved_filter) < $5 on conflict (name) do nothing returning ${COLUMNS}`,
    [filter.name, JSON.stringify(filter.filter), filter.createdBy, now, most],
  );
  return row ?? null;
}

/** Whether a saved filter other than `butId` has this name. */
export async function isNameTaken(on: Statements, name: string, butId: number | null): Promise<boolean> {
  return (await on.query('select 1 from saved_filter where name = $1 and ($2::int is null or id <> $2)', [name, butId])).length > 0;
}

export async function updateSavedFilter(tx: Statements, id: number, filter: Pick<SavedFilterRow, 'name' | 'filter'>, now: Date): Promise<void> {
  await tx.execute('update saved_filter set name = $2, filter = $3::jsonb, updated_at = $4 where id = $1', [id, filter.name, JSON.stringify(filter.filter), now]);
}

export async function deleteSavedFilterRow(tx: Statements, id: number): Promise<void> {
  await tx.execute('delete from saved_filter where id = $1', [id]);
}
