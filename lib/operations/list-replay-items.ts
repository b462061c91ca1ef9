import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { formatDeadLetterId, REPLAY_ITEM_STATES, type Refusal } from '#lib/model/replay.ts';
import { describeRefusal } from '#lib/replay/describe-refusal.ts';
import { readReplayItems, type ReplayItemRow } from '#lib/store/replays/read-replay.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, pageQuerySchema, type Page } from '#lib/wire.ts';
import type { WireReplayItem } from './replay-wire.ts';

export const listReplayItemsQuerySchema = pageQuerySchema.extend({ state: z.enum(REPLAY_ITEM_STATES).optional() });

/**
 * Items of a replay: those that need a person first, then in the order they are sent.
 * @throws WaybillError `invalid-cursor` 400
 */
export async function listReplayItems(store: Store, replayId: string, query: z.infer<typeof listReplayItemsQuerySchema>): Promise<Page<WireReplayItem>> {
  const cursor = query.cursor === undefined ? null : decodeCursor(query.cursor, 5);
  if (query.cursor !== undefined && cursor === null) throw new WaybillError('invalid-cursor', 'The cursor is not one of this list.', { status: 400 });
  const rows = await readReplayItems(store, {
    replayId,
    state: query.state ?? null,
    after: cursor === null ? null : { rank: Number(cursor[0]), topicId: Number(cursor[1]), partition: Number(cursor[2]), offset: String(cursor[3]), generation: Number(cursor[4]) },
    limit: query.limit + 1,
  });
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return { items: items.map(wireItem), nextCursor: rows.length > query.limit && last ? encodeCursor([last.rank, last.topicId, last.partition, last.offset, last.generation]) : null, total: null };
}

function wireItem(row: ReplayItemRow): WireReplayItem {
  const detail = row.detail ?? {};
  const error = detail['error'] as { class: string | null; message: string | null; ref: string | null } | null | undefined;
  return {
    deadLetterId: formatDeadLetterId(row),
    generation: row.generation,
    state: row.state as WireReplayItem['state'],
    settled: row.settled,
    sentTo: row.targetTopic !== null && row.sentPartition !== null && row.sentOffset !== null ? { topic: row.targetTopic, partition: row.sentPartition, offset: row.sentOffset.toString() } : null,
    sentAt: row.sentAt?.toISOString() ?? null,
    refusal: row.refusal === null ? null : { code: row.refusal, text: describeRefusal({ code: row.refusal, detail } as Refusal) },
    groups: (detail['groups'] as WireReplayItem['groups'] | undefined) ?? [],
    error: error ? { class: error.class, message: error.message, deadLetterId: error.ref } : null,
    correlationId: row.correlationId,
  };
}
