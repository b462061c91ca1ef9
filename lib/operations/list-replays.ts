import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { readReplays } from '#lib/store/replays/read-replay.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, pageQuerySchema, type Page } from '#lib/wire.ts';
import { wireReplay } from './get-replay.ts';
import { replayStateSchema, type WireReplay } from './replay-wire.ts';

export const listReplaysQuerySchema = pageQuerySchema.extend({ cluster: z.string().max(64).optional(), state: replayStateSchema.optional() });

/**
 * Replays, newest first.
 * @throws WaybillError `invalid-cursor` 400
 */
export async function listReplays(store: Store, query: z.infer<typeof listReplaysQuerySchema>): Promise<Page<WireReplay>> {
  const cursor = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
  if (query.cursor !== undefined && cursor === null) throw new WaybillError('invalid-cursor', 'The cursor is not one of this list.', { status: 400 });
  const rows = await readReplays(store, {
    cluster: query.cluster ?? null,
    states: query.state === undefined ? null : query.state === 'running' ? ['running', 'queued'] : [query.state],
    before: cursor === null ? null : { at: String(cursor[0]), id: String(cursor[1]) },
    limit: query.limit + 1,
  });
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return { items: items.map(wireReplay), nextCursor: rows.length > query.limit && last ? encodeCursor([last.createdAt.toISOString(), last.id]) : null, total: null };
}
