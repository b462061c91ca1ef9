import { z } from 'zod';
import type { MapEdge, MapFigures, MapNode } from '#lib/journey/map-facts.ts';
import { quantile, sizeOf } from '#lib/journey/time-histogram.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';

// The wire shape of the map.

const timesSchema = z.object({ p50Ms: z.number(), p95Ms: z.number(), count: z.number().int() }).nullable();
const rateSourceSchema = z.enum(['spans', 'offsets', 'estimate']).nullable().describe("spans: counted, so of the sampled ones only; offsets: every record; estimate: a group's commits divided among its topics as they are written");

const figuresSchema = {
  hops: z.number().int().describe('records sent or handled in the range that spans tell of, each once'),
  failed: z.number().int().describe('of them, those whose last attempt failed'),
  failedAttempts: z.number().int(),
  deadLetters: z.number().int().describe('that ended as a dead letter, also of what no span tells'),
  uncertain: z.number().int().describe('whose whole batch was marked as failed: neither failed nor well'),
  errorShare: z.number().nullable().describe('failed of those whose outcome is known, 0 to 1; null = not known'),
  queue: timesSchema.describe('time from the publication to the beginning of the handling'),
  processing: timesSchema.describe('time that all attempts at a record took'),
};

export const mapNodeSchema = z.object({
  id: z.string(),
  kind: z.enum(['service', 'topic', 'group']),
  name: z.string(),
  cluster: z.string().nullable(),
  traced: z.boolean().describe('whether spans tell of it'),
  ratePerSecond: z.number().nullable().describe('records written to a topic, read by a group, handled by a service'),
  rateBy: rateSourceSchema,
  sentPerSecond: z.number().nullable().describe('records that a service sends'),
  status: z.string().nullable().describe('of a group its status; of a topic dead-letter, retry or unread'),
  lag: offsetSchema.nullable(),
  matched: z.boolean().describe('named by the filter; the others are what leads there and goes on from there'),
  ...figuresSchema,
});
export type MapNodeWire = z.output<typeof mapNodeSchema>;

export const mapEdgeSchema = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  kind: z.enum(['send', 'consume', 'runs', 'dead-letter']).describe('runs: the service reads as this group; dead-letter: headers of dead letters name the group'),
  traced: z.boolean(),
  ratePerSecond: z.number().nullable(),
  rateBy: rateSourceSchema,
  lag: offsetSchema.nullable(),
  matchedBy: z.enum(['spans', 'name', 'alone']).nullable().describe('how the group of a service is known: its spans, its name, or as the only one left on the topic'),
  journeyId: z.string().nullable().describe('a journey that went this way lately'),
  failedJourneyId: z.string().nullable().describe('one that failed here'),
  ...figuresSchema,
});
export type MapEdgeWire = z.output<typeof mapEdgeSchema>;

export const mapSchema = z.object({
  from: timeSchema.describe('of the figures: long ranges begin at a whole hour'),
  to: timeSchema,
  seconds: z.number().describe('that rates from spans refer to: less than the range where counting began within it'),
  countedSince: timeSchema.nullable().describe('since when spans are counted; null = none was yet'),
  tracesUpTo: timeSchema.nullable().describe('when what arrived was last counted'),
  nodes: z.array(mapNodeSchema),
  edges: z.array(mapEdgeSchema),
  total: z.object({ services: z.number().int(), topics: z.number().int(), groups: z.number().int() }).describe('of the filter, shown or not'),
  left: z.object({ services: z.number().int(), topics: z.number().int(), groups: z.number().int() }).describe('left out, because a map holds 300: the least busy; narrow the filter'),
});
export type MapWire = z.output<typeof mapSchema>;

export function toNodeWire(node: MapNode, matched: boolean): MapNodeWire {
  const { figures, lag, ...rest } = node;
  return { ...rest, lag: lag?.toString() ?? null, matched, ...toFigures(figures) };
}

export function toEdgeWire(edge: MapEdge): MapEdgeWire {
  const { figures, lag, ...rest } = edge;
  return { ...rest, lag: lag?.toString() ?? null, ...toFigures(figures) };
}

function toFigures({ queue, processing, hops, failed, failedAttempts, deadLetters, uncertain }: MapFigures) {
  return { hops, failed, failedAttempts, deadLetters, uncertain, errorShare: hops - uncertain > 0 ? Math.min(1, failed / (hops - uncertain)) : null, queue: toTimes(queue), processing: toTimes(processing) };
}

function toTimes(counts: readonly number[]) {
  const [p50Ms, p95Ms] = [quantile([...counts], 0.5), quantile([...counts], 0.95)];
  return p50Ms === null || p95Ms === null ? null : { p50Ms: round(p50Ms), p95Ms: round(p95Ms), count: sizeOf([...counts]) };
}

/** Three digits: a class is wider than that. */
function round(ms: number): number {
  return Number(ms.toPrecision(3));
}
