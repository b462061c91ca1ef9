import { createHash } from 'node:crypto';
import { type AttributeLists, type AttributeUse, rankAttributes } from '#lib/journey/attribute-names.ts';
import { canonicalAttributes } from '#lib/journey/canonical-attributes.ts';
import { type Attribute, type AttributeValue, type DecodedSpan, type DecodedTraces, ownServicePrefix, type SpanLink } from '#lib/model/span.ts';
import type { ResourceRow } from '#lib/store/journeys/intern-resources.ts';
import { packAttributes } from '#lib/store/journeys/pack-attributes.ts';
import { SpanBatch } from '#lib/store/journeys/span-batch.ts';
import type { SpanRow } from '#lib/store/journeys/span-row.ts';
import type { ProducerSighting } from '#lib/store/topics/note-producers.ts';

export interface PrepareOptions {
  now: Date;
  retentionDays: number;
  names: AttributeLists;
  /** Row id by Kafka's cluster id. */
  clusters: ReadonlyMap<string, number>;
}

/** Spans of one request that can be stored. Batches number the resources by their place here. */
export interface PreparedSpans {
  resources: ResourceRow[];
  batches: SpanBatch[];
  /** Who wrote to which topic, each pair once. */
  producers: ProducerSighting[];
  spanCount: number;
  rejected: number;
  /** About what all this takes in memory. */
  bytes: number;
  /** Why, in English, for partial success; empty where nothing was rejected. */
  errorMessage: string;
}

const dayMs = 86_400_000;
const traceIdPattern = /^(?!0{32})[0-9a-f]{32}$/;
const spanIdPattern = /^(?!0{16})[0-9a-f]{16}$/;
const maxBigint = 9_223_372_036_854_775_807n;

/**
 * Decoded spans to rows: canonical columns, the rest packed. Spans that can never be stored (no valid ids, a start outside
 * of retention or more than a day ahead) are rejected one by one; they never fail their batch.
 */
export function prepareSpans(traces: DecodedTraces, options: PrepareOptions): PreparedSpans {
  const prepared: PreparedSpans = { resources: [], batches: [], producers: [], spanCount: traces.spanCount, rejected: 0, bytes: 0, errorMessage: '' };
  const reasons = new Map<string, number>();
  const uses = usesOf(options.names);
  const oldestMs = options.now.getTime() - options.retentionDays * dayMs;
  const newestMs = options.now.getTime() + dayMs;
  const open = new Map<number, SpanBatch>();
  const producers = new Map<string, ProducerSighting>();
  for (const resource of traces.resources) {
    const service = textOf(resource.attributes, 'service.name');
    const attributes = JSON.stringify(Object.fromEntries(resource.attributes.map(({ key, value }) => [key, plainValue(value)])));
    const place = prepared.resources.length;
    let isUsed = false;
    const own = service !== null && service.startsWith(ownServicePrefix);
    for (const scope of resource.scopes) {
      for (const span of scope.spans) {
        const startMs = Number(span.startNs / 1_000_000n);
        const reason = refuse(span, startMs, oldestMs, newestMs, options.retentionDays);
        if (reason !== null) {
          prepared.rejected++;
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
          continue;
        }
        const dayNumber = Math.floor(startMs / dayMs);
        let batch = open.get(dayNumber);
        if (batch === undefined || batch.isFull) {
          batch = new SpanBatch(new Date(dayNumber * dayMs).toISOString().slice(0, 10));
          open.set(dayNumber, batch);
          prepared.batches.push(batch);
        }
        const row = toRow(span, scope.name, scope.version, service, own, uses, options.clusters);
        batch.add(row, place);
        isUsed = true;
        if (row.operation === 'send' && row.topic !== null && row.service !== null) notice(producers, row.topic, row.clusterId, row.service, startMs);
      }
    }
    if (isUsed) prepared.resources.push({ hash: createHash('sha256').update(attributes).digest('hex'), service, attributes });
  }
  prepared.producers = [...producers.values()];
  prepared.bytes = prepared.batches.reduce((sum, batch) => sum + batch.bytes, 0);
  if (prepared.rejected > 0) {
    prepared.errorMessage = `${prepared.rejected} of ${prepared.spanCount} spans were rejected: ${[...reasons].map(([reason, count]) => `${count} with ${reason}`).join(', ')}. The others were stored.`;
  }
  return prepared;
}

/** The latest of each. */
function notice(producers: Map<string, ProducerSighting>, topic: string, clusterId: number | null, service: string, startMs: number): void {
  const key = `${topic}\n${clusterId ?? 0}\n${service}`;
  const known = producers.get(key);
  if (known === undefined || known.seenAt.getTime() < startMs) producers.set(key, { topic, clusterId: clusterId ?? 0, service, seenAt: new Date(startMs) });
}

