import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { readCompleteClusters, readTopicKeys, readTopicProducers, readTopicReaders, readTopics, type TopicFigure, type TopicKeyRow, type TopicReaderRow } from '#lib/store/topics/read-topics.ts';
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
  /** Name every consumer of a topic instead of the first 20: for a list that is searched where it is shown. */
  allNames?: boolean;
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
  const since = new Date(input.now.getTime() - PRODUCER_AGE_MS);
  const sort = input.sort ?? 'topic';
  const figure = sort.replace(/^-/, '');
  const keys = (await readTopicKeys(store, { cluster: input.cluster, search: input.search?.trim() ?? '', since, figure: figure === 'topic' ? null : (figure as TopicFigure) })).toSorted(comparison(sort));
  const limit = input.limit ?? 100;
  const next = from + limit;
  const page = keys.slice(from, next);
  const items = page.length === 0 ? [] : await readItems(store, page, { ...input, since, all: page.length === keys.length });
  return { items, nextCursor: next < keys.length ? encodeCursor([next]) : null, total: keys.length };
}

/** What is known of the topics of a page, in their order; one that went in between is left out. */
async function readItems(store: Store, page: readonly TopicKeyRow[], { cluster, allNames = false, now, since, all }: ListTopicsInput & { since: Date; all: boolean }): Promise<TopicSummary[]> {
  // Of all topics together the statements need no list of them.
  const scope = { cluster, topic: null, ids: all ? null : page.map((key) => key.id) };
  const [rows, readers, producers, complete] = await Promise.all([
    readTopics(store, scope),
    readTopicReaders(store, scope),
    readTopicProducers(store, all ? null : [...new Set(page.map((key) => key.name))], since),
    readCompleteClusters(store, now),
  ]);
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const readersOf = Map.groupBy(readers, (reader: TopicReaderRow) => reader.topic_id);
  const producersOf = Map.groupBy(producers, (producer) => producer.topic);
  return page.flatMap((key) => {
    const row = rowOf.get(key.id);
    const own = readersOf.get(key.id) ?? [];
    return row ? [toTopicSummary(row, own, servicesOf(producersOf.get(row.name) ?? [], row.cluster_id), complete.has(row.cluster_id), allNames ? own.length : undefined)] : [];
  });
}

/** Names without repeats, newest first, of those that wrote to this cluster or did not say to which. */
export function servicesOf(producers: readonly { cluster_id: number; service: string }[], clusterId: number): string[] {
  return [...new Set(producers.filter((one) => one.cluster_id === 0 || one.cluster_id === clusterId).map((one) => one.service))];
}

// Made once: localeCompare with options makes one for every pair, which took half a second for 5,000 names.
const NAMES = new Intl.Collator('en', { numeric: true });

function comparison(sort: (typeof SORTS)[number]): (a: TopicKeyRow, b: TopicKeyRow) => number {
  const descending = sort.startsWith('-');
  const byName = (a: TopicKeyRow, b: TopicKeyRow) => NAMES.compare(a.name, b.name) || NAMES.compare(a.cluster, b.cluster);
  if (sort === 'topic' || sort === '-topic') return descending ? (a, b) => byName(b, a) : byName;
  return (a, b) => {
    if (a.figure === null || b.figure === null) return a.figure === b.figure ? byName(a, b) : a.figure === null ? 1 : -1;
    return (a.figure < b.figure ? -1 : a.figure > b.figure ? 1 : 0) * (descending ? -1 : 1) || byName(a, b);
  };
}
