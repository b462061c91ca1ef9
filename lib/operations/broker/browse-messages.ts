import type { z } from 'zod';
import type { Broker } from '#lib/brokers/broker.ts';
import type { BrowsedRecord, BrowseRequest, Taken } from '#lib/brokers/port-records.ts';
import type { Decoded } from '#lib/decoding/judging.ts';
import { type Judge, openJudge } from '#lib/decoding/open-judge.ts';
import { decodeDeadLetter } from '#lib/dead-letter/decode.ts';
import type { Dialect } from '#lib/dead-letter/dialects.ts';
import { readWireFormat } from '#lib/decoding/wire-format.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Masking, RecordMask } from '#lib/masking/compile-masking.ts';
import { type MaskedRecord, maskRecord } from '#lib/masking/mask-record.ts';
import type { SchemaRegistry } from '#lib/schema-registry/open-schema-registry.ts';
import { type BrowseEnd, type browseParamsSchema, type MessageWire, type readTopicMessageParamsSchema } from '../message-shape.ts';
import { base64, wireHeaders } from '../record-wire.ts';

export interface BrowseContext {
  broker: Broker;
  /** null: none is configured for this cluster. */
  schemas: SchemaRegistry | null;
  masking: Masking;
  dialects: readonly Dialect[];
  signal: AbortSignal;
  emit: (part: unknown) => Promise<void>;
}

interface Bounds {
  keyBytes: number;
  valueBytes: number;
  headers: number;
  headerBytes: number;
  jsonChars: number;
}

/** What a row of a list carries; opening it brings the rest. */
const ROW: Bounds = { keyBytes: 512, valueBytes: 1_024, headers: 20, headerBytes: 512, jsonChars: 2_048 };
const PAGE = 50;
/** Records given to the judging thread at a time: its progress is watched record by record. */
const BATCH = 500;

/**
 * A page of a topic's messages: parts `{messages}`, then `{end}` (message-shape.ts). Joins no group and commits nothing.
 * @throws WaybillError `filter-invalid` 400, `filter-stopped` 422, `unknown-topic-or-partition` 404
 */
export async function browseMessages(params: z.output<typeof browseParamsSchema>, context: BrowseContext): Promise<void> {
  const startedMs = performance.now();
  const key = params.keyBase64 === null ? null : Buffer.from(params.keyBase64, 'base64');
  const taker = await openTaker({ ...context, topic: params.topic, filter: params.filter, key, bounds: ROW });
  try {
    const answer = await context.broker.browse({ ...requestOf(params), selective: params.filter !== null || key !== null }, taker.take, context.signal);
    if (answer.ranges.length === 0 && answer.failures[0]?.failure.code === 'unknown-topic-or-partition') throw new WaybillError('unknown-topic-or-partition', `The broker has no topic ${params.topic}${params.partitions === null ? '' : ' with this partition'} (any more).`, { status: 404 });
    for (let at = 0; at < answer.items.length; at += PAGE) await context.emit({ messages: answer.items.slice(at, at + PAGE) });
    const end: BrowseEnd = {
      stopped: answer.stopped,
      positions: [...answer.positions].map(([partition, offset]) => [partition, offset.toString()]),
      scanned: answer.scanned,
      matched: answer.items.length,
      failed: answer.failed,
      firstError: answer.firstError && { ...answer.firstError, offset: answer.firstError.offset.toString() },
      bytes: answer.bytes,
      elapsedMs: Math.round(performance.now() - startedMs),
      lastTimestamp: isoOf(answer.lastTimestampMs),
      ranges: answer.ranges.map(({ partition, start, end: until }) => ({ partition, start: start.toString(), end: until.toString() })),
      failures: answer.failures.map(({ partition, failure }) => ({ partition, code: failure.code, message: failure.message })),
      registry: context.schemas !== null,
    };
    await context.emit({ end });
  } finally {
    await taker.close();
  }
}

/** One record with all its bytes: one part `{message}`, null where none lies there. */
export async function readTopicMessage(params: z.output<typeof readTopicMessageParamsSchema>, context: BrowseContext): Promise<void> {
  const bounds: Bounds = { keyBytes: 1_048_576, valueBytes: params.maxValueBytes, headers: 1_000, headerBytes: 65_536, jsonChars: params.maxValueBytes };
  const taker = await openTaker({ ...context, topic: params.topic, filter: null, key: null, bounds });
  try {
    const offset = BigInt(params.offset);
    const take = async (records: readonly BrowsedRecord[]): Promise<readonly Taken<MessageWire>[]> => {
      // A batch comes whole: only the one record is worth decoding.
      const wanted = records.filter((record) => record.offset === offset);
      const [taken] = wanted.length > 0 ? await taker.take(wanted) : [];
      return records.map((record) => (record.offset === offset && taken ? taken : { show: null, error: null }));
    };
    const answer = await context.broker.browse({ topic: params.topic, partitions: [params.partition], order: 'oldest', from: { kind: 'offset', offset }, isolation: 'all', selective: false, limit: 1, maxRecords: 1, maxBytes: 1, maxMs: 10_000 }, take, context.signal);
    const failure = answer.failures[0]?.failure;
    if (failure) throw new WaybillError(failure.code, failure.message, { status: failure.code.startsWith('unknown-topic') ? 404 : 502, retryable: failure.retryable });
    await context.emit({ message: answer.items[0] ?? null });
  } finally {
    await taker.close();
  }
}

