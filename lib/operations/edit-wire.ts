import { z } from 'zod';
import { EDITABLE_PARTS } from '#lib/model/replay.ts';
import { timeSchema } from '#lib/wire.ts';

/** Bytes that a person wrote. Larger values are replayed as they are, or mended at their source. */
export const MAX_EDITED_VALUE_BYTES = 1_048_576;
export const MAX_EDITED_KEY_BYTES = 65_536;
export const MAX_EDITED_HEADERS = 200;
export const MAX_EDITED_HEADER_BYTES = 65_536;

/** Text is written as UTF-8, exactly as it is: no number is spelled anew, no space added. null is null: of a value, a tombstone. */
const editedText = (maxBytes: number) =>
  z.union([z.null(), z.strictObject({ text: z.string().refine((text) => Buffer.byteLength(text, 'utf8') <= maxBytes, { message: `is larger than ${maxBytes} bytes, which is the most that can be edited here` }) })]);

/** Body of POST /api/v1/dead-letters/{id}/edit-and-replay. What is left out stays as it is, byte for byte. */
export const editAndReplaySchema = z.strictObject({
  /** Replays of the dead letter that the editor saw: another number answers 409. */
  generation: z.number().int().min(0),
  key: editedText(MAX_EDITED_KEY_BYTES).optional(),
  value: editedText(MAX_EDITED_VALUE_BYTES).optional(),
  /** All headers from now on, in order: `{original}` is the one at that place of the dead letter, byte for byte. */
  headers: z
    .array(z.union([z.strictObject({ original: z.number().int().min(0) }), z.strictObject({ name: z.string().min(1).max(1_000), value: z.string().max(MAX_EDITED_HEADER_BYTES).nullable() })]))
    .max(MAX_EDITED_HEADERS)
    .optional(),
  /** json: the new value must be JSON. Default: json where the original is. A value with a JSON schema always must. */
  format: z.enum(['json', 'text']).optional(),
  /** Default: the topic it came from. */
  target: z.string().min(1).max(249).optional(),
  /** Default: the origin's partition; by key where the key was edited. */
  partitioning: z.union([z.enum(['origin', 'key']), z.number().int().min(0).max(1_000_000)]).optional(),
  reason: z.string().trim().min(3).max(1_000),
  mode: z.enum(['exactly-once', 'at-least-once']).default('exactly-once'),
  /** Send it although it failed after three replays. */
  overrideParked: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
export type EditAndReplayRequest = z.infer<typeof editAndReplaySchema>;

const textPartSchema = z.object({
  /** null: it is null, or `refusal` says why it cannot be edited. */
  text: z.string().nullable(),
  isNull: z.boolean(),
  refusal: z.string().nullable(),
});

/** What of a dead letter can be edited, and as what. */
export const editableSchema = z.object({
  deadLetterId: z.string(),
  cluster: z.string(),
  generation: z.number().int(),
  originTopic: z.string().nullable(),
  /** Why nothing of it can be edited; null: `key`, `value` and `headers` say for themselves. */
  refusal: z.string().nullable(),
  key: textPartSchema,
  value: textPartSchema.extend({
    /** json: the original is JSON, or its schema says that it must be. */
    format: z.enum(['json', 'text']),
    /** mixed: a browser's editor would change them. */
    lineEnds: z.enum(['lf', 'crlf', 'mixed']),
    /** In front of the text, kept as it is: a schema registry's wire format. */
    schemaId: z.number().int().nullable(),
    /** The text is the JSON of a value that is not text itself, and is written with its schema when it is sent; null: the text is what is sent. */
    encoding: z.enum(['avro']).nullable(),
    sha256: z.string().nullable(),
  }),
  headers: z.array(
    z.object({
      original: z.number().int(),
      name: z.string(),
      /** null: null, or not text. */
      text: z.string().nullable(),
      isNull: z.boolean(),
      bytes: z.number().int(),
      /** It can be written anew as text. */
      editable: z.boolean(),
      /** Not sent on whatever it says: of the failure, or one that a replay writes itself. */
      leftOut: z.boolean(),
    }),
  ),
  /** Why the headers cannot be edited; null: they can. */
  headersRefusal: z.string().nullable(),
});
export type WireEditable = z.infer<typeof editableSchema>;

/** What the check of an edited value against its schema says. */
export const schemaCheckSchema = z.object({
  /** null: no registry is configured. */
  type: z.enum(['AVRO', 'PROTOBUF', 'JSON']).nullable(),
  /** Why the schema could not be had. */
  error: z.string().nullable(),
  faults: z.array(z.object({ at: z.string(), message: z.string() })),
  unchecked: z.array(z.string()),
  /** The value that was sent along, as JSON that can be edited; null: it cannot, `error` says why. */
  json: z.string().nullable(),
  /** The text, written with the schema. */
  encodedBase64: z.string().nullable(),
});
export type SchemaCheck = z.infer<typeof schemaCheckSchema>;

/** Parameters of a `check-edit` request. Without a text the schema's type is asked for, and the JSON of a value (what stands behind the schema's id) that is not text. */
export const checkEditParamsSchema = z.object({ schemaId: z.number().int(), text: z.string().nullable(), payloadBase64: z.string().nullable() });

const bytesSchema = z.object({ keyBase64: z.string().nullable(), valueBase64: z.string().nullable(), headers: z.array(z.tuple([z.string(), z.string().nullable()])) });

/** What an edited replay sends beside what its dead letter holds. Bytes as the rules of masking let them be shown. */
export const replayEditSchema = z.object({
  deadLetterId: z.string(),
  editedBy: z.string(),
  editedAt: timeSchema,
  changed: z.array(z.enum(EDITABLE_PARTS)),
  originalSha256: z.string().nullable(),
  editedSha256: z.string().nullable(),
  schemaId: z.number().int().nullable(),
  /** null: the bytes have expired. */
  original: bytesSchema.nullable(),
  edited: bytesSchema.nullable(),
  /** A masking rule hides parts of it. */
  masked: z.boolean(),
});
export type WireReplayEdit = z.infer<typeof replayEditSchema>;
