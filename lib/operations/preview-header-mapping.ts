import { z } from 'zod';
import { configuredDialect } from '#lib/dead-letter/configured-dialect.ts';
import { decodeDeadLetter } from '#lib/dead-letter/decode.ts';
import { WaybillError } from '#lib/errors.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { listRows, prepareSearch } from '#lib/store/dead-letters/list-rows.ts';
import { readBodies } from '#lib/store/dead-letters/read-bodies.ts';
import type { Store } from '#lib/store/store.ts';
import { offsetSchema } from '#lib/wire.ts';

const name = z.string().min(1).max(200);

/** The names of home-made headers, as `deadLetters.headers` of the configuration takes them. */
export const headerMappingSchema = z.strictObject({
  topic: name,
  partition: name.optional(),
  offset: name.optional(),
  timestamp: name.optional(),
  consumerGroup: name.optional(),
  errorClass: name.optional(),
  errorMessage: name.optional(),
  errorStack: name.optional(),
  attempts: name.optional(),
});

export const mappingPreviewInputSchema = z.strictObject({
  cluster: z.string().max(64),
  /** The dead-letter topic whose newest records are tried. */
  topic: z.string().min(1).max(249),
  headers: headerMappingSchema,
  limit: z.number().int().min(1).max(100).default(20),
});

const readingSchema = z.object({
  dialect: z.string().nullable(),
  origin: z.object({ topic: z.string().nullable(), partition: z.number().int().nullable(), offset: offsetSchema.nullable(), timestampMs: offsetSchema.nullable(), consumerGroup: z.string().nullable() }),
  error: z.object({ class: z.string().nullable(), message: z.string().nullable(), hasStack: z.boolean() }),
  attempts: z.number().int().nullable(),
});

export const mappingPreviewSchema = z.object({
  /** For waybill.config.yaml, under the cluster. */
  yaml: z.string(),
  /** How many of the records the mapping reads an origin from. */
  mapped: z.number().int(),
  /** Records whose stored bytes have expired are not among these. */
  records: z.array(z.object({ id: z.string(), headerNames: z.array(z.string()), now: readingSchema, mapped: readingSchema })),
});

/**
 * How the newest stored records of a dead-letter topic would be read with header names of the user's own, beside how they are read without.
 * Changes nothing: the mapping is configuration.
 * @throws WaybillError `no-dead-letters` 404 where the topic has no stored records to try
 */
export async function previewHeaderMapping(store: Store, input: z.output<typeof mappingPreviewInputSchema>): Promise<z.infer<typeof mappingPreviewSchema>> {
  const rows = await listRows(store, await prepareSearch(store, { cluster: input.cluster, topic: input.topic }), null, input.limit);
  if (rows.length === 0) throw new WaybillError('no-dead-letters', `No dead letter of the topic ${input.topic} is stored, so there is nothing to try the mapping on.`, { status: 404 });
  const dialect = configuredDialect(input.headers);
  const bodies = new Map((await readBodies(store, rows, 'headers')).map((body) => [`${body.topicId}:${body.partition}:${body.offset}`, body]));
  const records = rows.flatMap((row) => {
    const body = bodies.get(`${row.topicId}:${row.partition}:${row.offset}`);
    if (!body || body.expired) return [];
    const record = { topic: row.topic, timestampMs: row.timestamp === null ? null : BigInt(row.timestamp.getTime()), headers: body.headerNames.map((header, index) => [header, body.headerValues[index] ?? null] as const) };
    return [{ id: formatDeadLetterId(row), headerNames: [...new Set(body.headerNames.map((header) => header.toString('utf8')))].slice(0, 200), now: reading(decodeDeadLetter(record)), mapped: reading(decodeDeadLetter(record, { dialects: [dialect] })) }];
  });
  const yaml = ['deadLetters:', '  headers:', ...Object.entries(input.headers).map(([field, header]) => `    ${field}: ${JSON.stringify(header)}`)].join('\n');
  return { yaml: `${yaml}\n`, mapped: records.filter((record) => record.mapped.dialect === dialect.name && record.mapped.origin.topic !== null).length, records };
}

function reading(decoded: ReturnType<typeof decodeDeadLetter>): z.infer<typeof readingSchema> {
  const { origin, error } = decoded;
  return {
    dialect: decoded.dialect,
    origin: { topic: origin.topic, partition: origin.partition, offset: origin.offset?.toString() ?? null, timestampMs: origin.timestampMs?.toString() ?? null, consumerGroup: origin.consumerGroup },
    error: { class: error.class, message: error.message === null ? null : error.message.slice(0, 500), hasStack: error.stack !== null },
    attempts: decoded.attempts,
  };
}
