import { z } from 'zod';
import { configuredDialect } from '#lib/dead-letter/configured-dialect.ts';
import { decodeDeadLetter } from '#lib/dead-letter/decode.ts';
import { WaybillError } from '#lib/errors.ts';
import { headerMappingSchema, mappingYaml } from '#lib/header-mapping.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { maskRecord } from '#lib/masking/mask-record.ts';
import type { HeaderBytes } from '#lib/model/dead-letter.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { listRows, prepareSearch } from '#lib/store/dead-letters/list-rows.ts';
import { readBodies } from '#lib/store/dead-letters/read-bodies.ts';
import type { Store } from '#lib/store/store.ts';
import { offsetSchema } from '#lib/wire.ts';
import { askBroker } from './ask-broker.ts';
import { describeHeaders, headerSeenSchema } from './describe-headers.ts';
import { findTopic } from './find-topic.ts';
import type { SampledHeaders } from './sample-wire.ts';

export const mappingPreviewInputSchema = z.object({
  cluster: z.string().max(64),
  /** The topic whose newest records are tried. */
  topic: z.string().min(1).max(249),
  /** Without it the answer only tells which headers there are. */
  headers: headerMappingSchema.optional(),
  limit: z.number().int().min(1).max(100).default(20),
});

const readingSchema = z.object({
  dialect: z.string().nullable(),
  origin: z.object({ topic: z.string().nullable(), partition: z.number().int().nullable(), offset: offsetSchema.nullable(), timestampMs: offsetSchema.nullable(), consumerGroup: z.string().nullable() }),
  error: z.object({ class: z.string().nullable(), message: z.string().nullable(), hasStack: z.boolean() }),
  attempts: z.number().int().nullable(),
  correlationId: z.string().nullable(),
});

export const mappingPreviewSchema = z.object({
  /** For waybill.config.yaml, under the cluster; null without a mapping. */
  yaml: z.string().nullable(),
  /** store: dead letters that were read before. broker: records of a topic that is not read as one. */
  source: z.enum(['store', 'broker']),
  /** How many of the records the mapping reads an origin from. */
  mapped: z.number().int(),
  /** How many of the records it is recognised on. */
  recognised: z.number().int(),
  /** What headers the records have, the most frequent first. */
  headers: z.array(headerSeenSchema),
  /** Records whose stored bytes have expired are not among these. */
  records: z.array(z.object({ id: z.string().nullable().describe('of the dead letter; null where it is none yet'), partition: z.number().int(), offset: offsetSchema, headerNames: z.array(z.string()), now: readingSchema, mapped: readingSchema })),
});
export type MappingPreview = z.output<typeof mappingPreviewSchema>;

/** More of a header is not looked at: errors are told at its beginning. */
const MAX_TEXT_CHARS = 500;

interface Tried {
  id: string | null;
  partition: number;
  offset: bigint;
  timestampMs: bigint | null;
  headers: readonly HeaderBytes[];
}

/**
 * How the newest records of a topic would be read with header names of the user's own, beside how they are read without: of stored dead letters
 * where the topic has some, else of what lies on the broker. Masked headers are tried as they are shown. Changes nothing: the mapping is
 * configuration.
 * @throws WaybillError `topic-not-found`, `no-dead-letters` 404 where there is nothing to try, or the broker's own
 */
export async function previewHeaderMapping(store: Store, input: z.output<typeof mappingPreviewInputSchema>, asker: { masking: Masking; principal: string; signal?: AbortSignal }): Promise<MappingPreview> {
  const stored = await storedRecords(store, input, asker.masking);
  const tried = stored.length > 0 ? stored : await brokerRecords(store, input, asker);
  const dialect = input.headers ? configuredDialect(input.headers) : null;
  const records = tried.map((record) => {
    const bytes = { topic: input.topic, timestampMs: record.timestampMs, headers: record.headers };
    const now = reading(decodeDeadLetter(bytes));
    return {
      id: record.id,
      partition: record.partition,
      offset: record.offset.toString(),
      headerNames: [...new Set(record.headers.map(([name]) => Buffer.from(name).toString('utf8')))].slice(0, 200),
      now,
      mapped: dialect === null ? now : reading(decodeDeadLetter(bytes, { dialects: [dialect] })),
    };
  });
  const recognised = dialect === null ? [] : records.filter((record) => record.mapped.dialect === dialect.name);
  return {
    yaml: input.headers ? mappingYaml(input.headers) : null,
    source: stored.length > 0 ? 'store' : 'broker',
    mapped: recognised.filter((record) => record.mapped.origin.topic !== null).length,
    recognised: recognised.length,
    headers: describeHeaders(tried.map((record) => record.headers)),
    records,
  };
}

async function storedRecords(store: Store, input: { cluster: string; topic: string; limit: number }, masking: Masking): Promise<Tried[]> {
  const rows = await listRows(store, await prepareSearch(store, { cluster: input.cluster, topic: input.topic }), null, input.limit);
  const bodies = new Map((await readBodies(store, rows, 'headers')).map((body) => [`${body.topicId}:${body.partition}:${body.offset}`, body]));
  return rows.flatMap((row) => {
    const body = bodies.get(`${row.topicId}:${row.partition}:${row.offset}`);
    if (!body || body.expired) return [];
    // The value is not read for this: what headers quote of it is hidden with them.
    const { headers } = maskRecord({ key: null, value: null, headers: body.headerNames.map((header, index) => [header, body.headerValues[index] ?? null] as const), valueElsewhere: row.valueBytes !== null }, masking.of(row.topic, row.originTopic), true);
    return [{ id: formatDeadLetterId(row), partition: row.partition, offset: row.offset, timestampMs: row.timestamp === null ? null : BigInt(row.timestamp.getTime()), headers }];
  });
}

async function brokerRecords(store: Store, input: { cluster: string; topic: string; limit: number }, asker: { principal: string; signal?: AbortSignal }): Promise<Tried[]> {
  const topic = await findTopic(store, input).catch((error: unknown) => {
    if (error instanceof WaybillError && error.code === 'topic-not-found') return null;
    throw error;
  });
  const [part] = topic === null ? [] : ((await askBroker(store, { clusterId: topic.clusterId, kind: 'sample-headers', params: { topic: input.topic, limit: Math.min(input.limit, 50) }, principal: asker.principal, ...(asker.signal ? { signal: asker.signal } : {}) })) as SampledHeaders[]);
  const records = part?.records ?? [];
  if (records.length === 0) throw new WaybillError('no-dead-letters', `The topic ${input.topic} has no records, stored or on the broker, to try a mapping on.`, { status: 404 });
  return records.map((record) => ({
    id: null,
    partition: record.partition,
    offset: BigInt(record.offset),
    timestampMs: record.timestampMs === null ? null : BigInt(record.timestampMs),
    headers: record.headers.map(([name, value]) => [Buffer.from(name, 'base64'), value === null ? null : Buffer.from(value, 'base64')] as const),
  }));
}

function reading(decoded: ReturnType<typeof decodeDeadLetter>): z.infer<typeof readingSchema> {
  const { origin, error } = decoded;
  return {
    dialect: decoded.dialect,
    origin: { topic: origin.topic, partition: origin.partition, offset: origin.offset?.toString() ?? null, timestampMs: origin.timestampMs?.toString() ?? null, consumerGroup: origin.consumerGroup },
    error: { class: error.class, message: error.message === null ? null : error.message.slice(0, MAX_TEXT_CHARS), hasStack: error.stack !== null },
    attempts: decoded.attempts,
    correlationId: decoded.correlationId,
  };
}
