import { z } from 'zod';
import { offsetSchema, timeSchema } from '#lib/wire.ts';

// What the origin topic holds of a dead letter: shared by the web, which asks, and the collectors, which look.

/** `quick` is what a page may cost; `further` what a person waits for. */
export const lookQuerySchema = z.object({ further: z.enum(['true', 'false']).default('false') });
export const lookParamsSchema = z.object({ id: z.string().max(60), further: z.boolean() });

const differenceSchema = z.enum(['same', 'same-json', 'missing-here', 'missing-there', 'differs']);

const newerRecordSchema = z.object({
  offset: offsetSchema,
  timestamp: timeSchema.nullable(),
  /** Milliseconds after the original; null where a timestamp is missing. */
  laterMs: z.number().int().nullable(),
});

export const originLookSchema = z.object({
  /** Where the dead letter's own bytes are. gone: they have expired here and at the broker. */
  bytes: z.object({ state: z.enum(['stored', 'at-broker', 'gone', 'unknown']), why: z.string().nullable() }),
  /** Where the original lies, or lay; null where the dead letter does not say. */
  at: z.object({ topic: z.string(), partition: z.number().int(), offset: offsetSchema }).nullable(),
  original: z.object({
    /** another: a different record lies at its offset. unknown: it could not be compared (`why`). */
    state: z.enum(['same', 'same-json', 'differs', 'another', 'unknown']),
    /** The dead letter's key and value beside the original's; missing-here: null or empty in the dead letter only. */
    key: differenceSchema.nullable(),
    value: differenceSchema.nullable(),
    /** Of the original; null: a tombstone, or unknown. */
    valueBytes: z.number().int().nullable(),
    why: z.string().nullable(),
  }),
  /** Records with the same key behind the original, in its partition; replays of this dead letter are not among them. */
  newer: z.object({
    state: z.enum(['none', 'found', 'unknown']),
    /** At least so many, where not `complete`. */
    count: z.number().int(),
    complete: z.boolean(),
    first: newerRecordSchema.nullable(),
    last: newerRecordSchema.nullable(),
    /** Records that were read for it. */
    read: z.number().int(),
    why: z.string().nullable(),
  }),
});
export type WireOriginLook = z.infer<typeof originLookSchema>;
