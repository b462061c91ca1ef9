import type { BrokerRecord, ReadPosition, RecordsPort } from '#lib/brokers/port-records.ts';
import { learnShape, refreshShape, type ShapeState } from '#lib/hygiene/learn-shape.ts';
import type { HeaderNames } from '#lib/journey/read-record-headers.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { forgetHygieneSamples } from '#lib/store/hygiene/forget-samples.ts';
import { type FingerprintToSave, loadShapes, saveHygieneSamples, type SampledTopic } from '#lib/store/hygiene/save-samples.ts';
import { type HygieneTopic, loadHygienePositions, topicsToSampleForHygiene } from '#lib/store/hygiene/topics-to-sample.ts';
import type { Store } from '#lib/store/store.ts';
import { fingerprintRecord } from './fingerprint-record.ts';
import { readOn } from './read-on.ts';

export interface SampleEventsInput {
  store: Store;
  broker: Pick<RecordsPort, 'readRanges' | 'tailDeadLetters'>;
  clusterId: number;
  isSampled: (topic: string) => boolean;
  names: HeaderNames;
  masking: Masking;
  /** What may be read of one topic, and of all together, in one run. */
  maxBytesPerTopic: number;
  maxBytes: number;
  now: Date;
  signal: AbortSignal;
  maxRunMs: number;
}

export interface SampleFigures {
  topics: number;
  records: number;
  bytes: number;
  /** Records that came too fast to be looked at. */
  passedOver: number;
  forgotten: number;
}

const TOPICS_A_RUN = 40;
/** Newest records of a partition that are looked at; what lies further back is passed over. */
const MOST_BEHIND = 300n;
const LEAST_PARTITION_BYTES = 16_384;
const ROUNDS = 4;
export const FINGERPRINTS_KEPT_MS = 3_600_000;
const MOST_FINGERPRINTS = 200_000;
const MOST_TYPES_A_TOPIC = 50;

/**
 * Reads the newest records of topics that were written since they were last looked at, on from positions of its own, and keeps fingerprints of
 * them (lib/hygiene). Joins no group and commits nothing; bounded in topics, records and bytes. A topic that can't be read says why and is looked
 * at again later.
 */
export async function sampleEvents(input: SampleEventsInput): Promise<SampleFigures> {
  const { store, broker, clusterId, now, signal } = input;
  const deadline = performance.now() + input.maxRunMs;
  const topics = (await topicsToSampleForHygiene(store, clusterId)).filter((topic) => input.isSampled(topic.name)).slice(0, TOPICS_A_RUN);
  const figures: SampleFigures = { topics: topics.length, records: 0, bytes: 0, passedOver: 0, forgotten: await forgetHygieneSamples(store, new Date(now.getTime() - FINGERPRINTS_KEPT_MS), MOST_FINGERPRINTS) };
  const stored = await loadHygienePositions(store, topics.map((topic) => topic.id));
  const { starts, failures } = await startPositions(broker, topics, stored);
  for (const topic of topics) {
    if (signal.aborted || performance.now() > deadline || figures.bytes >= input.maxBytes) break;
    const begins = starts.filter((start) => start.position.topic === topic.name);
    const read = await readTopic(broker, topic, begins.map((start) => start.position), { bytes: Math.min(input.maxBytesPerTopic, input.maxBytes - figures.bytes), signal });
    const passedOver = begins.reduce((sum, start) => sum + start.passedOver, 0n);
    await keep(input, topic, { ...read, error: read.error ?? failures.get(topic.name) ?? null }, passedOver);
    figures.records += read.records.length;
    figures.bytes += read.bytes;
    figures.passedOver += Number(passedOver);
  }
  return figures;
}

interface Start {
  position: ReadPosition;
  passedOver: bigint;
}

