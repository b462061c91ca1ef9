import type {
  Attempt, DeadLetterFact, Edge, Evidence, EvidenceKind, Hop, JourneyFacts, JourneyGraph, JourneySpan, RecordFact, ReplayFact,
} from '#lib/model/journey.ts';
import { type Caused, findCauses, findSameEvents } from './causation.ts';
import { Components } from './components.ts';
import { coordinateReference, coordinateText, eventReference, keyReference, spanReference } from './references.ts';
import { type Delivery, type Send, splitUnits } from './units.ts';

export interface BuildOptions {
  /** Whether a topic holds dead letters. */
  isDeadLetterTopic: (topic: string) => boolean;
  /** Whether records wait on a topic for their next attempt. */
  isRetryTopic?: (topic: string) => boolean;
  /** Values that too many traces share: attributes, not journeys. */
  overusedKeys?: ReadonlySet<string>;
  /** The same for ids of events. */
  overusedEvents?: ReadonlySet<string>;
}

interface DeadLetterUnit {
  index: number;
  fact: DeadLetterFact;
  record: string;
  origin: string | null;
}

interface ReplayUnit {
  index: number;
  fact: ReplayFact;
  sent: string | null;
}

/** A record whose headers were read from the broker. */
interface RecordUnit {
  index: number;
  fact: RecordFact;
  record: string;
  /** Reference of the span that its traceparent header names. */
  source: string | null;
  key: { by: string; value: string } | null;
  eventId: string | null;
  causationId: string | null;
}

const deadLetterKey = 'dead letter';

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

type Hopped = Send | Delivery | DeadLetterUnit | ReplayUnit | RecordUnit;

interface UnitEdge {
  from: Hopped;
  to: Hopped;
  evidence: Evidence;
}

interface Group {
  sends: Send[];
  deliveries: Delivery[];
  deadLetters: DeadLetterUnit[];
  replays: ReplayUnit[];
  records: RecordUnit[];
  edges: UnitEdge[];
}

/** A producer span usually lacks partition and offset: take them from the record's headers or from the consumer and carry them back over the edge. */
function settleRecords(sends: Send[], deliveries: Delivery[], records: RecordUnit[], sendBySpan: Map<string, Send>, deliveryBySpan: Map<string, Delivery>): void {
  const candidates = new Map<Send, Coordinate[]>();
  const byEvent = new Map<string, Send>();
  for (const send of sends.toReversed()) if (send.eventId !== null) byEvent.set(`${send.eventId}\n${send.span.topic}`, send);
  for (const { record, source, eventId, fact } of records) {
    const send = (source === null ? undefined : sendBySpan.get(source)) ?? (eventId === null ? undefined : byEvent.get(`${eventId}\n${fact.topic}`));
    if (send !== undefined && send.span.topic === fact.topic) push(candidates, send, { record, partition: fact.partition, offset: fact.offset, atNs: fact.timestampNs });
  }
  for (const delivery of deliveries) {
    const traced = delivery.source === null ? undefined : (sendBySpan.get(delivery.source.ref) ?? deliveryBySpan.get(delivery.source.ref));
    const send = traced === undefined ? (delivery.eventId === null ? undefined : byEvent.get(`${delivery.eventId}\n${delivery.topic}`)) : 'hasCoordinate' in traced ? undefined : traced;
    if (send !== undefined && delivery.hasCoordinate && send.span.topic === delivery.topic) {
      push(candidates, send, { record: delivery.record, partition: delivery.partition!, offset: delivery.offset!, atNs: delivery.span.startNs });
    }
  }
  for (const send of sends) {
    if (send.record !== null) continue;
    // Several coordinates: the record was copied later with its headers; the first one is the publication's own.
    const [first] = (candidates.get(send) ?? []).toSorted((a, b) => compare(a.atNs, b.atNs) || compare(a.offset, b.offset) || a.partition - b.partition);
    if (first !== undefined) settle(send, first);
  }
}

interface Coordinate {
  record: string;
  partition: number;
  offset: bigint;
  atNs: bigint;
}

