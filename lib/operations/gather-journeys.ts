import { DEFAULT_DLQ_TOPICS, DEFAULT_RETRY_TOPICS } from '#lib/config.ts';
import { topicMatcher } from '#lib/dead-letter/topic-patterns.ts';
import { buildGraphs } from '#lib/journey/build-graphs.ts';
import type { BuildOptions } from '#lib/journey/facts.ts';
import { coordinateReference, parseReference } from '#lib/journey/references.ts';
import type { DeadLetterFact, JourneyGraph, JourneySpan, RecordFact, ReplayFact } from '#lib/model/journey.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { findTracesByCoordinates, findTracesByEvents, findTracesByKeys } from '#lib/store/journeys/find-traces.ts';
import { readMembers, readReferences } from '#lib/store/journeys/members.ts';
import { type LetterRow, readLetters, readLettersById, readReplays, type ReplayRow } from '#lib/store/journeys/read-letters.ts';
import { hasRecords, type RecordPlace, readRecords, type RecordRow } from '#lib/store/journeys/read-records.ts';
import { readScene } from '#lib/store/journeys/read-scene.ts';
import { readSpans } from '#lib/store/journeys/read-spans.ts';
import type { Statements } from '#lib/store/store.ts';

export interface Gathered {
  /** Journeys that hold one of the seeds. */
  graphs: JourneyGraph[];
  /** Which stored journey a reference belongs to so far. */
  members: Map<string, string>;
  /** A bound was met: there may be more than this. */
  partial: boolean;
  /** The spans that were read, by trace and span id with a colon. */
  spans: ReadonlyMap<string, JourneySpan>;
}

export interface Seeds {
  traceIds?: readonly string[];
  references?: readonly string[];
  records?: readonly RecordPlace[];
}

export interface GatherBounds {
  spans: number;
  rounds: number;
}

/** More traces than this under one key make it an attribute (a tenant, a session), not a journey. */
const mostTracesOfKey = 200;
const mostLetters = 2_000;
const mostRecords = 5_000;

/**
 * Reads everything that belongs to the journeys of some traces or references: spans first, then what the journeys found in
 * them refer to (keys, coordinates, links, dead letters, replays, what was joined to them before), until nothing new comes or
 * a bound is met. Only the references of the wanted journeys are followed, never those of others that share a trace.
 */