const known = new WeakMap<AttributeLists, ReadonlyMap<string, AttributeUse>>();

/** The configuration gives the same object with every request. */
function usesOf(names: AttributeLists): ReadonlyMap<string, AttributeUse> {
  let uses = known.get(names);
  if (uses === undefined) known.set(names, (uses = rankAttributes(names)));
  return uses;
}

function refuse(span: DecodedSpan, startMs: number, oldestMs: number, newestMs: number, retentionDays: number): string | null {
  if (!traceIdPattern.test(span.traceId)) return 'an invalid trace id';
  if (!spanIdPattern.test(span.spanId)) return 'an invalid span id';
  if (startMs < oldestMs) return `a start before the retention of ${retentionDays} days`;
  if (startMs > newestMs) return 'a start more than a day ahead';
  return null;
}

function toRow(span: DecodedSpan, scope: string, scopeVersion: string, service: string | null, own: boolean, uses: ReadonlyMap<string, AttributeUse>, clusters: ReadonlyMap<string, number>): SpanRow {
  const canonical = canonicalAttributes({ name: span.name, kind: span.kind, attributes: span.attributes, linkCount: span.links.length }, uses);
  const length = span.endNs > span.startNs ? span.endNs - span.startNs : 0n; // an end before its start is a clock that was set
  const row: SpanRow = {
    traceId: span.traceId, spanId: span.spanId, parentSpanId: spanIdPattern.test(span.parentSpanId) ? span.parentSpanId : null,
    clusterId: canonical.clusterId === null ? null : (clusters.get(canonical.clusterId) ?? null), service, name: span.name, kind: span.kind,
    startNs: span.startNs, durationNs: length > maxBigint ? maxBigint : length, statusCode: span.statusCode, statusMessage: span.statusCode === 2 ? errorOf(span) : null,
    operation: own ? null : canonical.operation, topic: own ? null : canonical.topic, partition: own ? null : canonical.partition, offset: own ? null : canonical.offset,
    messageKey: canonical.messageKey === null ? null : canonical.messageKey.slice(0, 512), group: canonical.group,
    journeyKey: own ? null : canonical.journeyKey, journeyKeyBy: own ? null : canonical.journeyKeyBy, batch: canonical.batch,
    eventId: own || canonical.operation === null ? null : canonical.eventId, causationId: own || canonical.operation === null ? null : canonical.causationId,
    links: span.links.length === 0 ? null : JSON.stringify(span.links.filter((link) => traceIdPattern.test(link.traceId) && spanIdPattern.test(link.spanId)).map((link) => toLink(link, uses))),
    attributes: '',
    tells: !own,
  };
  row.attributes = packAttributes(span, scope, scopeVersion, row);
  return row;
}

/** A link with the record's coordinate, where the instrumentation puts it there (Java agent, new conventions; Spring batch). */
function toLink(link: SpanLink, uses: ReadonlyMap<string, AttributeUse>): Record<string, string | number> {
  const found: Record<string, string | number> = { traceId: link.traceId, spanId: link.spanId };
  if (link.attributes.length === 0) return found;
  const canonical = canonicalAttributes({ name: '', kind: 0, attributes: link.attributes, linkCount: 0 }, uses);
  if (canonical.topic !== null) found['topic'] = canonical.topic;
  if (canonical.partition !== null) found['partition'] = canonical.partition;
  if (canonical.offset !== null) found['offset'] = String(canonical.offset);
  if (canonical.messageKey !== null) found['key'] = canonical.messageKey;
  return found;
}

/** The error in words: its type and message, from the status, the attributes or the exception event. */
function errorOf(span: DecodedSpan): string {
  const exception = span.events.findLast((event) => event.name === 'exception')?.attributes ?? [];
  const type = textOf(exception, 'exception.type') ?? textOf(span.attributes, 'error.type') ?? textOf(span.attributes, 'exception.type');
  const message = textOf(exception, 'exception.message') ?? (span.statusMessage || null) ?? textOf(span.attributes, 'exception.message');
  if (type === null) return message ?? 'error';
  return message === null || message.includes(type) ? (message ?? type) : `${type}: ${message}`;
}

function textOf(attributes: readonly Attribute[], key: string): string | null {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return typeof value === 'string' && value !== '' ? value : null;
}

function plainValue(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plainValue);
  if (value !== null && typeof value === 'object') return Object.fromEntries(value.entries.map((entry) => [entry.key, plainValue(entry.value)]));
  return value;
}