function settle(send: Send, at: Omit<Coordinate, 'atNs'>): void {
  send.record = at.record;
  send.partition = at.partition;
  send.offset = at.offset;
}

const inferBeforeNs = 5_000_000n;
const inferAfterNs = 1_000_000_000n;

/**
 * A publication without an offset and a record without a publication, on one topic with one message key and at one time: each other's only
 * candidate. The weakest evidence there is, and the only one where headers carry no trace.
 * @returns the words for it, by send
 */
function inferRecords(sends: Send[], records: RecordUnit[]): Map<Send, string> {
  const published = new Set(sends.map((send) => send.record));
  const named = (topic: string | null, messageKey: string | null): string | null => (topic === null || messageKey === null ? null : `${topic}\n${messageKey}`);
  const pairs = pairAlone(
    sends.filter((send) => send.offset === null), records.filter((unit) => unit.source === null && !published.has(unit.record)),
    (send) => named(send.span.topic, send.span.messageKey), (unit) => named(unit.fact.topic, unit.fact.messageKey));
  const told = new Map<Send, string>();
  for (const [unit, send] of pairs) {
    if (send.key !== null && unit.key !== null && send.key.by === unit.key.by && send.key.value !== unit.key.value) continue;
    settle(send, { record: unit.record, partition: unit.fact.partition, offset: unit.fact.offset });
    told.set(send, `taken for the record at ${coordinateText(unit.fact)}: the same topic, key and time`);
  }
  return told;
}

/** Publications and records of one name and one time that are each other's only candidate; those of which there are several stay apart. */
function pairAlone(sends: Send[], records: RecordUnit[], sendName: (send: Send) => string | null, recordName: (unit: RecordUnit) => string | null): Map<RecordUnit, Send> {
  const open = new Map<string, RecordUnit[]>();
  for (const unit of records) {
    const name = recordName(unit);
    if (name !== null) push(open, name, unit);
  }
  const wanted = new Map<RecordUnit, Send[]>();
  const only = new Map<Send, RecordUnit>();
  for (const send of open.size === 0 ? [] : sends) {
    const { startNs, durationNs } = send.span;
    const near = (open.get(sendName(send) ?? '') ?? []).filter(({ fact }) => fact.timestampNs >= startNs - inferBeforeNs && fact.timestampNs <= startNs + durationNs + inferAfterNs
      && (send.partition ?? fact.partition) === fact.partition);
    for (const unit of near) push(wanted, unit, send);
    if (near.length === 1) only.set(send, near[0]!);
  }
  return new Map([...only].filter(([, unit]) => wanted.get(unit)!.length === 1).map(([send, unit]) => [unit, send]));
}

/** Handlings that name no offset are of the record that they lead back to. */
function followSources(deliveries: Delivery[], sendBySpan: Map<string, Send>, deliveryBySpan: Map<string, Delivery>): void {
  for (const delivery of deliveries) {
    if (delivery.hasCoordinate) continue;
    let source = delivery.source;
    // process → receive → publication by two links (kotel): follow the deliveries to what they are of.
    for (let steps = 0; steps < 8 && source !== null; steps++) {
      const send = sendBySpan.get(source.ref);
      if (send !== undefined) {
        if (send.span.topic !== delivery.topic && delivery.topic !== null) break;
        delivery.record = send.record!;
        delivery.partition ??= send.partition;
        delivery.offset ??= send.offset;
        break;
      }
      const other = deliveryBySpan.get(source.ref);
      if (other === undefined || other === delivery) break;
      if (other.hasCoordinate) {
        delivery.record = other.record;
        delivery.partition ??= other.partition;
        delivery.offset ??= other.offset;
        break;
      }
      source = other.source;
    }
  }
}

