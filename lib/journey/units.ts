import type { EvidenceKind, JourneySpan } from '#lib/model/journey.ts';
import { coordinateOf, coordinateReference, spanReference } from './references.ts';

/** One message being published. */
export interface Send {
  index: number;
  span: JourneySpan;
  ref: string;
  /** Reference of the record's coordinate; null until a consumer or a dead letter tells. */
  record: string | null;
  partition: number | null;
  offset: bigint | null;
  key: { by: string; value: string } | null;
  eventId: string | null;
  causationId: string | null;
}

/** One record being handled once by one consumer: a single-record span, or one link of a batch span. */
export interface Delivery {
  index: number;
  span: JourneySpan;
  ref: string;
  /** Coordinate, or the send's reference, or its own span: what makes two deliveries the same record. */
  record: string;
  hasCoordinate: boolean;
  topic: string | null;
  partition: number | null;
  offset: bigint | null;
  /** The span the record came from, by parent or link; it may not be known (yet). */
  source: { ref: string; kinds: EvidenceKind[] } | null;
  batch: boolean;
  key: { by: string; value: string } | null;
  eventId: string | null;
  causationId: string | null;
}

export interface Units {
  sends: Send[];
  deliveries: Delivery[];
  /** By span reference; a batch span has none. */
  sendBySpan: Map<string, Send>;
  deliveryBySpan: Map<string, Delivery>;
  bySpan: ReadonlyMap<string, JourneySpan>;
  /** The nearest messaging span above, or the topmost span seen. */
  above: (span: JourneySpan) => Above;
}

export type Above =
  | { kind: 'messaging'; span: JourneySpan; ref: string }
  | { kind: 'root'; ref: string }
  | { kind: 'unknown' };

const mostAncestors = 10_000;

/** Whether a span carries or moves messages; walking up a trace stops at it. */
function isMessaging(span: JourneySpan): boolean {
  return span.operation !== null || span.kind === 5;
}

/**
 * Takes spans apart into publications and deliveries. A batch span is split by its links and never becomes a unit of its
 * own, so nothing is ever traversed through it; a consumer span that names no record (a poll, `recv`) is only a barrier.
 */
