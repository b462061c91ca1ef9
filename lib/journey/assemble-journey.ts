import { type Attempt, type Edge, type Evidence, EVIDENCE_BY_STRENGTH, type Hop, type JourneyGraph, type JourneySpan } from '#lib/model/journey.ts';
import { type BuildOptions, deadLetterKey, type Group, type ReplayUnit } from './facts.ts';
import { compare, push } from './order.ts';
import { coordinateText, eventReference, keyReference, spanReference } from './references.ts';
import { pairAlone } from './settle-records.ts';
import type { Delivery, Send } from './units.ts';

/** One journey of what belongs to one event: its hops in the order of time, its edges with their evidence, and what finds it again. */
export function assemble(group: Group, bySpan: ReadonlyMap<string, JourneySpan>, inferred: ReadonlyMap<Send, string>, options: BuildOptions): JourneyGraph {
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
  for (const edge of list) edge.evidence.sort((a, b) => EVIDENCE_BY_STRENGTH.indexOf(a.kind) - EVIDENCE_BY_STRENGTH.indexOf(b.kind) || (a.detail < b.detail ? -1 : 1));
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

function emptyHop(id: string, kind: Hop['kind'], startNs: bigint): Hop {
  return {
    id, kind, knownBy: 'spans', service: null, topic: null, partition: null, offset: null, group: null, traceId: null, spanId: null, startNs, durationNs: 0n, queueNs: null, skewNs: null,
    error: null, ghost: false, attempts: [], uncertain: false, deferredTo: null, messageKey: null, deadLetterId: null, replayId: null, actor: null, outcome: null,
  };
}

/** At the same instant the cause comes first. */
function hopRank(hop: Hop): number {
  return ['send', 'process', 'dead-letter', 'replay'].indexOf(hop.kind);
}

function endOf(hop: Hop): bigint {
  return hop.startNs + hop.durationNs;
}
