import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { deadLetterStates } from '#lib/model/dead-letter.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { countFacets, type Facet } from '#lib/store/dead-letters/count-facets.ts';
import { countRows, listRows, prepareSearch, type DeadLetterRow } from '#lib/store/dead-letters/list-rows.ts';
import type { DeadLetterFilter } from '#lib/store/dead-letters/filter-dead-letters.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, offsetSchema, pageQuerySchema, timeSchema, type Page } from '#lib/wire.ts';

/** What the list can be narrowed by: also the filter of a replay's selection. */
export const deadLetterFilterSchema = z.object({
  cluster: z.string().max(64).optional(),
  topic: z.string().max(249).optional(),
  originTopic: z.string().max(249).optional(),
  originGroup: z.string().max(255).optional(),
  errorClass: z.string().max(500).optional(),
  failure: z.string().max(100).optional(),
  state: z.enum(deadLetterStates).optional(),
  correlationId: z.string().max(256).optional(),
  search: z.string().max(200).optional(),
});
export const deadLettersQuerySchema = deadLetterFilterSchema.extend({ limit: pageQuerySchema.shape.limit, cursor: pageQuerySchema.shape.cursor });

/** A row of the list: a DeadLetter without its bytes and its stack trace. */
export const deadLetterRowSchema = z.object({
  id: z.string(),
  cluster: z.string(),
  topic: z.string(),
  partition: z.number().int(),
  offset: offsetSchema,
  timestamp: timeSchema.nullable(),
  ingestedAt: timeSchema,
  dialect: z.string().nullable(),
  state: z.string(),
  stateAt: timeSchema,
  origin: z.object({ topic: z.string().nullable(), partition: z.number().int().nullable(), offset: offsetSchema.nullable(), timestamp: timeSchema.nullable(), consumerGroup: z.string().nullable() }),
  error: z.object({ class: z.string().nullable(), rootClass: z.string().nullable(), message: z.string().nullable() }),
  attempts: z.number().int().nullable(),
  correlationId: z.string().nullable(),
  failureId: z.string().nullable(),
  /** null: null key. */
  keyBytes: z.number().int().nullable(),
  /** null: a tombstone. */
  valueBytes: z.number().int().nullable(),
  generation: z.number().int(),
  expiresAt: timeSchema.nullable(),
});
export type DeadLetterRowWire = z.infer<typeof deadLetterRowSchema>;
export const deadLetterListSchema = listSchema(deadLetterRowSchema);

/**
 * Dead letters, newest first, as the filter says. `total` is null where it is over 10,000 and not kept (a state, a search).
 * @throws WaybillError `invalid-cursor` 400
 */
export async function listDeadLetters(store: Store, query: z.infer<typeof deadLettersQuerySchema>): Promise<Page<DeadLetterRowWire>> {
  const { limit, cursor, ...filter } = query;
  let before: bigint | null = null;
  if (cursor !== undefined) {
    const parts = decodeCursor(cursor, 1);
    if (!parts || !/^\d{1,19}$/u.test(String(parts[0]))) throw new WaybillError('invalid-cursor', 'The cursor is not one of this list.');
    before = BigInt(String(parts[0]));
  }
  const search = await prepareSearch(store, filter);
  const [rows, total] = await Promise.all([listRows(store, search, before, limit + 1), countRows(store, search)]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(toRowWire), nextCursor: rows.length > limit && last ? encodeCursor([last.seq]) : null, total: total === null ? null : Number(total) };
}

/** Counts by topic, origin, group, class and state under a filter. */
export async function listDeadLetterFacets(store: Store, filter: DeadLetterFilter): Promise<Facet[]> {
  return countFacets(store, await prepareSearch(store, filter));
}

/** A stored row in the words of the API. */
export function toRowWire(row: DeadLetterRow): DeadLetterRowWire {
  return {
    id: formatDeadLetterId(row),
    cluster: row.cluster,
    topic: row.topic,
    partition: row.partition,
    offset: row.offset.toString(),
    timestamp: row.timestamp?.toISOString() ?? null,
    ingestedAt: row.ingestedAt.toISOString(),
    dialect: row.dialect,
    state: row.state,
    stateAt: row.stateAt.toISOString(),
    origin: {
      topic: row.originTopic,
      partition: row.originPartition,
      offset: row.originOffset?.toString() ?? null,
      timestamp: row.originTimestamp?.toISOString() ?? null,
      consumerGroup: row.originGroup,
    },
    error: { class: row.errorClass, rootClass: row.rootClass, message: row.errorMessage },
    attempts: row.attempts,
    correlationId: row.correlationId,
    failureId: row.failureId,
    keyBytes: row.keyBytes,
    valueBytes: row.valueBytes,
    generation: row.generation,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}