/** A publication to a dead-letter topic and the record that the store read there are one: by coordinate, or by their origin. */
function placeDeadLetters(sends: Send[], deadLetters: DeadLetterUnit[], causeOf: Map<Send, { delivery: Delivery }>, isDeadLetterTopic: (topic: string) => boolean): void {
  const taken = new Set(sends.map((send) => send.record));
  for (const send of sends) {
    if (send.offset !== null || !isDeadLetterTopic(send.span.topic!)) continue;
    const cause = causeOf.get(send)?.delivery;
    const found = deadLetters.filter((unit) => unit.fact.topic === send.span.topic && !taken.has(unit.record)
        && ((unit.origin !== null && unit.origin === cause?.record) || (unit.fact.correlationId !== null && unit.fact.correlationId === (send.key?.value ?? cause?.key?.value))))
      .toSorted((a, b) => compare(apart(a.fact.timestampNs, send.span.startNs), apart(b.fact.timestampNs, send.span.startNs)) || compare(a.fact.offset, b.fact.offset))[0];
    if (found === undefined) continue;
    taken.add(found.record);
    send.record = found.record;
    send.partition = found.fact.partition;
    send.offset = found.fact.offset;
  }
}

/** Sends under one request that are one event: all of them where each topic got one, else those with the same message key. */
function oneEvent(group: Send[]): Send[][] {
  if (new Set(group.map((send) => send.span.topic)).size === group.length) return [group];
  const byKey = new Map<string, Send[]>();
  for (const send of group) if (send.span.messageKey !== null) push(byKey, send.span.messageKey, send);
  return [...byKey.values()];
}

