import { detectLostCorrelation, type PassedOn } from '#lib/hygiene/detect-lost-correlation.ts';
import { detectNoDeadLetterPath, type FailingConsumer } from '#lib/hygiene/detect-no-dead-letter-path.ts';
import { detectRetryStorm, type HandledRecords } from '#lib/hygiene/detect-retry-storm.ts';
import { detectUninstrumentedHops } from '#lib/hygiene/detect-uninstrumented-hops.ts';
import type { Look } from '#lib/model/hygiene.ts';
import { type HandlingRow, hasTraces, readBatchConsumers, readCommitted, readHandling } from '#lib/store/hygiene/read-handling.ts';
import { type AncestorRow, readAncestors, readCorrelated, readWritten, type WrittenRow } from '#lib/store/hygiene/read-passed-on.ts';
import { readDeadLetterPaths, readRetryTraffic } from '#lib/store/hygiene/read-topic-use.ts';
import type { Statements } from '#lib/store/store.ts';

interface Context {
  store: Statements;
  clusterId: number;
  notSampled: string | null;
  now: Date;
}

/** Spans arrive in batches, some seconds after what they tell of. */
const SPANS_LATE_MS = 60_000;
const TRACES_MS = 3_600_000;
/** A storm is told by the last minutes: over a longer time the calm before it hides it. */
const STORM_MS = 300_000;
const NO_TRACES = 'no spans arrived in the last hour';
/** Spans between a handler and what it sends: those of the handler's own functions. */
const MOST_GENERATIONS = 5;
const MOST_TOPICS = 50;

/** The detectors that judge services and groups: by the spans of sampled records, the commits of groups and the retry topics. */
export async function lookAtConsumers(context: Context, windowMs: number): Promise<Look[]> {
  const { store, clusterId, now } = context;
  const from = new Date(now.getTime() - windowMs);
  const until = new Date(now.getTime() - SPANS_LATE_MS);
  const traced = await hasTraces(store, new Date(now.getTime() - TRACES_MS));
  const unknown = context.notSampled ?? (traced ? null : NO_TRACES);
  const [handling, committed, paths, traffic] = await Promise.all([traced ? readHandling(store, clusterId, from, until) : [], traced ? readCommitted(store, clusterId, from, until) : [], readDeadLetterPaths(store, clusterId), readRetryTraffic(store, clusterId, new Date(now.getTime() - STORM_MS))]);
  const consumers = toConsumers(handling);
  const lately = toConsumers(handling.filter((row) => row.at.getTime() >= until.getTime() - STORM_MS));
  const candidates = [...new Set(committed.map((one) => one.topic))].slice(0, MOST_TOPICS);
  const batches = await readBatchConsumers(store, candidates, from);
  const handledAt = Map.groupBy(handling, (row) => `${row.topic}:${row.partition}@${row.offset}`);
  const hops = committed.filter((one) => candidates.includes(one.topic)).map((one) => ({
    group: one.group, topic: one.topic, latest: one.latest.map((record) => ({ ...record, offset: BigInt(record.offset) })),
    consumers: distinct([...one.latest.flatMap((record) => handledAt.get(`${one.topic}:${record.partition}@${record.offset}`) ?? []), ...batches.filter((row) => row.topic === one.topic)]),
  }));
  const passed = await readPassedOn(context, from);
  const lost = detectLostCorrelation(passed);
  const retries = traffic.map((one) => ({
    originTopic: one.originTopic, retryTopics: one.retryTopics, group: one.group, retries: one.retries, produced: one.produced === null ? null : Number(one.produced), firstAtMs: one.firstAt.getTime(), lastAtMs: one.lastAt.getTime(),
    latest: one.latest.map((record) => ({ topic: record.topic, partition: record.partition, offset: BigInt(record.offset), atMs: record.atMs, origin: record.originPartition === null || record.originOffset === null ? null : { partition: record.originPartition, offset: BigInt(record.originOffset) } })),
  }));
  return [
    { kind: 'lost-correlation', subjects: lost.services, unknown, findings: lost.findings },
    // Retry topics are read without spans; attempts in place are told by spans alone.
    { kind: 'retry-storm', subjects: consumers.length, unknown: unknown === null ? null : `${unknown}: attempts that use no retry topic cannot be seen`, partly: true, findings: detectRetryStorm(retries, lately, STORM_MS) },
    { kind: 'no-dead-letter-path', subjects: consumers.length, unknown, findings: detectNoDeadLetterPath(consumers, paths, windowMs) },
    { kind: 'uninstrumented-hop', subjects: hops.length, unknown, findings: detectUninstrumentedHops(hops) },
  ];
}

