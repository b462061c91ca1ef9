import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type IHeaders } from 'kafkajs';
import type { Event } from '#demo/shop/events.ts';
import type { Store } from '#lib/store/store.ts';
import { testBrokers } from '#test/harness/kafka.ts';

export interface EventToWrite {
  key: string | null;
  event?: Event;
  /** In place of the event's JSON. */
  rawValue?: Buffer;
  headers?: IHeaders;
  correlationId?: string | null;
  timestampMs?: number;
}

/** Headers as the shop writes them. */
export function shopHeaders(event: Event, source: string): IHeaders {
  return { 'event-id': event.id, 'event-type': event.type, 'schema-version': String(event.version), 'content-type': 'application/json', source: `${source}-service` };
}

/** Writes events in one go, in order. */
export async function writeEvents(topic: string, events: readonly EventToWrite[]): Promise<void> {
  const producer = new Kafka({ brokers: testBrokers(), clientId: 'hygiene-test', logLevel: logLevel.ERROR }).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({
      topic,
      messages: events.map(({ key, event, rawValue, headers, correlationId, timestampMs }) => ({
        key, value: rawValue ?? (event === undefined ? null : Buffer.from(JSON.stringify(event))), partition: 0, ...(timestampMs === undefined ? {} : { timestamp: String(timestampMs) }),
        headers: { ...(event === undefined ? {} : shopHeaders(event, 'cart')), ...(correlationId === null ? {} : { 'correlation-id': correlationId ?? `chk-${randomUUID()}` }), ...headers },
      })),
    });
  } finally {
    await producer.disconnect();
  }
}

export interface SpanToStore {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  service: string;
  kind: 1 | 4 | 5;
  topic?: string;
  partition?: number;
  offset?: number;
  group?: string;
  journeyKey?: string;
  error?: boolean;
  at: Date;
}

/** Stores spans as the receiver does: the columns that hygiene reads. */
export async function storeSpans(store: Store, spans: readonly SpanToStore[]): Promise<void> {
  for (const span of spans) {
    await store.execute(
      `insert into span (day, trace_id, span_id, parent_span_id, resource_id, service, name, kind, start_ns, duration_ns, status_code, operation, topic, partition, "offset", group_name, journey_key, received_at)
       values (($1::timestamptz at time zone 'UTC')::date, decode($2, 'hex'), decode($3, 'hex'), decode($4, 'hex'), 1, $5, 'a span', $6, $7, 1000000, $8, $9, $10, $11, $12, $13, $14, $1)`,
      [span.at, span.traceId, span.spanId, span.parentSpanId ?? null, span.service, span.kind, BigInt(span.at.getTime()) * 1_000_000n, span.error ? 2 : 0, span.kind === 5 ? 'process' : span.kind === 4 ? 'send' : null, span.topic ?? null, span.partition ?? (span.offset === undefined ? null : 0), span.offset ?? null, span.group ?? null, span.journeyKey ?? null],
    );
  }
}