function assemble(group: Group, bySpan: ReadonlyMap<string, JourneySpan>, inferred: ReadonlyMap<Send, string>, options: BuildOptions): JourneyGraph {
  const hops = new Map<string, Hop>();
  const hopOf = new Map<number, string>();
  const letterByRecord = new Map(group.deadLetters.map((unit) => [unit.record, unit]));
  const sendByRecord = new Map<string, Send>();
  for (const send of group.sends) if (!sendByRecord.has(send.record!)) sendByRecord.set(send.record!, send);

  for (const send of group.sends) {
    const letter = letterByRecord.get(send.record!);
    const isDeadLetter = letter !== undefined || options.isDeadLetterTopic(send.span.topic!);
    const id = `s:${send.ref.slice(5)}`;
    hopOf.set(send.index, id);
    hops.set(id, {
      ...emptyHop(id, isDeadLetter ? 'dead-letter' : 'send', send.span.startNs), service: send.span.service, topic: send.span.topic, partition: send.partition, offset: send.offset,
      traceId: send.span.traceId, spanId: send.span.spanId, durationNs: send.span.durationNs, messageKey: send.span.messageKey,
      error: send.span.statusCode === 2 ? (send.span.statusMessage ?? 'failed') : (letter?.fact.error ?? null), deadLetterId: letter?.fact.id ?? null,
    });
    if (letter !== undefined) hopOf.set(letter.index, id);
  }
  for (const letter of group.deadLetters) {
    if (hopOf.has(letter.index)) continue;
    const id = `d:${letter.fact.id}`;
    hopOf.set(letter.index, id);
    hops.set(id, {
      ...emptyHop(id, 'dead-letter', letter.fact.timestampNs), knownBy: 'dead-letter', topic: letter.fact.topic, partition: letter.fact.partition, offset: letter.fact.offset,
      group: letter.fact.originGroup, error: letter.fact.error, deadLetterId: letter.fact.id,
    });
  }
  for (const replay of group.replays) {
    const id = `r:${replay.fact.replayId}:${replay.fact.deadLetterId}`;
    hopOf.set(replay.index, id);
    hops.set(id, {
      ...emptyHop(id, 'replay', replayTime(replay, group)), knownBy: 'ledger', topic: replay.fact.sent?.topic ?? null, partition: replay.fact.sent?.partition ?? null, offset: replay.fact.sent?.offset ?? null,
      deadLetterId: replay.fact.deadLetterId, replayId: replay.fact.replayId, actor: replay.fact.actor, outcome: replay.fact.state,
    });
  }
  // A record that was published by somebody who sends no spans is still a hop: its headers say so.
  const told = new Map(inferred);
  const untold = group.records.filter((unit) => !sendByRecord.has(unit.record) && !letterByRecord.has(unit.record));
  const sameEvent = pairAlone(group.sends.filter((send) => send.offset === null), untold, (send) => send.span.topic, (unit) => unit.fact.topic);
  for (const unit of group.records) {
    const send = sendByRecord.get(unit.record) ?? sameEvent.get(unit);
    const known = send ?? letterByRecord.get(unit.record);
    if (known !== undefined) {
      hopOf.set(unit.index, hopOf.get(known.index)!);
      const hop = hops.get(hopOf.get(known.index)!)!;
      hop.messageKey ??= unit.fact.messageKey;
      if (send !== undefined && hop.offset === null) {
        hop.partition = unit.fact.partition;
        hop.offset = unit.fact.offset;
        told.set(send, `taken for the record at ${coordinateText(unit.fact)}: the same event, topic and time`);
      }
      continue;
    }
    const id = `h:${unit.record}`;
    hopOf.set(unit.index, id);
    hops.set(id, {
      ...emptyHop(id, options.isDeadLetterTopic(unit.fact.topic) ? 'dead-letter' : 'send', unit.fact.timestampNs), knownBy: 'record-headers', ghost: true, topic: unit.fact.topic, partition: unit.fact.partition,
      offset: unit.fact.offset, messageKey: unit.fact.messageKey,
    });
  }

  // One hop per record and consumer, however many spans tell of it.
  const handled = new Map<string, Delivery[]>();
  for (const delivery of group.deliveries) push(handled, `${delivery.record}|${delivery.span.service ?? delivery.span.group ?? '?'}`, delivery);
  for (const [place, all] of handled) {
    for (const same of byGroup(all)) {
      const consumerGroup = same.find((delivery) => delivery.span.group !== null)?.span.group ?? null;
      const id = `c:${place}${all.length === same.length ? '' : `|${consumerGroup}`}`;
      for (const delivery of same) hopOf.set(delivery.index, id);
      hops.set(id, processHop(id, same, consumerGroup, sendByRecord.get(same[0]!.record), bySpan, group));
    }
  }

  // The handler that a dead letter blames left no span: it is known from the record's own headers.
  for (const letter of group.deadLetters) {
    if (letter.origin === null) continue;
    if (group.edges.some((edge) => edge.to === letter && edge.from !== letter) || group.sends.some((send) => send.record === letter.record)) continue;
    const id = `g:${letter.origin}|${letter.fact.originGroup ?? ''}`;
    if (!hops.has(id)) {
      const sent = sendByRecord.get(letter.origin) ?? group.records.find((unit) => unit.record === letter.origin);
      hops.set(id, {
        ...emptyHop(id, 'process', letter.fact.originTimestampNs ?? letter.fact.timestampNs), topic: letter.fact.originTopic, partition: letter.fact.originPartition, offset: letter.fact.originOffset,
        group: letter.fact.originGroup, error: letter.fact.error ?? 'dead-lettered', ghost: true, knownBy: 'dead-letter',
      });
      if (sent !== undefined) mergeEdge(group, hopOf.get(sent.index)!, id, { kind: 'coordinate', detail: `the dead letter names ${coordinateText({ topic: letter.fact.originTopic!, partition: letter.fact.originPartition!, offset: letter.fact.originOffset! })}` });
    }
    mergeEdge(group, id, hopOf.get(letter.index)!, { kind: 'coordinate', detail: 'the headers of the dead letter name this record as its origin' });
  }

  const edges = new Map<string, Edge>();
  const add = (from: string, to: string, evidence: Evidence) => {
    if (from === to) return;
    const name = `${from}\n${to}`;
    const edge = edges.get(name);
    if (edge === undefined) edges.set(name, { from, to, evidence: [evidence] });
    else if (!edge.evidence.some((each) => each.kind === evidence.kind && each.detail === evidence.detail)) edge.evidence.push(evidence);
  };
  for (const edge of group.edges) add(hopOf.get(edge.from.index)!, hopOf.get(edge.to.index)!, edge.evidence);
  for (const edge of ghostEdges.get(group) ?? []) add(edge.from, edge.to, edge.evidence);
  const carriers = [
    ...[...group.sends, ...group.deliveries].map((unit) => ({ atNs: unit.span.startNs, ref: unit.ref, key: unit.key })),
    ...group.records.map((unit) => ({ atNs: unit.fact.timestampNs, ref: unit.record, key: unit.key })),
  ];

  const ordered = [...hops.values()].toSorted((a, b) => compare(a.startNs, b.startNs) || hopRank(a) - hopRank(b) || (a.id < b.id ? -1 : 1));
  const key = carriers.toSorted((a, b) => compare(a.atNs, b.atNs) || (a.ref < b.ref ? -1 : 1)).find((unit) => unit.key !== null)?.key ?? null;
  const letterKey = group.deadLetters.find((unit) => unit.fact.correlationId !== null)?.fact.correlationId ?? null;
  correlate(ordered, edges, add, key === null ? letterKey : `${key.by} = ${key.value}`);
  for (const send of group.sends) {
    const detail = told.get(send);
    if (detail === undefined) continue;
    for (const edge of edges.values()) if (edge.to === hopOf.get(send.index)) edge.evidence.push({ kind: 'inferred', detail });
  }

  const list = [...edges.values()].toSorted((a, b) => (a.from + a.to < b.from + b.to ? -1 : 1));
  for (const edge of list) edge.evidence.sort((a, b) => strength.indexOf(a.kind) - strength.indexOf(b.kind) || (a.detail < b.detail ? -1 : 1));
  settleErrors(ordered, list, options.isRetryTopic ?? (() => false));
  const carried = [...group.sends, ...group.deliveries, ...group.records];
  const keys = new Set(carried.flatMap((unit) => (unit.key === null ? [] : [unit.key.value])).concat(group.deadLetters.flatMap((unit) => unit.fact.correlationId ?? [])));
  const references = new Set<string>([...[...keys].map(keyReference), ...carried.flatMap((unit) => [unit.eventId ?? [], unit.causationId ?? []].flat().map(eventReference)), ...group.records.flatMap((unit) => [unit.record, ...(unit.source === null || bySpan.has(unit.source) ? [] : [unit.source])]), ...group.sends.flatMap((unit) => [unit.ref, unit.record!]), ...group.deliveries.flatMap((unit) => [unit.record, ...(unit.hasCoordinate ? [] : [unit.ref]), ...(unit.source === null || bySpan.has(unit.source.ref) ? [] : [unit.source.ref])]), ...group.deadLetters.flatMap((unit) => [unit.record, ...(unit.origin === null ? [] : [unit.origin])]), ...group.replays.flatMap((unit) => unit.sent ?? [])]);
  return {
    hops: ordered, edges: list, key: key?.value ?? letterKey, keyBy: key?.by ?? (letterKey === null ? null : deadLetterKey),
    traceIds: [...new Set([...[...group.sends, ...group.deliveries].map((unit) => unit.span.traceId), ...group.records.flatMap((unit) => unit.fact.parent?.traceId ?? [])])].sort(),
    startNs: ordered.reduce((least, hop) => (hop.startNs < least ? hop.startNs : least), ordered[0]!.startNs),
    lastNs: ordered.reduce((most, hop) => (endOf(hop) > most ? endOf(hop) : most), 0n),
    references: [...references].sort(),
  };
}

