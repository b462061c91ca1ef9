import { z } from 'zod';
import { describePath, stepText } from '#lib/journey/describe-path.ts';
import { type AwaitedStep, type PathJudgement, STEP_REQUIREMENTS, type StepName } from '#lib/model/expected-path.ts';
import { listSchema, timeSchema } from '#lib/wire.ts';

const stepNameSchema = z.object({
  /** "process notification-service stock": what filters and edits name. */
  id: z.string(),
  /** In words. */
  text: z.string(),
  kind: z.enum(['send', 'process']),
  service: z.string().nullable(),
  group: z.string().nullable(),
  topic: z.string().nullable(),
});

const awaitedStepSchema = stepNameSchema.extend({
  seen: z.number().int(),
  required: z.number().int(),
  /** When its time is, or was, over. */
  dueAt: timeSchema,
  /** Step that it usually follows. */
  after: z.string().nullable(),
  /** What it follows has not happened either. */
  behind: z.boolean(),
  /** A handling was seen, and failed. */
  failed: z.boolean(),
});

/** A journey held against the usual path. */
export const pathJudgementSchema = z.object({
  entryType: z.string(),
  version: z.number().int(),
  learnedFrom: z.number().int(),
  words: z.string(),
  expected: z.number().int(),
  done: z.number().int(),
  missing: z.array(awaitedStepSchema),
  awaited: z.array(awaitedStepSchema),
  /** Passed by a group's commits, without a span. */
  unseen: z.array(stepNameSchema),
  extra: z.array(stepNameSchema.extend({ hopId: z.string() })),
  slow: z.array(stepNameSchema.extend({ hopId: z.string(), tookMs: z.number(), p50Ms: z.number(), p95Ms: z.number(), overMs: z.number() })),
  durationP50Ms: z.number(),
  durationP95Ms: z.number(),
});
export type PathJudgementWire = z.infer<typeof pathJudgementSchema>;

const hourFiguresSchema = z.object({ journeys: z.number().int(), /** There were more: only the latest are counted. */ latestOnly: z.boolean(), missing: z.number().int(), extra: z.number().int(), slow: z.number().int() });

/** A usual path in the list. */
export const expectedPathRowSchema = z.object({
  entryType: z.string(),
  version: z.number().int(),
  since: timeSchema,
  learnedAt: timeSchema,
  journeys: z.number().int(),
  /** Journeys that are needed before others are held against it. */
  needed: z.number().int(),
  state: z.enum(['learning', 'learned']),
  /** Expected hops of one journey. */
  expectedHops: z.number().int(),
  branches: z.number().int(),
  edits: z.number().int(),
  durationP50Ms: z.number(),
  durationP95Ms: z.number(),
  /** Journeys with activity in the last hour, and how many of them deviate; null where none was held against it. */
  lastHour: hourFiguresSchema.nullable(),
});
export type ExpectedPathRowWire = z.infer<typeof expectedPathRowSchema>;
export const expectedPathsSchema = listSchema(expectedPathRowSchema);

export const expectedStepSchema = stepNameSchema.extend({
  /** Of the journeys. */
  share: z.number(),
  /** Hops of it that every journey must have; 0: a branch. */
  required: z.number().int(),
  learned: z.number().int(),
  ignored: z.boolean(),
  edit: z.object({ requirement: z.enum(STEP_REQUIREMENTS), by: z.string(), at: timeSchema }).nullable(),
  /** Share of journeys by how often they have it: at least once, twice … */
  shares: z.array(z.number()),
  sinceStartP50Ms: z.number().nullable(),
  /** What the first one follows. */
  after: z.array(z.object({ cause: z.string(), share: z.number(), p50Ms: z.number(), p95Ms: z.number() })),
  /** Journeys of the last hour that missed it. */
  missedLastHour: z.number().int(),
});
export type ExpectedStepWire = z.infer<typeof expectedStepSchema>;

export const expectedPathSchema = expectedPathRowSchema.extend({
  why: z.string(),
  /** Different steps are more than are learned: none is called new. */
  incomplete: z.boolean(),
  steps: z.array(expectedStepSchema),
  /** Journeys looked at apart, to see whether the path has changed; `why` null: no deploy was seen. */
  trial: z.object({ since: timeSchema, why: z.string().nullable(), journeys: z.number().int() }),
  versions: z.array(
    z.object({ version: z.number().int(), since: timeSchema, until: timeSchema.nullable(), why: z.string(), added: z.array(z.string()), gone: z.array(z.string()), journeys: z.number().int(), expectedHops: z.number().int(), durationP50Ms: z.number(), durationP95Ms: z.number() }),
  ),
});
export type ExpectedPathWire = z.infer<typeof expectedPathSchema>;

export function toStepWire({ id, kind, service, group, topic }: StepName): z.infer<typeof stepNameSchema> {
  return { id, text: stepText({ kind, service, group, topic }), kind, service, group, topic };
}

/** A judgement in the words of the API. */
export function toPathJudgementWire(judgement: PathJudgement, path: { entryType: string; durationP50Ms: number; durationP95Ms: number }): PathJudgementWire {
  const awaited = (each: AwaitedStep) => ({ ...toStepWire(each.step), seen: each.seen, required: each.required, dueAt: new Date(each.dueMs).toISOString(), after: each.after, behind: each.behind, failed: each.failed });
  const { version, learnedFrom, expected, done } = judgement;
  return {
    entryType: path.entryType, version, learnedFrom, words: describePath(judgement), expected, done, missing: judgement.missing.map(awaited), awaited: judgement.awaited.map(awaited), unseen: judgement.unseen.map(toStepWire),
    extra: judgement.extra.map(({ hopId, step }) => ({ ...toStepWire(step), hopId })), slow: judgement.slow.map(({ step, ...figures }) => ({ ...toStepWire(step), ...figures })),
    durationP50Ms: path.durationP50Ms, durationP95Ms: path.durationP95Ms,
  };
}
