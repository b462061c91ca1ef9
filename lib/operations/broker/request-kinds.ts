import type { z } from 'zod';
import type { Broker } from '#lib/brokers/broker.ts';
import type { BrokerRecord } from '#lib/brokers/port-records.ts';
import { WaybillError } from '#lib/errors.ts';
import { decodeDeadLetter } from '#lib/dead-letter/decode.ts';
import type { Dialect } from '#lib/dead-letter/dialects.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { maskRecord } from '#lib/masking/mask-record.ts';
import type { SchemaRegistry } from '#lib/schema-registry/open-schema-registry.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { groupChangeSchema } from '../group-change-wire.ts';
import { checkEditParamsSchema } from '../edit-wire.ts';
import { changeGroup } from './change-group.ts';
import { sampleHeaders } from './sample-headers.ts';
import { browseMessages, readTopicMessage } from './browse-messages.ts';
import { checkEdit } from './check-edit.ts';
import { dryRunParamsSchema, dryRunReplay } from './dry-run-replay.ts';
import { lookAtOrigin } from './look-at-origin.ts';
import { lookParamsSchema } from '../origin-look-wire.ts';
import { sampleParamsSchema } from '../sample-wire.ts';
import { browseParamsSchema, readTopicMessageParamsSchema } from '../message-shape.ts';
import { base64, firstBytesOf, readMessageParamsSchema, wireHeaders, type WireRecord } from '../record-wire.ts';

/** What a handler of a request works with. */
export interface RequestContext {
  store: Store;
  broker: Broker;
  clusterId: number;
  /** The cluster's schema registry; null where none is configured. */
  schemas?: SchemaRegistry | null;
  /** What of a record no answer tells. */
  masking: Masking;
  /** Dialects of the cluster's configuration; tried before the known ones. */
  dialects: readonly Dialect[];
  /** Headers that a dialect's dead letters lose on the way back. */
  headersToStrip: (dialect: string | null) => readonly string[];
  /** Name of who asked. */
  principal: string;
  /** Aborts at the deadline, when the asker cancels, and when the process ends. */
  signal: AbortSignal;
  /** Sends one part of the answer, any JSON. */
  emit: (part: unknown) => Promise<void>;
  /** Adds to the transaction that ends the request, also where it fails or was cancelled: the audit line of what was done. */
  atEnd: (work: (tx: Statements) => Promise<void>) => void;
}

export interface RequestKind<Params = unknown> {
  params: z.ZodType<Params>;
  /** It changes something at the broker: it runs to its end once it began. */
  changes?: true;
  run(params: Params, context: RequestContext): Promise<void>;
}

/** A kind of request with its parameters' type kept inside. */
export function requestKind<Params>(kind: RequestKind<Params>): RequestKind {
  return kind as RequestKind;
}

const MAX_READ_VALUE_BYTES = 10 * 1024 * 1024;

function wireRecord(record: BrokerRecord, { maxValueBytes = MAX_READ_VALUE_BYTES, firstBytes }: { maxValueBytes?: number | undefined; firstBytes?: number | undefined }, { masking, dialects }: Pick<RequestContext, 'masking' | 'dialects'>): WireRecord {
  const omitted = (record.value?.length ?? 0) > maxValueBytes;
  const from = masking.isOff ? null : decodeDeadLetter({ topic: record.topic, timestampMs: record.timestampMs, headers: record.headers }, { dialects }).origin.topic;
  // Masked first and cut then: a field that a rule hides may begin before the cut.
  const shown = maskRecord(record, masking.of(record.topic, from), true);
  const timestamp = record.timestampMs !== null && record.timestampMs <= 253_402_300_799_999n ? new Date(Number(record.timestampMs)).toISOString() : null;
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset.toString(),
    timestamp,
    keyBase64: base64(shown.key),
    valueBase64: omitted ? null : base64(firstBytes === undefined || shown.value === null ? shown.value : firstBytesOf(shown.value, firstBytes)),
    valueBytes: record.value?.length ?? null,
    valueOmitted: omitted,
    ...wireHeaders(shown.headers),
    masked: shown.masked,
  };
}

/** Everything people can ask of a broker through `broker_request`. */
export const requestKinds: Record<string, RequestKind> = {
  /** Parts: `{messages}` in pages of 50, then `{end}` (message-shape.ts). */
  browse: requestKind({ params: browseParamsSchema, run: (params, context) => browseMessages(params, { ...context, schemas: context.schemas ?? null }) }),
  /** One part: `{message}`, null where no record lies there. */
  'read-topic-message': requestKind({ params: readTopicMessageParamsSchema, run: (params, context) => readTopicMessage(params, { ...context, schemas: context.schemas ?? null }) }),
  /** One part: `{records}`, the headers of the newest ones (sample-wire.ts). */
  'sample-headers': requestKind({
    params: sampleParamsSchema,
    async run(params, context) {
      await context.emit(await sampleHeaders(params, context));
    },
  }),
  /** One part: `{record}`, null where no record lies there. */
  'read-message': requestKind({
    params: readMessageParamsSchema,
    async run(params, { broker, masking, dialects, signal, emit }) {
      const { record, failure } = await broker.readMessage({ topic: params.topic, topicId: params.topicId ?? null, partition: params.partition, offset: BigInt(params.offset) }, { signal });
      if (failure) throw new WaybillError(failure.code, failure.message, { status: failure.code.startsWith('unknown-topic') ? 404 : 502, retryable: failure.retryable });
      await emit({ record: record && wireRecord(record, params, { masking, dialects }) });
    },
  }),
  /** One part: what the origin topic holds of a dead letter (origin-look-wire.ts). */
  'look-at-origin': requestKind({
    params: lookParamsSchema,
    async run(params, { store, broker, signal, emit }) {
      await emit(await lookAtOrigin(params, { store, broker, signal }));
    },
  }),
  /** One part: what a registry's schema says of an edited value (edit-wire.ts). */
  'check-edit': requestKind({
    params: checkEditParamsSchema,
    async run(params, { schemas, signal, emit }) {
      await emit(await checkEdit(params, { schemas: schemas ?? null, signal }));
    },
  }),
  /** One part: what the change of a group does, or would do (group-change-wire.ts). */
  'change-group': requestKind({
    params: groupChangeSchema,
    changes: true,
    async run(params, context) {
      await context.emit(await changeGroup(params, context));
    },
  }),
  /** One part: what a replay would send where (replay-wire.ts, dryRunSchema). */
  'replay-dry-run': requestKind({
    params: dryRunParamsSchema,
    async run(params, { store, broker, clusterId, headersToStrip, signal, emit }) {
      await emit(await dryRunReplay(params, { store, broker, clusterId, headersToStrip, signal }));
    },
  }),
};
