import { z } from 'zod';
import { MAX_FAILED_GENERATIONS } from '#lib/model/replay.ts';
import { listSchema, timeSchema } from '#lib/wire.ts';

/** Body of PUT /api/v1/failures/{id}/replay-rule. */
export const replayRuleRequestSchema = z.strictObject({
  state: z.enum(['on', 'off']).default('on'),
  /** After a dead letter arrived. */
  delaySeconds: z.number().int().min(0).max(604_800).default(600),
  /** Replays of one record, however often it comes back; after three it is parked anyway. */
  maxAttempts: z.number().int().min(1).max(MAX_FAILED_GENERATIONS).default(3),
  maxPerHour: z.number().int().min(1).max(10_000).default(100),
  /** Stops where more than this share of at least five decided outcomes failed again. */
  stopPercent: z.number().int().min(1).max(100).default(20),
  reason: z.string().trim().min(3).max(1_000),
});
export type ReplayRuleRequest = z.output<typeof replayRuleRequestSchema>;

export const replayRuleSchema = z.object({
  id: z.uuid(),
  failureId: z.string(),
  cluster: z.string(),
  errorClass: z.string().nullable(),
  /** stopped: it stopped itself, and only a person turns it on again. */
  state: z.enum(['on', 'off', 'stopped']),
  delaySeconds: z.number().int(),
  maxAttempts: z.number().int(),
  maxPerHour: z.number().int(),
  stopPercent: z.number().int(),
  /** The rule as a sentence. */
  text: z.string(),
  reason: z.string(),
  /** Who answers for it. */
  createdBy: z.string(),
  createdAt: timeSchema,
  /** Figures count from then: it was turned on or changed. */
  since: timeSchema,
  stoppedAt: timeSchema.nullable(),
  stoppedWhy: z.string().nullable(),
  lookedAt: timeSchema.nullable(),
  lastError: z.string().nullable(),
  counts: z.object({ asked: z.number().int(), processed: z.number().int(), failedAgain: z.number().int(), askedLastHour: z.number().int() }),
  /** Its replay that is not over. */
  openReplayId: z.string().nullable(),
});
export type WireReplayRule = z.infer<typeof replayRuleSchema>;
export const replayRuleListSchema = listSchema(replayRuleSchema);