const strength: EvidenceKind[] = ['parent', 'link', 'causation', 'coordinate', 'correlation', 'inferred'];

// Edges that begin or end at a ghost hop: there is no unit to name them by.
const ghostEdges = new WeakMap<Group, { from: string; to: string; evidence: Evidence }[]>();

function mergeEdge(group: Group, from: string, to: string, evidence: Evidence): void {
  const list = ghostEdges.get(group) ?? [];
  list.push({ from, to, evidence });
  ghostEdges.set(group, list);
}

/** Two groups of one service that read the same topic are two consumers. */
function byGroup(deliveries: Delivery[]): Delivery[][] {
  const named = new Set(deliveries.flatMap((delivery) => delivery.span.group ?? []));
  if (named.size < 2) return [deliveries];
  return [...named].sort().map((name, place) => deliveries.filter((delivery) => (delivery.span.group ?? (place === 0 ? name : null)) === name));
}

function processHop(id: string, deliveries: Delivery[], consumerGroup: string | null, send: Send | undefined, bySpan: ReadonlyMap<string, JourneySpan>, group: Group): Hop {
  // Operation and kind do not give the hop. Where a span tells of processing, receive and poll spans add nothing.
  const processed = deliveries.filter((delivery) => delivery.span.operation === 'process');
  const telling = processed.length > 0 ? processed : deliveries;
  const outer = telling.filter((delivery) => !telling.some((other) => other !== delivery && isAbove(other.span, delivery.span, bySpan)));
  const outermost = outer.length > 0 ? outer : telling; // parents that go in a circle: nonsense, but no reason to fall over
  const attempts: Attempt[] = outermost
    .toSorted((a, b) => compare(a.span.startNs, b.span.startNs) || (a.ref < b.ref ? -1 : 1))
    .map(({ span, batch }) => ({
      traceId: span.traceId, spanId: span.spanId, startNs: span.startNs, durationNs: span.durationNs,
      error: span.statusCode === 2 ? (span.statusMessage ?? 'failed') : null, batch,
    }));
  const first = outermost.toSorted((a, b) => compare(a.span.startNs, b.span.startNs) || (a.ref < b.ref ? -1 : 1))[0]!;
  const last = attempts.at(-1)!;
  // A poll may begin seconds before the record exists: it is handed over when the poll ends.
  const polled = first.span.operation === 'receive';
  const handedOver = polled ? first.span.startNs + first.span.durationNs : first.span.startNs;
  const sentNs = recordTime(deliveries[0]!.record, send, group);
  const waited = sentNs === null ? null : handedOver - sentNs;
  const startNs = polled && sentNs !== null && sentNs > first.span.startNs ? (sentNs < handedOver ? sentNs : handedOver) : first.span.startNs;
  return {
    ...emptyHop(id, 'process', startNs), service: first.span.service, topic: first.topic ?? send?.span.topic ?? null,
    partition: deliveries.find((each) => each.partition !== null)?.partition ?? send?.partition ?? null,
    offset: deliveries.find((each) => each.offset !== null)?.offset ?? send?.offset ?? null,
    group: consumerGroup, traceId: first.span.traceId, spanId: first.span.spanId,
    durationNs: last.startNs + last.durationNs - startNs > 0n ? last.startNs + last.durationNs - startNs : 0n,
    queueNs: waited === null ? null : waited > 0n ? waited : 0n, skewNs: waited !== null && waited < 0n && !polled ? waited : null,
    error: last.error, uncertain: last.error !== null && last.batch, attempts, messageKey: deliveries.find((each) => each.span.messageKey !== null)?.span.messageKey ?? null,
  };
}

