import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { buildMap } from '#lib/journey/build-map.ts';
import type { MapFacts, WayFigures } from '#lib/journey/map-facts.ts';
import { narrowMap } from '#lib/journey/narrow-map.ts';
import { addPacked, emptyHistogram } from '#lib/journey/time-histogram.ts';
import { type HopRange, type HopSumRow, readCountedSince, readHopSums, readJourneysOkAt } from '#lib/store/journeys/read-hop-sums.ts';
import { readGroups } from '#lib/store/lag/read-groups.ts';
import { readConsumed, readMapReaders, readMapTopics } from '#lib/store/map/read-map-facts.ts';
import type { Store } from '#lib/store/store.ts';
import { readCompleteClusters } from '#lib/store/topics/read-topics.ts';
import { timeSchema } from '#lib/wire.ts';
import { groupAsOf } from './group-shape.ts';
import { requireCluster } from './list-groups.ts';
import { type MapWire, toEdgeWire, toNodeWire } from './map-wire.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const RANGES = { '15m': 15 * MINUTE_MS, '1h': HOUR_MS, '6h': 6 * HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS } as const;
/** Weeks of hours would take seconds to add up. */
export const MOST_MAP_MS = RANGES['7d'];
/** Longer ranges begin at a whole hour: their minutes would be more rows than all of their hours. */
const EXACT_UP_TO_MS = 12 * HOUR_MS;
/** Retention keeps minutes for two days; a little less, so that none is missed. */
const MINUTES_KEPT_MS = 47 * HOUR_MS;
export const MOST_NODES = 300;
/** Of how many groups what they consumed over the range is read; of the others it is what they consume now. */
const MOST_RATED_GROUPS = 1_000;
const HOURLY_FROM_MS = 2 * HOUR_MS;
const LEAST_SECONDS = 60;

const nameSchema = z.string().max(300).optional();
export const mapQuerySchema = z.object({
  range: z.enum(['15m', '1h', '6h', '24h', '7d']).default('1h').describe('up to now'),
  from: timeSchema.optional().describe('with "to" in place of a range, at most 7 days'),
  to: timeSchema.optional(),
  cluster: z.string().max(249).optional(),
  search: nameSchema.describe('part of the name of a service, topic or group'),
  service: nameSchema.describe('whole name'),
  topic: nameSchema.describe('whole name'),
  group: nameSchema.describe('whole name'),
});

export interface ReadMapInput {
  /** Name; null = every cluster. */
  cluster: string | null;
  from: Date;
  to: Date;
  search?: string | undefined;
  service?: string | undefined;
  topic?: string | undefined;
  group?: string | undefined;
  now: Date;
}

/** The range that a query asks for. @throws WaybillError `invalid-request` 400 */
export function mapRange(query: z.output<typeof mapQuerySchema>, now: Date): { from: Date; to: Date } {
  if (query.from === undefined && query.to === undefined) return { from: new Date(now.getTime() - RANGES[query.range]), to: now };
  const [from, to] = [new Date(query.from ?? Number.NaN), new Date(query.to ?? now)];
  const lengthMs = to.getTime() - from.getTime();
  if (!(lengthMs >= MINUTE_MS && lengthMs <= MOST_MAP_MS)) throw new WaybillError('invalid-request', 'A range of the map needs "from", at least a minute and at most 7 days before "to".', { status: 400 });
  return { from, to };
}

/**
 * Services, topics and groups with what goes between them over a range: from the roll-ups of spans, and from offsets where there is no span.
 * At most 300 nodes, the busiest; the filter names nodes, and what leads there and goes on from there comes with them.
 * @throws WaybillError `cluster-not-found` 404
 */
