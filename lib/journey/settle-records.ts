import type { DeadLetterUnit, RecordUnit } from './facts.ts';
import { apart, compare, push } from './order.ts';
import { coordinateText } from './references.ts';
import type { Delivery, Send } from './units.ts';

/** A producer span usually lacks partition and offset: take them from the record's headers or from the consumer and carry them back over the edge. */
export function settleRecords(sends: Send[], deliveries: Delivery[], records: RecordUnit[], sendBySpan: Map<string, Send>, deliveryBySpan: Map<string, Delivery>): void {
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
export function inferRecords(sends: Send[], records: RecordUnit[]): Map<Send, string> {
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
export function pairAlone(sends: Send[], records: RecordUnit[], sendName: (send: Send) => string | null, recordName: (unit: RecordUnit) => string | null): Map<RecordUnit, Send> {
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
export function followSources(deliveries: Delivery[], sendBySpan: Map<string, Send>, deliveryBySpan: Map<string, Delivery>): void {
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
export function placeDeadLetters(sends: Send[], deadLetters: DeadLetterUnit[], causeOf: Map<Send, { delivery: Delivery }>, isDeadLetterTopic: (topic: string) => boolean): void {
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