/** When the record was made: its timestamp where one is known, else the start of its publication. Never the publication's end: consumers often start before it. */
function recordTime(record: string, send: Send | undefined, group: Group): bigint | null {
  const replay = group.replays.find((unit) => unit.sent === record);
  if (replay !== undefined) return replayTime(replay, group);
  if (send !== undefined) return send.span.startNs;
  const told = group.records.find((unit) => unit.record === record);
  if (told !== undefined) return told.fact.timestampNs;
  return group.deadLetters.find((unit) => unit.origin === record)?.fact.originTimestampNs ?? null;
}

/** When a replay sent its record. The ledger notes that after the commit; whoever reads at once may have begun to handle it before. */
function replayTime(replay: ReplayUnit, group: Group): bigint {
  const { atNs } = replay.fact;
  if (replay.sent === null) return atNs;
  return group.deliveries.reduce((least, one) => (one.record === replay.sent && one.span.startNs <= least ? one.span.startNs - 1n : least), atNs);
}

/** Whether `upper` is an ancestor of `span`: an instrumented handler inside an instrumented client is one attempt. */
function isAbove(upper: JourneySpan, span: JourneySpan, bySpan: ReadonlyMap<string, JourneySpan>): boolean {
  if (upper.traceId !== span.traceId || upper === span) return false;
  let parent = span.parentSpanId;
  for (let steps = 0; steps < 16 && parent !== null; steps++) {
    if (parent === upper.spanId) return true;
    parent = bySpan.get(spanReference(span.traceId, parent))?.parentSpanId ?? null;
  }
  return false;
}

