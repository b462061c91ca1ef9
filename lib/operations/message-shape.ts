import { z } from 'zod';
import { maskedSchema } from './record-wire.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';

// Messages of a topic on the wire, and what is asked of the broker for them: shared by the web, which asks, and the collectors, which answer.

/** Partitions of one request: more would be more than a page can merge by time. */
export const MOST_PARTITIONS = 500;
export const MOST_FILTER_CHARS = 2_000;

export const visibilitySchema = z.enum(['committed', 'aborted', 'undecided']).describe('undecided: at or past the last stable offset, where read_committed consumers do not look yet');

export const decodedSchema = z.union([
  z.object({ format: z.enum(['avro', 'protobuf', 'json']), schemaId: z.number().int(), name: z.string().nullable(), json: z.string().describe('JSON text; cut where truncated'), truncated: z.boolean() }),
  z.object({ schemaId: z.number().int(), error: z.string() }),
]);
export type DecodedWire = z.output<typeof decodedSchema>;

export const messageSchema = z.object({
  partition: z.number().int(),
  offset: offsetSchema,
  timestamp: timeSchema.nullable(),
  timestampType: z.enum(['create', 'log-append']),
  visibility: visibilitySchema,
  keyBase64: z.string().nullable().describe('the first bytes; null: a null key'),
  keyBytes: z.number().int().nullable(),
  key: decodedSchema.nullable().describe('through its schema, where it has one'),
  valueBase64: z.string().nullable().describe('the first bytes; null: a tombstone'),
  valueBytes: z.number().int().nullable(),
  value: decodedSchema.nullable(),
  headers: z.array(z.tuple([z.string(), z.string().nullable()])).describe('name and value in base64, in order; the first of them'),
  headerNamesBase64: z.array(z.string()).nullable(),
  masked: maskedSchema,
  headerCount: z.number().int(),
  bytes: z.number().int().describe('of key, value and headers'),
});
export type MessageWire = z.output<typeof messageSchema>;

const fromSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('edge') }),
  z.object({ kind: z.literal('offset'), offset: offsetSchema }),
  z.object({ kind: z.literal('time'), timestampMs: offsetSchema }),
  z.object({ kind: z.literal('positions'), positions: z.array(z.tuple([z.number().int(), offsetSchema])).max(MOST_PARTITIONS) }),
]);

/** Parameters of the broker request `browse`. */
export const browseParamsSchema = z.object({
  topic: z.string().min(1).max(249),
  partitions: z.array(z.number().int().min(0)).max(MOST_PARTITIONS).nullable().default(null),
  order: z.enum(['newest', 'oldest']),
  from: fromSchema,
  isolation: z.enum(['committed', 'all']).default('committed'),
  limit: z.number().int().min(1).max(500),
  /** Only records with exactly this key. */
  keyBase64: z.string().max(8_192).nullable().default(null),
  filter: z.string().max(MOST_FILTER_CHARS).nullable().default(null),
  maxRecords: z.number().int().min(1).max(10_000_000).default(1_000_000),
  maxBytes: z.number().int().min(1).max(1_073_741_824).default(268_435_456),
  maxMs: z.number().int().min(1).max(60_000).default(8_000),
});
export type BrowseParams = z.input<typeof browseParamsSchema>;

/** The last part of its answer; before it come `{messages}` in pages. */
export const browseEndSchema = z.object({
  stopped: z.enum(['limit', 'end', 'records', 'bytes', 'time']),
  positions: z.array(z.tuple([z.number().int(), offsetSchema])),
  scanned: z.number().int(),
  matched: z.number().int(),
  failed: z.number().int(),
  firstError: z.object({ partition: z.number().int(), offset: offsetSchema, message: z.string() }).nullable(),
  bytes: z.number().int(),
  elapsedMs: z.number().int(),
  lastTimestamp: timeSchema.nullable(),
  ranges: z.array(z.object({ partition: z.number().int(), start: offsetSchema, end: offsetSchema })),
  failures: z.array(z.object({ partition: z.number().int(), code: z.string(), message: z.string() })),
  registry: z.boolean(),
});
export type BrowseEnd = z.output<typeof browseEndSchema>;

/** Parameters of the broker request `read-topic-message`: one record with all its bytes, whatever became of its transaction. */
export const readTopicMessageParamsSchema = z.object({ topic: z.string().min(1).max(249), partition: z.number().int().min(0), offset: offsetSchema, maxValueBytes: z.number().int().min(0).max(33_554_432).default(1_048_576) });