export function splitUnits(spans: readonly JourneySpan[], overusedKeys: ReadonlySet<string>, overusedEvents: ReadonlySet<string>): Units {
  const bySpan = new Map<string, JourneySpan>();
  for (const span of spans) bySpan.set(spanReference(span.traceId, span.spanId), span);

  const above = (span: JourneySpan): Above => {
    let at = span;
    for (let steps = 0; steps < mostAncestors; steps++) {
      if (at.parentSpanId === null) return at === span ? { kind: 'unknown' } : { kind: 'root', ref: spanReference(at.traceId, at.spanId) };
      const parent = bySpan.get(spanReference(at.traceId, at.parentSpanId));
      if (parent === undefined) {
        // The entry of a service behind something that is not traced: its parent will never come. Anything else may be late.
        return at !== span && at.kind === 2 ? { kind: 'root', ref: spanReference(at.traceId, at.spanId) } : { kind: 'unknown' };
      }
      if (isMessaging(parent)) return { kind: 'messaging', span: parent, ref: spanReference(parent.traceId, parent.spanId) };
      at = parent;
    }
    return { kind: 'unknown' };
  };

  const keyOf = (span: JourneySpan): { by: string; value: string } | null => {
    if (usable(span)) return { by: span.journeyKeyBy ?? 'key', value: span.journeyKey! };
    // The request's own key names the event where the messaging span says nothing.
    let at = span;
    for (let steps = 0; steps < mostAncestors && at.parentSpanId !== null; steps++) {
      const parent = bySpan.get(spanReference(at.traceId, at.parentSpanId));
      if (parent === undefined || isMessaging(parent)) return null;
      if (usable(parent)) return { by: parent.journeyKeyBy ?? 'key', value: parent.journeyKey! };
      at = parent;
    }
    return null;
  };
  const usable = (span: JourneySpan): boolean => span.journeyKey !== null && !span.batch && !overusedKeys.has(span.journeyKey);

  const rare = (id: string | null): string | null => (id === null || overusedEvents.has(id) ? null : id);

  const sends: Send[] = [];
  const deliveries: Delivery[] = [];
  const sendBySpan = new Map<string, Send>();
  const deliveryBySpan = new Map<string, Delivery>();
  let index = 0;
  for (const span of spans) {
    const ref = spanReference(span.traceId, span.spanId);
    if (span.operation === 'send' && span.topic !== null && !span.batch) {
      const at = coordinateOf(span);
      const send: Send = { index: index++, span, ref, record: at && coordinateReference(at), partition: span.partition, offset: span.offset, key: keyOf(span), eventId: rare(span.eventId), causationId: rare(span.causationId) };
      sends.push(send);
      sendBySpan.set(ref, send);
    }
  }
  for (const span of spans) {
    if (span.operation !== 'receive' && span.operation !== 'process') continue;
    const ref = spanReference(span.traceId, span.spanId);
    if (span.batch) {
      span.links.forEach((link, place) => {
        const topic = link.topic ?? span.topic;
        const at = topic !== null && link.offset !== undefined && (link.partition ?? span.partition) !== null
          ? { cluster: span.cluster, incarnation: span.incarnation, topic, partition: (link.partition ?? span.partition)!, offset: link.offset } : null;
        const source = spanReference(link.traceId, link.spanId);
        deliveries.push({
          index: index++, span, ref: `${ref}#${place}`, record: at ? coordinateReference(at) : source, hasCoordinate: at !== null,
          topic, partition: at?.partition ?? null, offset: at?.offset ?? null, source: { ref: source, kinds: ['link'] }, batch: true, key: null, eventId: null, causationId: null,
        });
      });
      continue;
    }
    const at = coordinateOf(span);
    const source = sourceOf(span, bySpan);
    if (at === null && source === null) continue; // carries nothing
    const upper = span.parentSpanId === null ? undefined : bySpan.get(spanReference(span.traceId, span.parentSpanId));
    const delivery: Delivery = {
      index: index++, span, ref, record: at ? coordinateReference(at) : source!.ref, hasCoordinate: at !== null,
      topic: span.topic, partition: span.partition, offset: span.offset, source,
      // A process span under a poll of many: when the batch fails, each of its records is marked.
      batch: upper !== undefined && upper.batch && isMessaging(upper),
      key: keyOf(span),
      eventId: rare(span.eventId), causationId: rare(span.causationId),
    };
    deliveries.push(delivery);
    deliveryBySpan.set(ref, delivery);
  }
  // A key that only the handler's own spans carry (baggage, an attribute set by hand) names the record they handle.
  for (const span of spans) {
    if (isMessaging(span) || !usable(span)) continue;
    const upper = above(span);
    if (upper.kind !== 'messaging') continue;
    const delivery = deliveryBySpan.get(upper.ref);
    if (delivery !== undefined && delivery.key === null) delivery.key = { by: span.journeyKeyBy ?? 'key', value: span.journeyKey! };
  }
  return { sends, deliveries, sendBySpan, deliveryBySpan, bySpan, above };
}

function sourceOf(span: JourneySpan, bySpan: ReadonlyMap<string, JourneySpan>): { ref: string; kinds: EvidenceKind[] } | null {
  const parentRef = span.parentSpanId === null ? null : spanReference(span.traceId, span.parentSpanId);
  const [link] = span.links;
  if (link !== undefined && link.spanId !== '') {
    const ref = spanReference(link.traceId, link.spanId);
    return { ref, kinds: ref === parentRef ? ['parent', 'link'] : ['link'] };
  }
  if (parentRef === null) return null;
  const parent = bySpan.get(parentRef);
  if (parent === undefined) return { ref: parentRef, kinds: ['parent'] }; // not here yet, or not sampled
  // A record that was copied to another topic with its headers (a replay, a retry) names its first sender; only its own coordinate keeps the two apart.
  const sameTopic = parent.topic === null || span.topic === null || parent.topic === span.topic || span.offset !== null;
  const single = parent.operation === 'send' || (parent.operation !== null && !parent.batch && (parent.offset !== null || parent.links.length === 1));
  return single && sameTopic ? { ref: parentRef, kinds: ['parent'] } : null;
}