/** Hops that nothing else connects are connected by what joined them: the key. */
function correlate(hops: Hop[], edges: Map<string, Edge>, add: (from: string, to: string, evidence: Evidence) => void, key: string | null): void {
  const reached = new Set([...edges.values()].map((edge) => edge.to));
  hops.forEach((hop, place) => {
    if (place === 0 || reached.has(hop.id)) return;
    const earlier = hops.slice(0, place);
    const from = hop.kind === 'send' || hop.kind === 'dead-letter'
      ? (earlier.findLast((each) => each.kind === 'process' && each.service !== null && each.service === hop.service) ?? earlier.findLast((each) => each.kind === 'process') ?? earlier[0]!)
      : (earlier.findLast((each) => each.kind === 'send' && each.topic === hop.topic) ?? earlier[0]!);
    add(from.id, hop.id, key === null ? { kind: 'inferred', detail: 'nothing but the time order connects them' } : { kind: 'correlation', detail: `both carry ${key}` });
  });
}

/** "Done after retry" beats an earlier error; a publication to a dead-letter topic means failed even where no attempt shows an error. */
function settleErrors(hops: Hop[], edges: Edge[], isRetryTopic: (topic: string) => boolean): void {
  const byId = new Map(hops.map((hop) => [hop.id, hop]));
  for (const edge of edges) {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
    if (from?.kind === 'process' && to?.kind === 'send' && to.topic !== null && to.topic !== from.topic && isRetryTopic(to.topic)) from.deferredTo = to.topic;
    if (from?.kind !== 'process' || to?.kind !== 'dead-letter') continue;
    if (edge.evidence.every((each) => each.kind === 'correlation' || each.kind === 'inferred')) continue;
    from.error = to.error ?? from.attempts.findLast((attempt) => attempt.error !== null)?.error ?? `dead-lettered to ${to.topic}`;
    from.uncertain = false;
  }
  for (const hop of hops) {
    // What a batch's mark says of this record is open, unless the service went on with it.
    if (hop.uncertain && edges.some((edge) => edge.from === hop.id && byId.get(edge.to)?.kind === 'send')) {
      hop.error = null;
      hop.uncertain = false;
    }
  }
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

function emptyHop(id: string, kind: Hop['kind'], startNs: bigint): Hop {
  return {
    id, kind, knownBy: 'spans', service: null, topic: null, partition: null, offset: null, group: null, traceId: null, spanId: null, startNs, durationNs: 0n, queueNs: null, skewNs: null,
    error: null, ghost: false, attempts: [], uncertain: false, deferredTo: null, messageKey: null, deadLetterId: null, replayId: null, actor: null, outcome: null,
  };
}

function at(delivery: Delivery): string {
  return delivery.topic !== null && delivery.partition !== null && delivery.offset !== null
    ? coordinateText({ topic: delivery.topic, partition: delivery.partition, offset: delivery.offset }) : 'an unknown offset';
}

/** At the same instant the cause comes first. */
function hopRank(hop: Hop): number {
  return ['send', 'process', 'dead-letter', 'replay'].indexOf(hop.kind);
}

export function endOf(hop: Hop): bigint {
  return hop.startNs + hop.durationNs;
}

function apart(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Each span once, in an order of their own: the result must not depend on arrival. */
function unique(spans: readonly JourneySpan[]): JourneySpan[] {
  return uniqueBy(spans, (span) => `${span.traceId}:${span.spanId}`).toSorted((a, b) => compare(a.startNs, b.startNs) || (`${a.traceId}${a.spanId}` < `${b.traceId}${b.spanId}` ? -1 : 1));
}

function uniqueBy<Item>(items: readonly Item[], name: (item: Item) => string): Item[] {
  const sorted = items.map((item) => ({ item, name: name(item) })).toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return sorted.filter((entry, place) => place === 0 || sorted[place - 1]!.name !== entry.name).map((entry) => entry.item);
}
