import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { readArchive, readArchives, type ArchiveRow } from '#lib/store/dead-letters/archive-rows.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, pageQuerySchema, type Page } from '#lib/wire.ts';
import type { WireArchive } from './archive-wire.ts';

export const listArchivesQuerySchema = pageQuerySchema.extend({
  /** true: only those that are not worked off. */
  open: z.enum(['true', 'false']).default('false'),
});

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * What was archived or taken back, newest first.
 * @throws WaybillError `invalid-cursor` 400
 */
export async function listArchives(store: Store, query: z.output<typeof listArchivesQuerySchema>): Promise<Page<WireArchive>> {
  const cursor = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
  if (query.cursor !== undefined && cursor === null) throw new WaybillError('invalid-cursor', 'The cursor is not one of this list.', { status: 400 });
  const rows = await readArchives(store, { open: query.open === 'true', before: cursor === null ? null : { at: String(cursor[0]), id: String(cursor[1]) }, limit: query.limit + 1 });
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return { items: items.map(wireArchive), nextCursor: rows.length > query.limit && last ? encodeCursor([last.createdAt.toISOString(), last.id]) : null, total: null };
}

/** One archive with how far it is. @throws WaybillError `not-found` 404 */
export async function getArchive(store: Store, id: string): Promise<WireArchive> {
  const row = UUID.test(id) ? await readArchive(store, id) : null;
  if (!row) throw new WaybillError('not-found', `There is no archive ${id}.`, { status: 404 });
  return wireArchive(row);
}

function wireArchive(row: ArchiveRow): WireArchive {
  return {
    id: row.id,
    cluster: row.cluster,
    verb: row.verb,
    state: row.finishedAt === null ? 'running' : 'finished',
    selection: 'ids' in row.selection ? { ids: row.selection.ids.length } : { filter: row.selection.filter },
    counts: { selected: Number(row.selected), changed: Number(row.changed), skippedReplaying: Number(row.skippedReplaying), skippedSettled: Number(row.skippedSettled) },
    reason: row.reason,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