/** Where each partition goes on, at most so many records before its end, and why topics can't be read, by name. */
async function startPositions(broker: SampleEventsInput['broker'], topics: readonly HygieneTopic[], stored: ReadonlyMap<string, bigint>): Promise<{ starts: Start[]; failures: Map<string, string> }> {
  const byName = new Map(topics.map((topic) => [topic.name, topic]));
  const wanted = topics.flatMap((topic) => Array.from({ length: topic.partitions }, (_, partition) => ({ topic: topic.name, partition })));
  const ranges = wanted.length === 0 ? [] : await broker.readRanges(wanted);
  const failures = new Map(ranges.flatMap(({ topic, failure }) => (failure === null ? [] : [[topic, `${failure.code}: ${failure.message}`] as const])));
  const starts = ranges.flatMap(({ topic: name, partition, logStartOffset, lastStableOffset }): Start[] => {
    const topic = byName.get(name);
    if (topic === undefined || logStartOffset === null || lastStableOffset === null) return [];
    const at = stored.get(`${topic.id}:${partition}`);
    const newest = lastStableOffset - MOST_BEHIND > logStartOffset ? lastStableOffset - MOST_BEHIND : logStartOffset;
    // A position beyond the end is one of a log that was cut off.
    const offset = at === undefined || at > lastStableOffset || at < newest ? newest : at;
    return offset >= lastStableOffset ? [] : [{ position: { topic: name, topicId: topic.kafkaTopicId, partition, offset }, passedOver: at === undefined || at >= newest ? 0n : newest - at }];
  });
  return { starts, failures };
}

interface TopicRead {
  records: BrokerRecord[];
  bytes: number;
  nextOffsets: Map<number, bigint>;
  /** Not everything was read: it is looked at again in the next run. */
  more: boolean;
  error: string | null;
}

async function readTopic(broker: SampleEventsInput['broker'], topic: HygieneTopic, begins: readonly ReadPosition[], { bytes, signal }: { bytes: number; signal: AbortSignal }): Promise<TopicRead> {
  const read: TopicRead = { records: [], bytes: 0, nextOffsets: new Map(), more: false, error: null };
  let positions = [...begins];
  for (let round = 0; round < ROUNDS && positions.length > 0 && read.bytes < bytes && !signal.aborted; round += 1) {
    const left = bytes - read.bytes;
    const found = await readOn({ broker, positions, rowIdOf: () => topic.id, stored: new Map(), firstRound: false, signal, limits: { maxBytes: Math.max(LEAST_PARTITION_BYTES, left), partitionMaxBytes: Math.max(LEAST_PARTITION_BYTES, Math.floor(left / positions.length)) } });
    read.records.push(...found.records);
    read.bytes += found.records.reduce((sum, record) => sum + (record.key?.length ?? 0) + (record.value?.length ?? 0), 0);
    for (const at of found.positions) read.nextOffsets.set(at.partition, at.nextOffset);
    read.error ??= found.failures[0]?.message ?? null;
    positions = found.next;
  }
  return { ...read, more: positions.length > 0 };
}

async function keep({ store, names, masking, now }: SampleEventsInput, topic: HygieneTopic, read: TopicRead, passedOver: bigint): Promise<void> {
  const mask = masking.of(topic.name);
  const shapes = await loadShapes(store, [topic.id]);
  const learned = new Map<string, ShapeState>();
  const fingerprints: FingerprintToSave[] = [];
  for (const record of read.records.toSorted((a, b) => Number((a.timestampMs ?? 0n) - (b.timestampMs ?? 0n)) || a.partition - b.partition || (a.offset < b.offset ? -1 : 1))) {
    const { fingerprint, eventType, shape } = fingerprintRecord(topic.id, record, names, mask, now.getTime());
    if (fingerprint.atMs > now.getTime() - FINGERPRINTS_KEPT_MS) fingerprints.push(fingerprint);
    const place = `${topic.id}\0${eventType}`;
    if (shape === null || fingerprint.replayed || (!shapes.has(place) && shapes.size >= MOST_TYPES_A_TOPIC)) continue;
    const known = shapes.get(place) ?? null;
    const state = learnShape(known === null || learned.has(eventType) ? known : refreshShape(known, now.getTime()), shape, { partition: fingerprint.partition, offset: String(fingerprint.offset), atMs: fingerprint.atMs });
    shapes.set(place, state);
    learned.set(eventType, state);
  }
  const sampled: SampledTopic = { id: topic.id, end: read.more || read.error !== null ? null : topic.end, records: read.records.length, passedOver, error: read.error };
  await saveHygieneSamples(store, {
    records: fingerprints, positions: [...read.nextOffsets].map(([partition, nextOffset]) => ({ topicId: topic.id, partition, nextOffset })),
    shapes: [...learned].map(([eventType, state]) => ({ topicId: topic.id, eventType, state })), topics: [sampled],
  }, now);
}
