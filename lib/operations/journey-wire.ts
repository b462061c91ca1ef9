import { z } from 'zod';
import { type Edge, EVIDENCE_BY_STRENGTH, type Hop } from '#lib/model/journey.ts';
import { listSchema, offsetSchema, timeSchema } from '#lib/wire.ts';
import { pathJudgementSchema } from './expected-path-wire.ts';

export const journeyStates = ['in-flight', 'done', 'stuck', 'failed', 'dead-lettered', 'replayed', 'unknown'] as const;

export const attemptSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  startedAt: timeSchema,
  /** From the journey's start, ms with fractions. */
  atMs: z.number(),
  durationMs: z.number(),
  error: z.string().nullable(),
  /** The span covered a batch: its error may be another record's. */
  batch: z.boolean(),
});

export const hopSchema = z.object({
  id: z.string(),
  kind: z.enum(['send', 'process', 'dead-letter', 'replay']),
  /** Where the hop is known from. */
  knownBy: z.enum(['spans', 'record-headers', 'commits', 'dead-letter', 'ledger']),
  service: z.string().nullable(),
  topic: z.string().nullable(),
  partition: z.number().int().nullable(),
  offset: offsetSchema.nullable(),
  group: z.string().nullable(),
  traceId: z.string().nullable(),
  spanId: z.string().nullable(),
  startedAt: timeSchema,
  /** From the journey's start, ms with fractions. */
  atMs: z.number(),
  durationMs: z.number(),
  /** Time in the queue, never negative; null = unknown or not a process hop. */
  queueMs: z.number().nullable(),
  /** By how much the clocks disagree, where the queue time came out negative. */
  skewMs: z.number().nullable(),
  error: z.string().nullable(),
  /** The error may be another record's: its whole batch was marked. */
  uncertain: z.boolean(),
  /** Retry topic that a failed handling put the record on; the hops from there tell what came of it. */
  deferredTo: z.string().nullable(),
  ghost: z.boolean(),
  attempts: z.array(attemptSchema),
  messageKey: z.string().nullable(),
  deadLetterId: z.string().nullable(),
  replayId: z.string().nullable(),
  actor: z.string().nullable(),
  outcome: z.string().nullable(),
});
export type HopWire = z.infer<typeof hopSchema>;

export const edgeSchema = z.object({
  from: z.string(),
  to: z.string(),
  evidence: z.array(z.object({ kind: z.enum(EVIDENCE_BY_STRENGTH), detail: z.string() })),
});

/** A row of the finder and of the list. */
export const journeyRowSchema = z.object({
  id: z.uuid(),
  key: z.string().nullable(),
  keyBy: z.string().nullable(),
  state: z.enum(journeyStates),
  verdict: z.string(),
  /** Topic of the first hop: what kind of event it is. */
  type: z.string().nullable(),
  hopCount: z.number().int(),
  lastHop: z.string().nullable(),
  startedAt: timeSchema,
  lastActivityAt: timeSchema,
  /** 19 of 20 journeys of its type take no longer, ms; null where their path is not learned yet. */
  usualP95Ms: z.number().nullable(),
  /** How it stands to the usual path of its type; null where that is not learned yet. `missing` and `step` are steps' ids. */
  expected: z.object({ hops: z.number().int(), done: z.number().int(), missing: z.array(z.string()), extra: z.number().int(), slow: z.object({ step: z.string(), overMs: z.number() }).nullable() }).nullable(),
});
export type JourneyRowWire = z.infer<typeof journeyRowSchema>;

export const journeySchema = z.object({
  id: z.uuid(),
  key: z.string().nullable(),
  keyBy: z.string().nullable(),
  state: z.enum(journeyStates),
  verdict: z.string(),
  startedAt: timeSchema,
  lastActivityAt: timeSchema,
  durationMs: z.number(),
  hops: z.array(hopSchema),
  edges: z.array(edgeSchema),
  path: z.array(z.object({ text: z.string(), kind: z.string(), failed: z.number().int(), ok: z.boolean(), ghost: z.boolean(), times: z.number().int() })),
  traceIds: z.array(z.string()),
  /** Groups of these hops that Waybill watches, with their status now. */
  groups: z.array(z.object({ name: z.string(), cluster: z.string(), status: z.string() })),
  /** A bound was met: there may be more hops than these. */
  partial: z.boolean(),
  /** How it stands to the usual path of its type; null where that is not learned yet, or the spans are gone. */
  usual: pathJudgementSchema.nullable(),
});
export type JourneyWire = z.infer<typeof journeySchema>;

export const journeyListSchema = listSchema(journeyRowSchema).extend({
  /** What the text was taken for and found as; null without a search. */
  matched: z.object({ as: z.enum(['key', 'trace', 'coordinate', 'journey']), text: z.string() }).nullable(),
});

/** A hop in the words of the API. `originNs` is the journey's start. */
export function toHopWire(hop: Hop, originNs: bigint): HopWire {
  return {
    ...hop,
    offset: hop.offset?.toString() ?? null,
    startedAt: toTime(hop.startNs),
    atMs: toMs(hop.startNs - originNs),
    durationMs: toMs(hop.durationNs),
    queueMs: hop.queueNs === null ? null : toMs(hop.queueNs),
    skewMs: hop.skewNs === null ? null : toMs(hop.skewNs),
    attempts: hop.attempts.map((attempt) => ({ ...attempt, startedAt: toTime(attempt.startNs), atMs: toMs(attempt.startNs - originNs), durationMs: toMs(attempt.durationNs) })),
  };
}

export function toEdgeWire(edge: Edge): z.infer<typeof edgeSchema> {
  return { from: edge.from, to: edge.to, evidence: edge.evidence };
}

export function toTime(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}

/** Nanoseconds of a span of time to ms, to the microsecond. */
export function toMs(ns: bigint): number {
  return Number(ns / 1_000n) / 1_000;
}
