import { z } from 'zod';
import { offsetSchema, timeSchema } from '#lib/wire.ts';

// What an operator can change about a group, as it travels: web → broker_request → collector, and back.

const MAX_PARTITIONS = 10_000;

const reasonSchema = z.string().trim().min(1).max(1_000).describe('kept in the audit trail; needed unless dryRun');
const common = {
  dryRun: z.boolean().default(false).describe('only says what would happen'),
  reason: reasonSchema.optional(),
  expect: z.string().max(64).optional().describe('fingerprint of a dry run: refused where the committed offsets differ from what it said'),
};
const needsReason = (body: { dryRun: boolean; reason?: string | undefined }) => body.dryRun || body.reason !== undefined;
const REASON_NEEDED = { path: ['reason'], message: 'say why: it is kept in the audit trail' };

export const resetTargetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('earliest') }),
  z.strictObject({ kind: z.literal('latest') }),
  z.strictObject({ kind: z.literal('time'), time: timeSchema.describe('to the first record at or after it') }),
  z.strictObject({ kind: z.literal('offset'), offset: z.string().regex(/^\d{1,18}$/, 'a whole number as a string') }),
  z.strictObject({ kind: z.literal('shift'), by: z.string().regex(/^-?\d{1,18}$/, 'a whole number as a string').describe('negative goes back') }),
]);

const partitionsSchema = z.array(z.strictObject({ topic: z.string().min(1).max(249), partition: z.number().int().min(0) })).min(1).max(MAX_PARTITIONS);

export const resetOffsetsBodySchema = z
  .strictObject({
    to: resetTargetSchema,
    topic: z.string().min(1).max(249).optional().describe('all partitions of this topic; without topic and partitions, all that the group committed in'),
    partitions: partitionsSchema.optional().describe('these alone'),
    ...common,
  })
  .refine(needsReason, REASON_NEEDED)
  .refine((body) => body.topic === undefined || body.partitions === undefined, { path: ['partitions'], message: 'give a topic or partitions, not both' });

export const deleteOffsetsBodySchema = z.strictObject({ topic: z.string().min(1).max(249).describe('the group forgets what it committed in it'), ...common }).refine(needsReason, REASON_NEEDED);
export const deleteGroupBodySchema = z.strictObject({ ...common }).refine(needsReason, REASON_NEEDED);

/** One change of a group, whole, as the collector gets it. */
export const groupChangeSchema = z.intersection(
  z.object({ group: z.string().min(1).max(1_000), dryRun: z.boolean(), reason: z.string().nullable(), expect: z.string().nullable() }),
  z.discriminatedUnion('change', [
    z.object({ change: z.literal('reset-offsets'), to: resetTargetSchema, topic: z.string().nullable(), partitions: partitionsSchema.nullable() }),
    z.object({ change: z.literal('delete-offsets'), topic: z.string() }),
    z.object({ change: z.literal('delete-group') }),
  ]),
);
export type GroupChange = z.output<typeof groupChangeSchema>;
export type ResetTargetWire = z.output<typeof resetTargetSchema>;

export const groupChangeAnswerSchema = z.object({
  group: z.string(),
  type: z.string(),
  state: z.string().describe('as the broker says'),
  members: z.number().int().nullable(),
  dryRun: z.boolean(),
  blockedBecause: z.string().nullable().describe('why it would be refused now; null where it would be done'),
  partitions: z.array(
    z.object({
      topic: z.string(),
      partition: z.number().int(),
      from: offsetSchema.nullable().describe('null = no commit'),
      to: offsetSchema.nullable().describe('null = it is forgotten, or left as it is (with a note)'),
      skipped: offsetSchema.nullable().describe('records, counted in offsets; of a deletion: what a consumer leaves out that starts at latest'),
      repeated: offsetSchema.nullable().describe('records, counted in offsets; of a deletion: what a consumer reads again that starts at earliest'),
      note: z.string().nullable(),
      failure: z.string().nullable().describe('why the broker refused this partition'),
    }),
  ),
  skipped: offsetSchema,
  repeated: offsetSchema,
  changed: z.number().int().describe('partitions whose commit changes, or changed'),
  fingerprint: z.string().describe('of the committed offsets that were read; give it as expect'),
});
export type GroupChangeAnswer = z.output<typeof groupChangeAnswerSchema>;
