import { z } from 'zod';
import { offsetSchema, timeSchema } from '#lib/wire.ts';

/** What a masking rule replaced by "[masked]"; null: nothing, what is given are the record's own bytes. */
export const maskedSchema = z
  .object({ key: z.boolean(), value: z.enum(['parts', 'whole']).nullable(), headers: z.array(z.string()), reason: z.string().nullable() })
  .nullable()
  .describe('what a masking rule replaced by "[masked]": the key, fields of the value or all of it (with the reason), these headers');

/** A record on the wire: byte for byte, but for what is masked. */
export const recordSchema = z.object({
  topic: z.string(),
  partition: z.number().int(),
  offset: offsetSchema,
  timestamp: timeSchema.nullable(),
  keyBase64: z.string().nullable(),
  /** null is a tombstone, or a value that was left out (`valueOmitted`). */
  valueBase64: z.string().nullable(),
  valueBytes: z.number().int().nullable(),
  /** The value is larger than this answer carries. */
  valueOmitted: z.boolean(),
  /** In order, repeated names kept. */
  headers: z.array(z.tuple([z.string(), z.string().nullable()])),
  /** The names' bytes, where one of them is not valid UTF-8. */
  headerNamesBase64: z.array(z.string()).nullable(),
  masked: maskedSchema,
});
export type WireRecord = z.infer<typeof recordSchema>;

/** What `read-message` takes. */
export const readMessageParamsSchema = z.object({
  topic: z.string().min(1).max(249),
  partition: z.number().int().min(0),
  offset: offsetSchema,
  /** Kafka's id of the incarnation that is meant; without it whatever has the name now. */
  topicId: z.string().optional(),
  /** Values above this are answered with their size only. Default 10 MB. */
  maxValueBytes: z.number().int().min(0).max(64 * 1024 * 1024).optional(),
  /** Only so much of the value's beginning is answered; `valueBytes` stays the size of all of it. */
  firstBytes: z.number().int().min(1).max(1024 * 1024).optional(),
});

/** The beginning of bytes, not cut within a character where they are UTF-8 text. */
export function firstBytesOf(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.length <= limit) return bytes;
  let end = limit;
  // At most three bytes of a character stand before its last.
  while (end > limit - 3 && end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, (bytes[end]! & 0xc0) === 0x80 ? limit : end);
}

/** Header names as text, and as bytes where the text would lose something. */
export function wireHeaders(headers: readonly (readonly [Uint8Array, Uint8Array | null])[]): Pick<WireRecord, 'headers' | 'headerNamesBase64'> {
  const names = headers.map(([name]) => buffer(name));
  // NUL does not pass through the store as text.
  const exact = names.every((name) => !name.includes(0) && Buffer.from(name.toString('utf8'), 'utf8').equals(name));
  return {
    headers: headers.map(([, value], index) => [names[index]!.toString('utf8'), value === null ? null : buffer(value).toString('base64')]),
    headerNamesBase64: exact ? null : names.map((name) => name.toString('base64')),
  };
}

/** Base64 of bytes that may be null. */
export function base64(value: Uint8Array | null): string | null {
  return value === null ? null : buffer(value).toString('base64');
}

function buffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
