import { z } from 'zod';
import { listSchema, timeSchema } from '#lib/wire.ts';
import { replayRequestSchema, replaySchema } from './replay-wire.ts';

/** Body of POST /api/v1/archives. */
export const archiveRequestSchema = z.strictObject({
  /** As in a replay: ids, or a filter that is frozen now. */
  selection: replayRequestSchema.shape.selection,
  /** restore takes archived dead letters back to the state they had. */
  verb: z.enum(['archive', 'restore']).default('archive'),
  reason: z.string().trim().min(3).max(1_000),
});
export type ArchiveRequest = z.output<typeof archiveRequestSchema>;

export const archiveSchema = z.object({
  id: z.uuid(),
  cluster: z.string(),
  verb: z.enum(['archive', 'restore']),
  state: z.enum(['running', 'finished']),
  selection: replaySchema.shape.selection,
  counts: z.object({
    /** Rows the selection held when it was frozen. */
    selected: z.number().int(),
    changed: z.number().int(),
    /** Passed over: a replay held them, or had sent them and their outcome was open. */
    skippedReplaying: z.number().int(),
    /** Passed over: processed, or already where they should go. */
    skippedSettled: z.number().int(),
  }),
  reason: z.string(),
  createdBy: z.string(),
  createdAt: timeSchema,
  finishedAt: timeSchema.nullable(),
});
export type WireArchive = z.infer<typeof archiveSchema>;
export const archiveListSchema = listSchema(archiveSchema);