export async function gatherJourneys(on: Statements, seeds: Seeds, bounds: GatherBounds): Promise<Gathered> {
  const scene = await loadScene(on);
  const spans = new Map<string, JourneySpan>();
  const letters = new Map<string, DeadLetterFact>();
  const replays = new Map<string, ReplayFact>();
  const records = new Map<string, RecordFact>();
  const isTapped = await hasRecords(on);
  const members = new Map<string, string>();
  const overused = new Set<string>();
  const overusedEvents = new Set<string>();
  const options: BuildOptions = { isDeadLetterTopic: scene.isDeadLetterTopic, isRetryTopic: scene.isRetryTopic, overusedKeys: overused, overusedEvents };
  const readTraces = new Set<string>();
  const followed = new Set<string>();
  const readJourneys = new Set<string>();
  let partial = false;
  let traces = new Set(seeds.traceIds ?? []);
  let references = new Set(seeds.references ?? []);
  const wantedTraces = new Set(seeds.traceIds ?? []);
  const wanted = new Set(seeds.references ?? []);
  let graphs: JourneyGraph[] = [];
  let all: JourneyGraph[] = [];
  let builtOf = -1;
  const isOverused = (reference: string): boolean => {
    const parsed = parseReference(reference);
    return parsed?.by === 'key' ? overused.has(parsed.key) : parsed?.by === 'event' && overusedEvents.has(parsed.id);
  };

  const addRecords = async (asked: { keys?: readonly string[]; events?: readonly string[]; traceIds?: readonly string[]; places?: readonly { topic: string; partition: number; offset: bigint }[]; records?: readonly RecordPlace[] }): Promise<string[]> => {
    if (!isTapped) return [];
    const rows = await readRecords(on, { keys: [], events: [], traceIds: [], places: [], records: [], ...asked }, mostRecords);
    if (rows.length === mostRecords) partial = true;
    return rows.map((row) => {
      const fact = scene.record(row);
      const reference = coordinateReference(fact);
      records.set(reference, fact);
      return reference;
    });
  };
  for (const reference of await addRecords({ records: seeds.records ?? [] })) {
    wanted.add(reference);
    references.add(reference);
  }

  for (let round = 0; round < bounds.rounds; round++) {
    // What the journeys known so far refer to, beside what the spans do: followed in the next round.
    const joined = new Set<string>();
    const fresh = [...references].filter((reference) => !followed.has(reference));
    if (fresh.length > 0) {
      for (const reference of fresh) followed.add(reference);
      const parsed = fresh.map(parseReference);
      const keys = parsed.flatMap((each) => (each?.by === 'key' ? [each.key] : []));
      const places = parsed.flatMap((each) => (each?.by === 'at' ? [each] : []));
      for (const each of parsed) if (each?.by === 'span') traces.add(each.traceId);

      const byKey = await findTracesByKeys(on, keys, mostTracesOfKey * Math.max(4, keys.length));
      for (const key of tooMany(byKey.map((each) => each.key))) overused.add(key);
      for (const { key, traceId } of byKey) if (!overused.has(key)) traces.add(traceId);
      const events = parsed.flatMap((each) => (each?.by === 'event' ? [each.id] : []));
      const byEvent = await findTracesByEvents(on, events, mostTracesOfKey * Math.max(4, events.length));
      for (const id of tooMany(byEvent.map((each) => each.id))) overusedEvents.add(id);
      for (const { id, traceId } of byEvent) if (!overusedEvents.has(id)) traces.add(traceId);
      for (const traceId of await findTracesByCoordinates(on, places, bounds.spans)) traces.add(traceId);

      await addRecords({ keys: keys.filter((key) => !overused.has(key)), events: events.filter((id) => !overusedEvents.has(id)), places });
      const found = await readLetters(on, keys.filter((key) => !overused.has(key)), places, mostLetters);
      for (const row of found) letters.set(formatDeadLetterId(row), scene.letter(row));
      const replayRows = await readReplays(on, found, places, mostLetters);
      for (const row of replayRows) replays.set(`${row.replayId}:${formatDeadLetterId(row)}`, scene.replay(row));
      // A replay found by where it put its record leads back to its dead letter.
      const missing = replayRows.filter((row) => !letters.has(formatDeadLetterId(row)));
      for (const row of await readLettersById(on, missing)) letters.set(formatDeadLetterId(row), scene.letter(row));
      // What is shared by too many names no journey, also where it once did.
      const known = await readMembers(on, fresh.filter((reference) => !isOverused(reference)));
      for (const [reference, journeyId] of known) members.set(reference, journeyId);
      const journeys = [...new Set(known.values())].filter((id) => !readJourneys.has(id));
      for (const id of journeys) readJourneys.add(id);
      for (const { ref, journeyId } of await readReferences(on, journeys, 20_000)) {
        members.set(ref, journeyId);
        wanted.add(ref);
        const reference = parseReference(ref);
        if (reference?.by === 'span') traces.add(reference.traceId);
        else if (!followed.has(ref)) joined.add(ref);
      }
    }
    const unread = [...traces].filter((id) => !readTraces.has(id));
    for (const id of unread) readTraces.add(id);
    await addRecords({ traceIds: unread });
    const room = bounds.spans - spans.size;
    if (unread.length > 0 && room > 0) {
      const read = await readSpans(on, unread, room + 1);
      if (read.length > room) partial = true;
      for (const span of read.slice(0, room)) spans.set(`${span.traceId}:${span.spanId}`, scene.span(span));
    } else if (unread.length > 0) partial = true;

    // The last round mostly finds what is known already, and the same facts give the same graphs.
    const size = spans.size + letters.size + replays.size + records.size + overused.size + overusedEvents.size;
    if (size !== builtOf) all = buildGraphs({ spans: [...spans.values()], deadLetters: [...letters.values()], replays: [...replays.values()], records: [...records.values()] }, options);
    builtOf = size;
    graphs = all.filter((graph) => graph.traceIds.some((id) => wantedTraces.has(id)) || graph.references.some((reference) => wanted.has(reference)));
    references = joined;
    traces = new Set<string>();
    for (const graph of graphs) {
      for (const reference of graph.references) {
        wanted.add(reference);
        if (!followed.has(reference)) references.add(reference);
      }
    }
    if (references.size === 0) break;
    if (round === bounds.rounds - 1) partial = true;
  }
  return { graphs, members, partial, spans };
}

