import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { readCompleteClusters, readTopicProducers, readTopicReaders, readTopics, type TopicReaderRow } from '#lib/store/topics/read-topics.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, type Page, pageQuerySchema } from '#lib/wire.ts';
import { requireCluster } from './list-groups.ts';
import { type TopicSummary, topicSchema, toTopicSummary } from './topic-shape.ts';

const SORTS = ['topic', '-topic', 'size', '-size', 'produced', '-produced', 'lag', '-lag', 'partitions', '-partitions'] as const;
/** A service that wrote within this long counts as a producer. */
export const PRODUCER_AGE_MS = 86_400_000;

export const listTopicsQuerySchema = pageQuerySchema.extend({
  /** Part of the topic's, a producer's or a consumer's name. */
  search: z.string().max(249).optional(),
  sort: z.enum(SORTS).default('topic'),
});
export const listTopicsResponseSchema = listSchema(topicSchema);

export interface ListTopicsInput {
  /** Name; null = every cluster. */
  cluster: string | null;
  search?: string | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
  now: Date;
}

/**
 * Topics with rates, sizes, settings and who writes and reads, by name unless sorted otherwise; unknown figures come last, whichever way.
 * @throws WaybillError `cluster-not-found` 404, `bad-cursor` 400
 */
export async function listTopics(store: Store, input: ListTopicsInput): Promise<Page<TopicSummary>> {
  if (input.cluster !== null) await requireCluster(store, input.cluster);
  const start = input.cursor === undefined ? [0] : decodeCursor(input.cursor, 1);
  const from = start?.[0];
  if (typeof from !== 'number' || !Number.isInteger(from) || from < 0) throw new WaybillError('bad-cursor', 'The cursor is not one that this list gave. Start without one.');
  const scope = { cluster: input.cluster, topic: null };
  const [rows, readers, producers, complete] = await Promise.all([
    readTopics(store, scope),
    readTopicReaders(store, scope),
    readTopicProducers(store, null, new Date(input.now.getTime() - PRODUCER_AGE_MS)),
    readCompleteClusters(store, input.now),
  ]);
  const readersOf = Map.groupBy(readers, (reader: TopicReaderRow) => reader.topic_id);
  const producersOf = Map.groupBy(producers, (producer) => producer.topic);
  const search = input.search?.trim().toLowerCase() ?? '';
  const items = rows
    .map((row) => toTopicSummary(row, readersOf.get(row.id) ?? [], servicesOf(producersOf.get(row.name) ?? [], row.cluster_id), complete.has(row.cluster_id)))
    .filter((item) => search === '' || [item.topic, ...item.producers, ...item.consumers].some((name) => name.toLowerCase().includes(search)))
    .toSorted(comparison(input.sort ?? 'topic'));
  const limit = input.limit ?? 100;
  const next = from + limit;
  return { items: items.slice(from, next), nextCursor: next < items.length ? encodeCursor([next]) : null, total: items.length };
}

/** Names without repeats, newest first, of those that wrote to this cluster or did not say to which. */
export function servicesOf(producers: readonly { cluster_id: number; service: string }[], clusterId: number): string[] {
  return [...new Set(producers.filter((one) => one.cluster_id === 0 || one.cluster_id === clusterId).map((one) => one.service))];
}

type Figure = number | bigint | null;

function comparison(sort: (typeof SORTS)[number]): (a: TopicSummary, b: TopicSummary) => number {
  const descending = sort.startsWith('-');
  const byName = (a: TopicSummary, b: TopicSummary) => a.topic.localeCompare(b.topic, 'en', { numeric: true }) || a.cluster.localeCompare(b.cluster);
  const figureOf: Record<string, (topic: TopicSummary) => Figure> = {
    size: (topic) => (topic.sizeBytes === null ? null : BigInt(topic.sizeBytes)),
    produced: (topic) => topic.producedPerSecond,
    lag: (topic) => (topic.lag === null ? null : BigInt(topic.lag)),
    partitions: (topic) => topic.partitions,
  };
  const figure = figureOf[sort.replace(/^-/, '')];
  if (!figure) return descending ? (a, b) => byName(b, a) : byName;
  return (a, b) => {
    const [left, right] = [figure(a), figure(b)];
    if (left === null || right === null) return left === right ? byName(a, b) : left === null ? 1 : -1;
    return (left < right ? -1 : left > right ? 1 : 0) * (descending ? -1 : 1) || byName(a, b);
  };
}
