import type { EvidenceKind, JourneyFacts, JourneyGraph, JourneySpan } from '#lib/model/journey.ts';
import { assemble } from './assemble-journey.ts';
import { type Caused, findCauses, findSameEvents } from './causation.ts';
import { Components } from './components.ts';
import { type BuildOptions, type DeadLetterUnit, deadLetterKey, type Group, type Hopped, type RecordUnit, type ReplayUnit, type UnitEdge } from './facts.ts';
import { compare, push, uniqueBy } from './order.ts';
import { coordinateReference, coordinateText, spanReference } from './references.ts';
import { followSources, inferRecords, placeDeadLetters, settleRecords } from './settle-records.ts';
import { type Delivery, type Send, splitUnits } from './units.ts';

/**
 * The journeys in a set of facts: who published what, who handled it in which attempts, what was dead-lettered, replayed,
 * and which evidence connects them. A pure function of the set: the order in which facts arrived makes no difference.
 *
 * Evidence is used from strong to weak (parent, link, causation, coordinate, correlation), and weak evidence never joins two events
 * whose keys differ (components.ts). Nothing is traversed through a batch span (units.ts).
 */
export function buildGraphs(facts: JourneyFacts, options: BuildOptions): JourneyGraph[] {
  const spans = unique(facts.spans);
  const overused = options.overusedKeys ?? new Set<string>();
  const overusedEvents = options.overusedEvents ?? new Set<string>();
  const units = splitUnits(spans, overused, overusedEvents);
  const { sends, deliveries, sendBySpan, deliveryBySpan } = units;

  let next = sends.length + deliveries.length;
  const deadLetters: DeadLetterUnit[] = uniqueBy(facts.deadLetters, (fact) => fact.id).map((fact) => ({
    index: next++,
    fact,
    record: coordinateReference({ ...fact, incarnation: 0 }),
    origin: fact.originTopic !== null && fact.originPartition !== null && fact.originOffset !== null
      ? coordinateReference({ cluster: fact.cluster, incarnation: fact.incarnation, topic: fact.originTopic, partition: fact.originPartition, offset: fact.originOffset }) : null,
  }));
  const replays: ReplayUnit[] = uniqueBy(facts.replays, (fact) => `${fact.replayId}:${fact.deadLetterId}`).map((fact) => ({
    index: next++,
    fact,
    sent: fact.sent === null ? null : coordinateReference({ cluster: fact.cluster, incarnation: fact.incarnation, ...fact.sent }),
  }));
  const rare = (id: string | null): string | null => (id === null || overusedEvents.has(id) ? null : id);
  const records: RecordUnit[] = uniqueBy(facts.records ?? [], coordinateReference).map((fact) => ({
    index: next++,
    fact,
    record: coordinateReference(fact),
    source: fact.parent === null ? null : spanReference(fact.parent.traceId, fact.parent.spanId),
    key: fact.journeyKey === null || overused.has(fact.journeyKey) ? null : { by: fact.journeyKeyBy ?? 'key', value: fact.journeyKey },
    eventId: rare(fact.eventId),
    causationId: rare(fact.causationId),
  }));

  // The causes: which delivery published what, by the trace. Nothing above a batch span is looked at.
  const causeOf = new Map<Send, { delivery: Delivery; kind: EvidenceKind }>();
  const siblings = new Map<string, Send[]>();
  for (const send of sends) {
    const above = units.above(send.span);
    if (above.kind === 'messaging') {
      const delivery = deliveryBySpan.get(above.ref);
      if (delivery !== undefined) causeOf.set(send, { delivery, kind: 'parent' });
    } else if (above.kind === 'root') push(siblings, above.ref, send);
    if (causeOf.has(send)) continue;
    for (const link of send.span.links) {
      const delivery = deliveryBySpan.get(spanReference(link.traceId, link.spanId));
      if (delivery === undefined) continue;
      causeOf.set(send, { delivery, kind: 'link' });
      break;
    }
  }

  settleRecords(sends, deliveries, records, sendBySpan, deliveryBySpan);
  for (const send of sends) send.record ??= send.ref;
  followSources(deliveries, sendBySpan, deliveryBySpan);
  placeDeadLetters(sends, deadLetters, causeOf, options.isDeadLetterTopic);
  const taken = inferRecords(sends, records);
  followSources(deliveries, sendBySpan, deliveryBySpan);

  const components = new Components(next);
  for (const unit of [...sends, ...deliveries, ...records]) if (unit.key !== null) components.addKey(unit.index, unit.key.by, unit.key.value);
  const edges: UnitEdge[] = [];
  const connect = (from: Hopped, to: Hopped, kind: EvidenceKind, detail: string) => edges.push({ from, to, evidence: { kind, detail } });

  // 1. The very same record, by the trace: whatever the keys say.
  for (const delivery of deliveries) {
    const send = delivery.source === null ? undefined : sendBySpan.get(delivery.source.ref);
    if (send !== undefined) {
      // A record that was copied on (a retry topic, a replay) keeps the first sender's trace headers: no hop of that send.
      const copied = send.record !== delivery.record;
      if (copied) {
        if (components.joinUnlessOther(send.index, delivery.index)) connect(send, delivery, delivery.source!.kinds[0]!, `the record at ${at(delivery)} carries the trace headers of this publication`);
        continue;
      }
      components.join(send.index, delivery.index);
      for (const kind of delivery.source!.kinds) connect(send, delivery, kind, kind === 'parent' ? 'the consumer span is a child of the producer span' : 'the consumer span links to the producer span');
      continue;
    }
    const other = delivery.source === null ? undefined : deliveryBySpan.get(delivery.source.ref);
    if (other !== undefined && other.record === delivery.record) components.join(other.index, delivery.index);
  }
  // 2. What a delivery published.
  for (const [send, { delivery, kind }] of causeOf) {
    if (!components.joinUnlessOther(delivery.index, send.index)) continue;
    connect(delivery, send, kind, kind === 'parent' ? 'published inside the span that handled the record' : 'the producer span links to the span that handled the record');
  }
  // The records that nobody's span tells to have been published, by the span that their headers name.
  const published = new Set(sends.map((send) => send.record));
  const unseen = records.filter((unit) => !published.has(unit.record));
  for (const unit of records) {
    const send = unit.source === null ? undefined : sendBySpan.get(unit.source);
    if (send === undefined) continue;
    if (send.record === unit.record) components.join(send.index, unit.index);
    else if (!published.has(unit.record) && components.joinUnlessOther(send.index, unit.index)) connect(send, unit, 'parent', `the record at ${coordinateText(unit.fact)} carries the trace headers of this publication`);
  }
  for (const unit of unseen) {
    const named = unit.source === null ? undefined : units.bySpan.get(unit.source);
    if (named === undefined || sendBySpan.has(unit.source!)) continue;
    const above = deliveryBySpan.has(unit.source!) ? null : units.above(named);
    const delivery = above === null ? deliveryBySpan.get(unit.source!) : above.kind === 'messaging' ? deliveryBySpan.get(above.ref) : undefined;
    if (delivery !== undefined && components.joinUnlessOther(delivery.index, unit.index)) connect(delivery, unit, 'parent', `the traceparent header of the record at ${coordinateText(unit.fact)} names the span that handled this one`);
  }
  // 3. What names another event as its cause, and handlings that only the event's own id connects with its publication.
  const caused: Caused[] = [
    ...sends.map((send) => ({ index: send.index, record: send.record!, isSend: true, service: send.span.service, topic: send.span.topic, startNs: send.span.startNs, eventId: send.eventId, causationId: send.causationId })),
    ...unseen.map((unit) => ({ index: unit.index, record: unit.record, isSend: true, service: null, topic: unit.fact.topic, startNs: unit.fact.timestampNs, eventId: unit.eventId, causationId: unit.causationId })),
    ...deliveries.map((one) => ({ index: one.index, record: one.record, isSend: false, service: one.span.service, topic: one.topic, startNs: one.span.startNs, eventId: one.eventId, causationId: one.causationId })),
  ];
  const hopped = new Map<number, Hopped>([...sends, ...unseen, ...deliveries].map((unit) => [unit.index, unit]));
  const isConnected = (index: number): boolean => {
    const unit = hopped.get(index);
    return unit !== undefined && 'hasCoordinate' in unit && unit.source !== null && sendBySpan.has(unit.source.ref);
  };
  for (const { from, to, detail } of findCauses(caused)) if (components.joinUnlessOther(from, to)) connect(hopped.get(from)!, hopped.get(to)!, 'causation', detail);
  for (const { from, to, detail } of findSameEvents(caused, isConnected)) if (components.joinUnlessOther(from, to)) connect(hopped.get(from)!, hopped.get(to)!, 'correlation', detail);
  // 4. The same coordinate.
  const byRecord = new Map<string, (Send | RecordUnit | Delivery)[]>();
  for (const send of sends) if (send.record !== null) push(byRecord, send.record, send);
  for (const unit of records) push(byRecord, unit.record, unit);
  for (const delivery of deliveries) push(byRecord, delivery.record, delivery);
  for (const [, same] of byRecord) {
    const [first, ...rest] = same;
    for (const unit of rest) {
      if (!components.joinUnlessOther(first!.index, unit.index)) continue;
      if ('hasCoordinate' in unit && unit.hasCoordinate && !('hasCoordinate' in first!)) connect(first!, unit, 'coordinate', `both are the record at ${at(unit)}`);
    }
  }
  for (const unit of deadLetters) {
    const name = coordinateText(unit.fact);
    for (const same of byRecord.get(unit.record) ?? []) components.joinUnlessOther(same.index, unit.index);
    const origins = unit.origin === null ? [] : (byRecord.get(unit.origin) ?? []);
    const blamed = blamedBy(unit, origins.filter((same) => 'hasCoordinate' in same), sends, causeOf);
    for (const same of origins) {
      if (!components.joinUnlessOther(same.index, unit.index)) continue;
      if ('hasCoordinate' in same && blamed.has(same)) connect(same, unit, 'coordinate', `the headers of ${name} name ${at(same)} as its origin`);
    }
  }
  const letterById = new Map(deadLetters.map((unit) => [unit.fact.id, unit]));
  for (const unit of replays) {
    const letter = letterById.get(unit.fact.deadLetterId);
    if (letter !== undefined) {
      components.join(letter.index, unit.index);
      connect(letter, unit, 'coordinate', `replay ${unit.fact.replayId.slice(0, 8)} read the record at ${coordinateText(letter.fact)}`);
    }
    if (unit.sent === null) continue;
    for (const same of byRecord.get(unit.sent) ?? []) {
      if (!components.joinUnlessOther(unit.index, same.index)) continue;
      if ('hasCoordinate' in same) connect(unit, same, 'coordinate', `the replay put the record at ${at(same)}`);
    }
    // A dead letter whose origin is the replayed record: it failed again.
    for (const again of deadLetters) if (again.origin === unit.sent) components.joinUnlessOther(unit.index, again.index);
  }
  // 5. The same key.
  const byKey = new Map<string, number>();
  const keyed: { index: number; by: string; value: string }[] = [
    ...[...sends, ...deliveries, ...records].flatMap((unit) => (unit.key === null ? [] : [{ index: unit.index, by: unit.key.by, value: unit.key.value }])),
    ...deadLetters.flatMap((unit) => (unit.fact.correlationId === null || overused.has(unit.fact.correlationId) ? [] : [{ index: unit.index, by: deadLetterKey, value: unit.fact.correlationId }])),
  ];
  for (const { index, value } of keyed) {
    const first = byKey.get(value);
    if (first === undefined) byKey.set(value, index);
    else components.joinUnlessOther(first, index);
  }
  // 6. Published under the same request.
  for (const [, group] of siblings) {
    for (const [first, ...rest] of oneEvent(group)) {
      for (const send of rest) if (components.joinUnlessOther(first!.index, send.index)) connect(first!, send, 'parent', 'published under the same request');
    }
  }

  const groups = new Map<number, Group>();
  const groupOf = (unit: number): Group => {
    const root = components.find(unit);
    let group = groups.get(root);
    if (group === undefined) groups.set(root, (group = { sends: [], deliveries: [], deadLetters: [], replays: [], records: [], edges: [] }));
    return group;
  };
  for (const unit of sends) groupOf(unit.index).sends.push(unit);
  for (const unit of deliveries) groupOf(unit.index).deliveries.push(unit);
  for (const unit of deadLetters) groupOf(unit.index).deadLetters.push(unit);
  for (const unit of replays) groupOf(unit.index).replays.push(unit);
  for (const unit of records) groupOf(unit.index).records.push(unit);
  for (const edge of edges) if (components.find(edge.from.index) === components.find(edge.to.index)) groupOf(edge.from.index).edges.push(edge);
  return [...groups.values()].map((group) => assemble(group, units.bySpan, taken, options)).sort((a, b) => compare(a.startNs, b.startNs) || (a.hops[0]!.id < b.hops[0]!.id ? -1 : 1));
}

