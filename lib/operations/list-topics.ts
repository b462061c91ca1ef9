import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { readTopics } from '#lib/store/lag/read-topics.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, offsetSchema, type Page, pageQuerySchema, timeSchema } from '#lib/wire.ts';
import { requireCluster } from './list-groups.ts';

export const listTopicsQuerySchema = pageQuerySchema.extend({ search: z.string().max(249).optional() });
export const topicSchema = z.object({
  topic: z.string(),
  topicId: z.string().describe("the broker's id of this incarnation"),
  partitions: z.number().int(),
  replicationFactor: z.number().int().nullable(),
  internal: z.boolean(),
  role: z.string().nullable().describe('dead-letter, retry or null'),
  offsetsHeld: offsetSchema.nullable().describe('end minus start over the known partitions; compaction and transaction markers make it an upper bound of the records'),
  unknownPartitions: z.number().int(),
  groups: z.number().int(),
  lastMovedAt: timeSchema.nullable(),
  firstSeenAt: timeSchema,
});
export type TopicSummary = z.output<typeof topicSchema>;
export const listTopicsResponseSchema = listSchema(topicSchema);

/**
 * Topics of a cluster by name.
 * @throws WaybillError `cluster-not-found` 404, `bad-cursor` 400
 */
export async function listTopics(store: Store, input: { cluster: string; search?: string | undefined; limit?: number | undefined; cursor?: string | undefined }): Promise<Page<TopicSummary>> {
  const clusterId = await requireCluster(store, input.cluster);
  const after = input.cursor === undefined ? null : decodeCursor(input.cursor, 1)?.[0];
  if (after !== null && typeof after !== 'string') throw new WaybillError('bad-cursor', 'The cursor is not one that this list gave. Start without one.');
  const limit = input.limit ?? 100;
  const rows = await readTopics(store, clusterId, input.search?.trim() ?? '', limit + 1, after);
  const page = rows.slice(0, limit);
  return {
    items: page.map((row) => ({
      topic: row.name,
      topicId: row.kafka_topic_id,
      partitions: row.partition_count,
      replicationFactor: row.replication_factor,
      internal: row.internal,
      role: row.role,
      offsetsHeld: row.held?.toString() ?? null,
      unknownPartitions: row.unknown,
      groups: row.groups,
      lastMovedAt: row.changed_at?.toISOString() ?? null,
      firstSeenAt: row.first_seen_at.toISOString(),
    })),
    nextCursor: rows.length > limit ? encodeCursor([page[page.length - 1]?.name ?? '']) : null,
    total: null,
  };
}
