import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import type { Store } from '#lib/store/store.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';
import { askBroker } from './ask-broker.ts';
import { decodeBrowseCursor, encodeBrowseCursor } from './browse-cursor.ts';
import { findTopic } from './find-topic.ts';
import { browseEndSchema, type BrowseEnd, type BrowseParams, messageSchema, type MessageWire, MOST_FILTER_CHARS, MOST_PARTITIONS } from './message-shape.ts';

const MOST_SECONDS = 30;

export const browseTopicQuerySchema = z.object({
  order: z.enum(['newest', 'oldest']).default('newest'),
  /** The first offset shown, in every partition. */
  offset: offsetSchema.optional(),
  /** ISO 8601. With `oldest` from the first record at or after it; with `newest` from the last one before it. */
  time: timeSchema.optional(),
  /** Numbers with commas; all unless given. */
  partitions: z.string().max(4_000).regex(/^\d+(,\d+)*$/, 'partition numbers with commas').optional(),
  /** Only records with exactly this key, as text. */
  key: z.string().max(2_000).optional(),
  keyBase64: z.base64().max(8_192).optional(),
  /** A CEL expression over key, value, headers, offset, partition and timestamp. */
  filter: z.string().max(MOST_FILTER_CHARS).optional(),
  /** `all` also shows aborted records and those that read_committed consumers do not see yet, each marked. */
  isolation: z.enum(['committed', 'all']).default('committed'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** How long to search at most; the cursor goes on from there. */
  seconds: z.coerce.number().int().min(1).max(MOST_SECONDS).default(8),
  cursor: z.string().max(8_000).optional(),
});
export type BrowseTopicQuery = z.output<typeof browseTopicQuerySchema>;

export const browseTopicResponseSchema = browseEndSchema.omit({ positions: true }).extend({
  items: z.array(messageSchema),
  nextCursor: z.string().nullable(),
});
export type BrowseTopicAnswer = z.output<typeof browseTopicResponseSchema>;

/**
 * Messages of a topic, read from the broker without a group and without a commit: by offset, time or key, newest or oldest first, filtered in CEL.
 * Bounded by records, bytes and time; says why it stopped and goes on by cursor.
 * @throws WaybillError `topic-not-found` 404, `bad-cursor`, `choose-partitions`, `filter-invalid` 400, `filter-stopped` 422, or the broker's own
 */
export async function browseTopic(store: Store, input: { cluster: string; topic: string; query: BrowseTopicQuery; principal: string; signal?: AbortSignal }): Promise<BrowseTopicAnswer> {
  const { query } = input;
  const topic = await findTopic(store, input);
  const partitions = query.partitions === undefined ? null : [...new Set(query.partitions.split(',').map(Number))];
  if ((partitions?.length ?? topic.partitionCount) > MOST_PARTITIONS) {
    throw new WaybillError('choose-partitions', `The topic has ${topic.partitionCount} partitions; at most ${MOST_PARTITIONS} are browsed at once. Choose some of them.`, { status: 400, detail: { most: MOST_PARTITIONS } });
  }
  const params: BrowseParams = {
    topic: input.topic,
    partitions,
    order: query.order,
    from: fromOf(query, topic.id),
    isolation: query.isolation,
    limit: query.limit,
    keyBase64: query.keyBase64 ?? (query.key === undefined || query.key === '' ? null : Buffer.from(query.key, 'utf8').toString('base64')),
    filter: query.filter === undefined || query.filter.trim() === '' ? null : query.filter,
    maxMs: query.seconds * 1_000,
  };
  const parts = (await askBroker(store, {
    clusterId: topic.clusterId,
    kind: 'browse',
    params,
    principal: input.principal,
    // The search ends itself in time; this is for one that does not come to its end.
    timeoutMs: (query.seconds + 20) * 1_000,
    ...(input.signal ? { signal: input.signal } : {}),
  })) as { messages?: MessageWire[]; end?: BrowseEnd }[];
  const end = parts.at(-1)?.end;
  if (!end) throw new WaybillError('broker-request-failed', 'The answer broke off before its end.', { status: 502, retryable: true });
  const { positions, ...rest } = end;
  return {
    ...rest,
    items: parts.flatMap((part) => part.messages ?? []),
    nextCursor: positions.length === 0 ? null : encodeBrowseCursor({ topicRowId: topic.id, order: query.order, positions }),
  };
}

function fromOf(query: BrowseTopicQuery, topicRowId: number): BrowseParams['from'] {
  if (query.cursor !== undefined) return { kind: 'positions', positions: decodeBrowseCursor(query.cursor, topicRowId, query.order) };
  if (query.offset !== undefined) return { kind: 'offset', offset: query.offset };
  if (query.time !== undefined) return { kind: 'time', timestampMs: String(Date.parse(query.time)) };
  return { kind: 'edge' };
}