export async function readMap(store: Store, input: ReadMapInput): Promise<MapWire> {
  const { cluster, now } = input;
  if (cluster !== null) await requireCluster(store, cluster);
  const range = stretchesOf(input.from, input.to, now);
  const [sums, countedSince, tracesUpTo, clusters, topics, readers, groups, complete] = await Promise.all([
    readHopSums(store, range), readCountedSince(store), readJourneysOkAt(store), store.prisma.cluster.findMany({ select: { id: true, name: true }, take: 64 }), readMapTopics(store, { cluster, from: range.from, to: range.to }),
    readMapReaders(store, cluster), readGroups(store, { cluster, group: null, now }), readCompleteClusters(store, now),
  ]);
  const consumed = await readConsumed(store, { groupIds: [...new Set(readers.map((reader) => reader.groupId))].slice(0, MOST_RATED_GROUPS), from: range.from, to: range.to, hourly: range.to.getTime() - range.from.getTime() > HOURLY_FROM_MS });
  const topicOf = new Map(topics.map((topic) => [topic.id, topic]));
  const groupOf = new Map(groups.map((group) => [group.id, group]));
  const begun = Math.max(range.from.getTime(), countedSince?.getTime() ?? 0);
  const facts: MapFacts = {
    seconds: Math.max(LEAST_SECONDS, (range.to.getTime() - begun) / 1_000),
    ways: toWays(sums, new Map(clusters.map((each) => [each.id, each.name])), cluster, new Set(topics.map((topic) => topic.name))),
    topics: topics.map(({ clusterId, ...topic }) => ({ ...topic, readersKnown: complete.has(clusterId) })),
    groups: groups.filter((group) => group.deleted_at === null).map((row) => ({ cluster: row.cluster.name, name: row.name, status: groupAsOf(row, now).status, consumedPerSecond: consumed.get(row.id) ?? row.consumed_per_second, lag: row.lag })),
    readers: readers.flatMap(({ groupId, topicId, lag }) => {
      const [topic, group] = [topicOf.get(topicId), groupOf.get(groupId)];
      return topic === undefined || group === undefined ? [] : [{ cluster: topic.cluster, topic: topic.name, group: group.name, lag }];
    }),
  };
  const map = narrowMap(buildMap(facts), { search: input.search ?? '', service: input.service ?? null, topic: input.topic ?? null, group: input.group ?? null }, MOST_NODES);
  const count = (kind: 'service' | 'topic' | 'group') => map.nodes.filter((node) => node.kind === kind).length;
  return {
    from: range.from.toISOString(), to: range.to.toISOString(), seconds: facts.seconds, countedSince: countedSince?.toISOString() ?? null, tracesUpTo: tracesUpTo?.toISOString() ?? null,
    nodes: map.nodes.map((node) => toNodeWire(node, map.matched === null || map.matched.has(node.id))),
    edges: map.edges.map(toEdgeWire),
    total: { services: count('service') + map.left.services, topics: count('topic') + map.left.topics, groups: count('group') + map.left.groups },
    left: map.left,
  };
}

/** Which whole hours and which minutes make up a range, and the range that they make up. */
export function stretchesOf(from: Date, to: Date, now: Date): HopRange {
  const nowMs = now.getTime();
  const endMs = Math.min(to.getTime(), nowMs);
  const startMs = Math.min(from.getTime(), endMs - MINUTE_MS);
  const floor = (ms: number, step: number) => Math.floor(ms / step) * step;
  const ceil = (ms: number, step: number) => Math.ceil(ms / step) * step;
  // The hour that now lies in has nothing after now: whole or not, it is the same.
  const isOpen = endMs > nowMs - MINUTE_MS;
  if (endMs - startMs > EXACT_UP_TO_MS || startMs < nowMs - MINUTES_KEPT_MS) {
    const [first, last] = [floor(startMs, HOUR_MS), ceil(endMs, HOUR_MS)];
    return { from: new Date(first), to: new Date(Math.min(last, nowMs)), hours: { from: new Date(first), to: new Date(last) }, minutes: [] };
  }
  const [first, last] = [floor(startMs, MINUTE_MS), ceil(endMs, MINUTE_MS)];
  const [firstHour, lastHour] = [ceil(first, HOUR_MS), isOpen ? ceil(last, HOUR_MS) : floor(last, HOUR_MS)];
  const range = { from: new Date(first), to: new Date(Math.min(last, nowMs)) };
  const stretch = (start: number, end: number) => (start < end ? [{ from: new Date(start), to: new Date(end) }] : []);
  if (firstHour >= lastHour) return { ...range, hours: null, minutes: stretch(first, last) };
  return { ...range, hours: { from: new Date(firstHour), to: new Date(lastHour) }, minutes: [...stretch(first, firstHour), ...stretch(lastHour, last)] };
}

/** Stored sums as the map takes them. Of one cluster: what it names, and what names none and has a topic there. */
function toWays(rows: readonly HopSumRow[], names: ReadonlyMap<number, string>, cluster: string | null, topics: ReadonlySet<string>): WayFigures[] {
  return rows.flatMap((row): WayFigures[] => {
    const named = names.get(row.clusterId) ?? null;
    if (cluster !== null && named !== cluster && (named !== null || !topics.has(row.topic))) return [];
    const [queue, processing] = [emptyHistogram(), emptyHistogram()];
    addPacked(queue, row.queue);
    addPacked(processing, row.processing);
    return [{
      cluster: named, kind: row.kind, service: row.service || null, topic: row.topic, group: row.group || null, hops: Number(row.hops), failed: Number(row.failed), failedAttempts: Number(row.failedAttempts),
      deadLetters: Number(row.deadLetters), uncertain: Number(row.uncertain), queue, processing, journeyId: row.journeyId, failedJourneyId: row.failedJourneyId,
    }];
  });
}
