import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { readSelected } from '#lib/store/replays/await-approval.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, pageQuerySchema, type Page } from '#lib/wire.ts';
import { getReplay } from './get-replay.ts';

export const selectedLetterSchema = z.object({
  deadLetterId: z.string(),
  /** Replays of it so far. */
  generation: z.number().int(),
  originTopic: z.string().nullable(),
  errorClass: z.string().nullable(),
  errorMessage: z.string().nullable(),
  correlationId: z.string().nullable(),
});
export type WireSelectedLetter = z.infer<typeof selectedLetterSchema>;
export const selectedLetterListSchema = listSchema(selectedLetterSchema);
export const listReplaySelectionQuerySchema = pageQuerySchema;

/**
 * What a replay was asked for: its frozen selection as it is now, in the order it would be sent. For whoever has to approve it.
 * @throws WaybillError `not-found` 404, `invalid-cursor` 400
 */
export async function listReplaySelection(store: Store, replayId: string, query: z.infer<typeof listReplaySelectionQuerySchema>): Promise<Page<WireSelectedLetter>> {
  const { id } = await getReplay(store, replayId);
  const cursor = query.cursor === undefined ? null : decodeCursor(query.cursor, 3);
  if (query.cursor !== undefined && cursor === null) throw new WaybillError('invalid-cursor', 'The cursor is not one of this list.', { status: 400 });
  const rows = (await readSelected(store, id, cursor === null ? null : { topicId: Number(cursor[0]), partition: Number(cursor[1]), offset: String(cursor[2]) }, query.limit + 1)) ?? [];
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items: items.map((row) => ({ deadLetterId: formatDeadLetterId(row), generation: row.generation, originTopic: row.originTopic, errorClass: row.errorClass, errorMessage: row.errorMessage, correlationId: row.correlationId })),
    nextCursor: rows.length > query.limit && last ? encodeCursor([last.topicId, last.partition, last.offset]) : null,
    total: null,
  };
}