function distinct(rows: readonly { group: string | null; service: string | null }[]): { group: string | null; service: string | null }[] {
  return [...new Map(rows.map(({ group, service }) => [JSON.stringify([group, service]), { group, service }])).values()];
}

type Consumer = HandledRecords & FailingConsumer;

/** What each consumer of a topic did with sampled records. */
function toConsumers(rows: readonly HandlingRow[]): Consumer[] {
  const named = rows.flatMap((row) => (row.group === null && row.service === null ? [] : [{ ...row, consumer: row.group ?? row.service!, isGroup: row.group !== null, attempts: row.processed > 0 ? row.processed : row.spans }]));
  return [...Map.groupBy(named, (row) => `${row.topic}\0${row.consumer}\0${row.isGroup}`).values()].flatMap((all): Consumer[] => {
    const [one] = all;
    if (one === undefined) return [];
    const failed = all.filter((row) => row.errors > 0).toSorted((a, b) => b.at.getTime() - a.at.getTime());
    const at = ({ partition, offset, at: time }: HandlingRow) => ({ partition, offset, atMs: time.getTime() });
    const times = all.map((row) => row.at.getTime());
    return [{
      topic: one.topic, consumer: one.consumer, isGroup: one.isGroup, records: all.length, attempts: all.reduce((sum, row) => sum + row.attempts, 0), failed: failed.length, firstAtMs: Math.min(...times), lastAtMs: Math.max(...times),
      latest: failed.slice(0, 5).map(at), most: all.filter((row) => row.attempts > 1).toSorted((a, b) => b.attempts - a.attempts).slice(0, 5).map((row) => ({ ...at(row), attempts: row.attempts })),
    }];
  });
}

/** Sampled records with what their service was handling when it wrote them: up the parents of the producer's span to a consumer's of the same service. */
async function readPassedOn({ store, clusterId }: Context, from: Date): Promise<PassedOn[]> {
  const written = await readWritten(store, clusterId, from);
  const spans = new Map<string, AncestorRow>();
  const causes = new Map<WrittenRow, AncestorRow>();
  let open = written.flatMap((row) => (row.parentSpanId === null ? [] : [{ row, spanId: row.parentSpanId }]));
  for (let generation = 0; generation < MOST_GENERATIONS && open.length > 0; generation += 1) {
    const missing = open.filter(({ row, spanId }) => !spans.has(`${row.traceId}:${spanId}`)).map(({ row, spanId }) => ({ traceId: row.traceId, spanId }));
    for (const span of await readAncestors(store, missing)) spans.set(`${span.traceId}:${span.spanId}`, span);
    open = open.flatMap(({ row, spanId }) => {
      const span = spans.get(`${row.traceId}:${spanId}`);
      // Beyond the service's own spans lies what somebody else did.
      if (span === undefined || span.service !== row.service) return [];
      if (span.kind === 5 && span.topic !== null) {
        causes.set(row, span);
        return [];
      }
      return span.parentSpanId === null ? [] : [{ row, spanId: span.parentSpanId }];
    });
  }
  const known = await readCorrelated(store, clusterId, [...causes.values()].flatMap(({ topic, partition, offset }) => (topic === null || partition === null || offset === null ? [] : [{ topic, partition, offset }])));
  const correlated = new Map(known.map((one) => [`${one.topic}:${one.partition}@${one.offset}`, one.correlated]));
  return written.map((row): PassedOn => {
    const cause = causes.get(row);
    const read = cause === undefined || cause.topic === null || cause.partition === null || cause.offset === null ? null : { topic: cause.topic, partition: cause.partition, offset: cause.offset, atMs: null, correlated: cause.hasKey ? true : (correlated.get(`${cause.topic}:${cause.partition}@${cause.offset}`) ?? null) };
    return { service: row.service, topic: row.topic, partition: row.partition, offset: row.offset, atMs: row.at.getTime(), correlated: row.correlated, read };
  });
}