function requestOf(params: z.output<typeof browseParamsSchema>): Omit<BrowseRequest, 'selective'> {
  const { from } = params;
  return {
    topic: params.topic,
    partitions: params.partitions,
    order: params.order,
    from:
      from.kind === 'offset' ? { kind: 'offset', offset: BigInt(from.offset) }
      : from.kind === 'time' ? { kind: 'time', timestampMs: BigInt(from.timestampMs) }
      : from.kind === 'positions' ? { kind: 'positions', positions: new Map(from.positions.map(([partition, offset]) => [partition, BigInt(offset)])) }
      : from,
    isolation: params.isolation,
    limit: params.limit,
    maxRecords: params.maxRecords,
    maxBytes: params.maxBytes,
    maxMs: params.maxMs,
  };
}

/** What makes rows of records: masks, compares keys, decodes, filters; what is masked is not found by its key or by a filter. The thread is opened when there is something for it to do, a filter's at once. */
async function openTaker(options: { schemas: SchemaRegistry | null; masking: Masking; dialects: readonly Dialect[]; topic: string; signal: AbortSignal; filter: string | null; key: Buffer | null; bounds: Bounds }): Promise<{ take: (records: readonly BrowsedRecord[]) => Promise<Taken<MessageWire>[]>; close: () => Promise<void> }> {
  const { schemas, masking, dialects, topic, signal, filter, key, bounds } = options;
  let judge: Judge | null = filter === null ? null : await openJudge({ filter, mostJsonChars: bounds.jsonChars });
  const schemaOf = (bytes: Uint8Array | null) => (schemas === null ? null : (readWireFormat(bytes)?.schemaId ?? null));

  /** The record as it may be shown, and the paths of a value that is only read through its schema. */
  function mask(record: BrowsedRecord): { shown: MaskedRecord; paths: readonly string[] } {
    if (masking.isOff) return { shown: maskRecord(record, null, false), paths: [] };
    const { origin } = decodeDeadLetter({ topic, timestampMs: record.timestampMs, headers: record.headers }, { dialects });
    const rules: RecordMask | null = masking.of(topic, origin.topic);
    return { shown: maskRecord(record, rules, true), paths: rules === null || schemaOf(record.value) === null ? [] : rules.pathTexts };
  }

  async function takeBatch(records: readonly BrowsedRecord[]): Promise<Taken<MessageWire>[]> {
    const asked = records.map((record) => {
      const { shown, paths } = mask(record);
      return { record, shown, paths, isKey: key === null || (shown.key !== null && key.equals(shown.key) && shown.masked?.key !== true), keySchema: schemaOf(shown.key), valueSchema: schemaOf(record.value) };
    });
    const judged = asked.filter((one) => one.isKey && (filter !== null || one.keySchema !== null || one.valueSchema !== null));
    if (judged.length === 0) return asked.map(({ record, shown, isKey }) => ({ show: isKey ? rowOf(record, shown, null, null, bounds) : null, error: null }));
    judge ??= await openJudge({ filter: null, mostJsonChars: bounds.jsonChars });
    const ids = judged.flatMap((one) => [one.keySchema, one.valueSchema]).filter((id) => id !== null);
    const known = schemas === null || ids.length === 0 ? [] : await schemas.schemas(ids, signal);
    const answers = await judge.judge(judged.map(({ record, shown, paths, keySchema, valueSchema }) => ({ partition: record.partition, offset: record.offset, timestampMs: record.timestampMs, key: shown.key, value: paths.length > 0 ? record.value : shown.value, headers: shown.headers, keySchema, valueSchema, maskPaths: paths })), known);
    const answerOf = new Map(judged.map((one, index) => [one.record, answers[index]]));
    return asked.map(({ record, shown, isKey }) => {
      const answer = answerOf.get(record);
      return { show: isKey && (answer?.matched ?? true) ? rowOf(record, shown, answer?.key ?? null, answer?.value ?? null, bounds) : null, error: answer?.error ?? null };
    });
  }

  return {
    async take(records) {
      const taken: Taken<MessageWire>[] = [];
      for (let at = 0; at < records.length; at += BATCH) {
        signal.throwIfAborted();
        taken.push(...(await takeBatch(records.slice(at, at + BATCH))));
      }
      return taken;
    },
    close: async () => judge?.close(),
  };
}

function rowOf(record: BrowsedRecord, shown: MaskedRecord, key: Decoded | null, value: Decoded | null, bounds: Bounds): MessageWire {
  // Its schema told where the fields are: only the bytes are hidden whole.
  const masked = shown.masked?.value === 'whole' && value !== null && !('error' in value) ? { ...shown.masked, value: 'parts' as const, reason: 'Its bytes are not shown, because a masking rule names fields of it.' } : shown.masked;
  const cut = (bytes: Uint8Array | null, most: number) => (bytes !== null && bytes.length > most ? bytes.subarray(0, most) : bytes);
  return {
    partition: record.partition,
    offset: record.offset.toString(),
    timestamp: isoOf(record.timestampMs),
    timestampType: record.timestampType,
    visibility: record.visibility,
    keyBase64: base64(cut(shown.key, bounds.keyBytes)),
    keyBytes: record.key?.length ?? null,
    key,
    valueBase64: base64(cut(shown.value, bounds.valueBytes)),
    valueBytes: record.value?.length ?? null,
    value,
    masked,
    ...wireHeaders(shown.headers.slice(0, bounds.headers).map(([name, bytes]) => [cut(name, bounds.headerBytes)!, cut(bytes, bounds.headerBytes)] as const)),
    headerCount: record.headers.length,
    bytes: record.headers.reduce((sum, [name, bytes]) => sum + name.length + (bytes?.length ?? 0), (record.key?.length ?? 0) + (record.value?.length ?? 0)),
  };
}

function isoOf(timestampMs: bigint | null): string | null {
  return timestampMs !== null && timestampMs >= 0n && timestampMs <= 253_402_300_799_999n ? new Date(Number(timestampMs)).toISOString() : null;
}