/** Sends under one request that are one event: all of them where each topic got one, else those with the same message key. */
function oneEvent(group: Send[]): Send[][] {
  if (new Set(group.map((send) => send.span.topic)).size === group.length) return [group];
  const byKey = new Map<string, Send[]>();
  for (const send of group) if (send.span.messageKey !== null) push(byKey, send.span.messageKey, send);
  return [...byKey.values()];
}

/**
 * Which of the consumers of a record wrote its dead letter: the one whose span published it, else the group that its headers
 * name, else the service of that name, else those that show an error. Several services read one topic; only one failed.
 */
function blamedBy(letter: DeadLetterUnit, deliveries: Delivery[], sends: Send[], causeOf: Map<Send, { delivery: Delivery }>): Set<Delivery> {
  const cause = sends.filter((send) => send.record === letter.record).flatMap((send) => causeOf.get(send)?.delivery ?? []);
  const services = new Set(cause.map((delivery) => delivery.span.service));
  const tests: ((delivery: Delivery) => boolean)[] = [
    (delivery) => services.has(delivery.span.service),
    (delivery) => letter.fact.originGroup !== null && delivery.span.group === letter.fact.originGroup,
    (delivery) => letter.fact.originGroup !== null && delivery.span.service === letter.fact.originGroup,
    (delivery) => delivery.span.statusCode === 2 && (delivery.span.group === null || letter.fact.originGroup === null),
    () => new Set(deliveries.map((delivery) => delivery.span.service)).size === 1 && deliveries.every((delivery) => delivery.span.group === null || letter.fact.originGroup === null),
  ];
  for (const isBlamed of tests) {
    const found = deliveries.filter(isBlamed);
    if (found.length > 0) return new Set(found);
  }
  return new Set();
}

function at(delivery: Delivery): string {
  return delivery.topic !== null && delivery.partition !== null && delivery.offset !== null
    ? coordinateText({ topic: delivery.topic, partition: delivery.partition, offset: delivery.offset }) : 'an unknown offset';
}

/** Each span once, in an order of their own: the result must not depend on arrival. */
function unique(spans: readonly JourneySpan[]): JourneySpan[] {
  const named = new Map<string, JourneySpan>();
  for (const span of spans) {
    const name = `${span.traceId}:${span.spanId}`;
    if (!named.has(name)) named.set(name, span);
  }
  return [...named].toSorted(([a, one], [b, other]) => compare(one.startNs, other.startNs) || (a < b ? -1 : 1)).map(([, span]) => span);
}
