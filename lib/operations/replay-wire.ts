import { z } from 'zod';
import { EDITABLE_PARTS, REPLAY_ITEM_STATES } from '#lib/model/replay.ts';
import { listSchema, offsetSchema, timeSchema } from '#lib/wire.ts';
import { deadLetterFilterSchema } from './list-dead-letters.ts';

/** States on the wire. A job that waits for a worker is "running" there; `queued` tells the difference. */
export const replayStateSchema = z.enum(['awaiting-approval', 'scheduled', 'running', 'paused', 'canary', 'finished', 'cancelled', 'needs-decision']);

export const replayCountsSchema = z.object({
  /** null while the selection is still being counted. */
  selected: z.number().int().nullable(),
  sent: z.number().int(),
  processed: z.number().int(),
  failedAgain: z.number().int(),
  refused: z.number().int(),
  needsDecision: z.number().int(),
});

export const replaySchema = z.object({
  id: z.uuid(),
  cluster: z.string(),
  state: replayStateSchema,
  queued: z.boolean(),
  /** What a person asked for and the worker has not done yet. */
  wanted: z.enum(['pause', 'cancel']).nullable(),
  mode: z.enum(['exactly-once', 'at-least-once']),
  counts: replayCountsSchema,
  /** null: each record's origin topic. */
  target: z.string().nullable(),
  partitioning: z.union([z.enum(['origin', 'key']), z.number().int()]),
  rate: z.number().int().nullable(),
  canary: z.number().int().nullable(),
  selection: z.union([z.object({ ids: z.number().int() }), z.object({ filter: z.record(z.string(), z.string()) })]),
  reason: z.string(),
  createdBy: z.string(),
  createdAt: timeSchema,
  /** It starts, or started, by itself then; null: at once. */
  startAt: timeSchema.nullable(),
  /** Not later than this, where Waybill was down; null: however late. */
  startBy: timeSchema.nullable(),
  /** The rule that asked for it, in the name of `createdBy`; null: a person did. */
  ruleId: z.string().nullable(),
  startedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
  lastError: z.string().nullable(),
  /** Parts of its one record that were edited (GET …/edit); null: its records go out as they are. */
  edited: z.array(z.enum(EDITABLE_PARTS)).nullable(),
  /** It waits, or waited, for a second person; null: it needed none. */
  approval: z
    .object({
      until: timeSchema,
      decision: z.enum(['approved', 'declined', 'lapsed']).nullable(),
      decidedBy: z.string().nullable(),
      decidedAt: timeSchema.nullable(),
    })
    .nullable(),
});
export type WireReplay = z.infer<typeof replaySchema>;
export const replayListSchema = listSchema(replaySchema);

export const replayItemSchema = z.object({
  deadLetterId: z.string(),
  generation: z.number().int(),
  state: z.enum(REPLAY_ITEM_STATES),
  settled: z.boolean(),
  sentTo: z.object({ topic: z.string(), partition: z.number().int(), offset: offsetSchema }).nullable(),
  sentAt: timeSchema.nullable(),
  refusal: z.object({ code: z.string(), text: z.string() }).nullable(),
  /** Per consumer group, where they differ or are known. */
  groups: z.array(z.object({ group: z.string().nullable(), outcome: z.string() })),
  /** The new error of a record that failed again. */
  error: z.object({ class: z.string().nullable(), message: z.string().nullable(), deadLetterId: z.string().nullable() }).nullable(),
  correlationId: z.string().nullable(),
});
export type WireReplayItem = z.infer<typeof replayItemSchema>;
export const replayItemListSchema = listSchema(replayItemSchema);

export const replayDetailSchema = replaySchema.extend({
  /** Items by state. */
  states: z.record(z.string(), z.number().int()),
  /** Destinations of what was sent. */
  destinations: z.array(z.object({ topic: z.string(), partition: z.number().int(), records: z.number().int() })),
  refusals: z.array(z.object({ code: z.string(), count: z.number().int() })),
  events: z.array(z.object({ at: timeSchema, kind: z.string(), actor: z.string().nullable(), detail: z.record(z.string(), z.unknown()) })),
  /** Records sent a second since the start of the last minute; null when nothing was sent in it. */
  ratePerSecond: z.number().nullable(),
});
export type WireReplayDetail = z.infer<typeof replayDetailSchema>;

const filterSchema = z.strictObject(deadLetterFilterSchema.shape);

const idSchema = z.union([z.string().max(60), z.strictObject({ id: z.string().max(60), generation: z.number().int().min(0) })]);

/** Body of POST /api/v1/replays. */
export const replayRequestSchema = z.strictObject({
  selection: z.union([z.strictObject({ ids: z.array(idSchema).min(1).max(10_000) }), z.strictObject({ filter: filterSchema })]),
  /** Default: each record's origin topic. */
  target: z.string().min(1).max(249).optional(),
  partitioning: z.union([z.enum(['origin', 'key']), z.number().int().min(0).max(1_000_000)]).default('origin'),
  /** Records a second. */
  rate: z.number().int().min(1).max(1_000_000).optional(),
  /** Send this many first, then wait for a person. */
  canary: z.number().int().min(1).max(1_000_000).optional(),
  reason: z.string().trim().min(3).max(1_000),
  /** Starts by itself then, within 7 days; the selection is frozen now. */
  startAt: timeSchema.optional(),
  /** Does not start after this, where Waybill was down at its time; default: however late. */
  startBy: timeSchema.optional(),
  /** at-least-once is for clusters where the rights for transactions are missing; it can send a record twice. */
  mode: z.enum(['exactly-once', 'at-least-once']).default('exactly-once'),
  /** Send records too that failed after three replays. */
  overrideParked: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
export type ReplayRequest = z.infer<typeof replayRequestSchema>;

export const dryRunSchema = z.object({
  dryRun: z.literal(true),
  selected: z.number().int(),
  /** Rows that all figures below are of: the selection's first 5,000, in the order they would be sent. Below `selected` the rest was not looked at. */
  examined: z.number().int(),
  sendable: z.number().int(),
  /** `generation` is what a person now sees: sending it along asks for an explicit new generation. */
  refusals: z.array(z.object({ deadLetterId: z.string(), generation: z.number().int(), code: z.string(), text: z.string() })),
  refusalCounts: z.record(z.string(), z.number().int()),
  destinations: z.array(z.object({ topic: z.string(), partition: z.number().int(), records: z.number().int() })),
  targets: z.array(z.object({ topic: z.string(), partitions: z.number().int(), compacted: z.boolean(), maxMessageBytes: z.number().int(), writable: z.boolean().nullable() })),
  /** Consumer groups that commit on a target and will see the records again. */
  groups: z.array(z.object({ group: z.string(), topics: z.array(z.string()) })),
  headersRemoved: z.array(z.string()),
  headersAdded: z.array(z.string()),
  mode: z.enum(['exactly-once', 'at-least-once']),
  /** Why exactly once is not possible, null where it is. */
  modeReason: z.string().nullable(),
  /** How the rows that can be sent stand to what their origin topics hold (lib/replay/describe-originals.ts says what each is). */
  originals: z.object({ same: z.number().int(), sameJson: z.number().int(), differ: z.number().int(), another: z.number().int(), notCompared: z.number().int(), newer: z.number().int(), newerUnknown: z.number().int() }),
  warnings: z.array(z.string()),
  /** It would wait for a second person before anything is sent; said by the web, which knows the policy. */
  awaitsApproval: z.boolean().optional(),
});
export type WireDryRun = z.infer<typeof dryRunSchema>;