/** Those that occur more often than a journey's own id can. */
function tooMany(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > mostTracesOfKey).map(([value]) => value);
}

/** What is known beside the spans, read once: the clusters, which topics hold dead letters, and how often each was made again. */
async function loadScene(on: Statements) {
  const { clusterIds, topics } = await readScene(on);
  const only = clusterIds.length === 1 ? clusterIds[0]! : null;
  const deadLetterTopics = new Set(topics.filter((topic) => topic.role === 'dead-letter').map((topic) => topic.name));
  const byPattern = topicMatcher(DEFAULT_DLQ_TOPICS);
  const retryTopics = new Set(topics.filter((topic) => topic.role === 'retry').map((topic) => topic.name));
  const byRetryPattern = topicMatcher(DEFAULT_RETRY_TOPICS);
  const deletions = new Map<string, number[]>();
  for (const topic of topics) {
    if (topic.deletedAt === null) continue;
    const name = `${topic.clusterId}:${topic.name}`;
    deletions.set(name, [...(deletions.get(name) ?? []), topic.deletedAt.getTime()]);
  }
  const incarnation = (cluster: number | null, topic: string | null, atNs: bigint): number => {
    const deleted = topic === null || cluster === null ? undefined : deletions.get(`${cluster}:${topic}`);
    if (deleted === undefined) return 0;
    const atMs = Number(atNs / 1_000_000n);
    return deleted.filter((deletedMs) => deletedMs <= atMs).length;
  };
  return {
    isRetryTopic: (topic: string) => retryTopics.has(topic) || byRetryPattern(topic),
    isDeadLetterTopic: (topic: string) => deadLetterTopics.has(topic) || byPattern(topic),
    span: (span: JourneySpan): JourneySpan => {
      const cluster = span.cluster ?? only;
      return { ...span, cluster, incarnation: incarnation(cluster, span.topic, span.startNs) };
    },
    record: (row: RecordRow): RecordFact => {
      const timestampNs = row.timestampMs * 1_000_000n;
      return {
        cluster: row.clusterId, incarnation: incarnation(row.clusterId, row.topic, timestampNs), topic: row.topic, partition: row.partition, offset: row.offset, timestampNs, messageKey: row.messageKey,
        parent: row.traceId === null || row.spanId === null ? null : { traceId: row.traceId, spanId: row.spanId },
        journeyKey: row.journeyKey, journeyKeyBy: row.journeyKeyBy, eventId: row.eventId, causationId: row.causationId,
      };
    },
    letter: (row: LetterRow): DeadLetterFact => {
      const timestampNs = ns(row.timestamp ?? row.ingestedAt);
      return {
        id: formatDeadLetterId(row), cluster: row.clusterId, topic: row.topic, partition: row.partition, offset: row.offset, timestampNs,
        originTopic: row.originTopic, originPartition: row.originPartition, originOffset: row.originOffset, originTimestampNs: row.originTimestamp === null ? null : ns(row.originTimestamp),
        originGroup: row.originGroup, error: errorText(row), correlationId: row.correlationId, incarnation: incarnation(row.clusterId, row.originTopic, timestampNs),
      };
    },
    replay: (row: ReplayRow): ReplayFact => {
      const atNs = ns(row.sentAt ?? row.createdAt);
      return {
        replayId: row.replayId, deadLetterId: formatDeadLetterId(row), cluster: row.clusterId, state: row.state, actor: row.actor, atNs,
        sent: row.targetTopic !== null && row.sentPartition !== null && row.sentOffset !== null ? { topic: row.targetTopic, partition: row.sentPartition, offset: row.sentOffset } : null,
        incarnation: incarnation(row.clusterId, row.targetTopic, atNs),
      };
    },
  };
}

function errorText(row: LetterRow): string | null {
  if (row.errorClass === null) return row.errorMessage;
  const name = row.errorClass.slice(row.errorClass.lastIndexOf('.') + 1);
  return row.errorMessage === null || row.errorMessage.includes(name) ? (row.errorMessage ?? name) : `${name}: ${row.errorMessage}`;
}

function ns(at: Date): bigint {
  return BigInt(at.getTime()) * 1_000_000n;
}
