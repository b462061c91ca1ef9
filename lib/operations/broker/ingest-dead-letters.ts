import { setImmediate } from 'node:timers/promises';
import type { Broker } from '#lib/brokers/broker.ts';
import type { BrokerRecord, ReadPosition, TopicRetention } from '#lib/brokers/port-records.ts';
import type { Dialect } from '#lib/dead-letter/dialects.ts';
import { fingerprint } from '#lib/dead-letter/fingerprint.ts';
import { payloadForm } from '#lib/dead-letter/payload-form.ts';
import { compileMasking, type Masking } from '#lib/masking/compile-masking.ts';
import { decodeMasked } from '#lib/masking/decode-masked.ts';
import { parseReplayRef } from '#lib/model/replay.ts';
import { loadPositions } from '#lib/store/dead-letters/load-positions.ts';
import { notePositionFailures } from '#lib/store/dead-letters/note-position-failures.ts';
import { DeadLetterBatch, type DeadLetterToSave } from '#lib/store/dead-letters/dead-letter-batch.ts';
import { saveDeadLetters } from '#lib/store/dead-letters/save-dead-letters.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { registerTopics, type TopicToRegister } from '#lib/store/topics/register-topics.ts';
import { readOn, type ReadRound } from './read-on.ts';

export interface IngestInput {
  store: Store;
  broker: Broker;
  clusterId: number;
  isDeadLetterTopic: (topic: string) => boolean;
  isRetryTopic: (topic: string) => boolean;
  roleSource: 'pattern' | 'configuration';
  /** Topics that a person took in although nothing names them, with their roles. */
  takenIn?: ReadonlyMap<string, 'dead-letter' | 'retry'>;
  /** Dialects of the configuration; tried before the known ones. */
  dialects?: readonly Dialect[];
  /** What no stored text of an error may quote; nothing unless given. The bytes are stored as they are: a replay sends them. */
  masking?: Masking;
  now: () => Date;
  signal: AbortSignal;
  /** Called after a batch that stored something new. */
  onStored?: (count: number) => Promise<void>;
  /** Kept by the caller from run to run, so that retention is asked for now and then only. */
  retention?: RetentionCache;
  /** Larger values are kept by reference. Default 1 MB. */
  maxStoredValueBytes?: number;
  /** Reading stops after this long, to go on in the next run. Default 30,000. */
  maxRunMs?: number;
}

/** What was last heard of each topic's retention. */
export interface RetentionCache {
  readAt: number;
  known: Map<string, TopicRetention>;
}

const RETENTION_EVERY_MS = 300_000;
/** Decoding makes room for others after so many records: the round before is on its way to the database. */
const DECODED_AT_ONCE = 200;
/** What is read at once: a quarter of what other readings take, for it is held three times, and still a thousand records for one commit. */
const READ_BYTES = 2_000_000;
const READ_PARTITION_BYTES = 524_288;
const NO_RULES: readonly [] = [];

export interface IngestFigures {
  topics: number;
  partitions: number;
  records: number;
  stored: number;
  failing: number;
  /** Records that left the log before they could be read. */
  missed: string;
  caughtUp: boolean;
}

/**
 * Reads every dead-letter topic of a cluster on from its stored positions until it has caught up: finds the topics, decodes, fingerprints and
 * stores in one transaction a batch. Joins no group and commits nothing to the broker. A topic or partition that fails keeps its position
 * and its reason, and spoils nothing else. Throws only where the store or the whole cluster does not answer.
 */
export async function ingestDeadLetters(input: IngestInput): Promise<IngestFigures> {
  const { store, broker, clusterId, signal } = input;
  const startedMs = performance.now();
  const listed = (await broker.listTopics()).filter((topic) => !topic.internal);
  const wanted = listed.flatMap((topic): TopicToRegister[] => {
    const named = input.isDeadLetterTopic(topic.name) ? 'dead-letter' : input.isRetryTopic(topic.name) ? 'retry' : null;
    const role = named ?? input.takenIn?.get(topic.name) ?? null;
    return role ? [{ name: topic.name, kafkaTopicId: topic.topicId, partitionCount: topic.partitions, replicationFactor: topic.replicationFactor, role, roleSource: named ? input.roleSource : 'headers' }] : [];
  });
  const rowIds = await registerTopics(store, clusterId, wanted, input.now());
  const deadLetterTopics = new Set(wanted.filter((topic) => topic.role === 'dead-letter').map((topic) => topic.name));
  const dlq = listed.filter((topic) => rowIds.has(topic.name) && deadLetterTopics.has(topic.name));
  const stored = new Map((await loadPositions(store, dlq.map((topic) => rowIds.get(topic.name)!))).map((at) => [`${at.topicId}:${at.partition}`, at]));

  const positions: ReadPosition[] = dlq.flatMap((topic) =>
    Array.from({ length: topic.partitions }, (_, partition) => ({ topic: topic.name, topicId: topic.topicId, partition, offset: stored.get(`${rowIds.get(topic.name)!}:${partition}`)?.nextOffset ?? 0n })),
  );
  const figures = { topics: dlq.length, partitions: positions.length, records: 0, stored: 0, failing: 0, missed: 0n, caughtUp: true };
  await ensurePartitions(store, 'dead_letter_body', input.now(), input.now());
  const retention = input.retention ?? { readAt: -Infinity, known: new Map() };
  if (performance.now() - retention.readAt > RETENTION_EVERY_MS || dlq.some((topic) => !retention.known.has(topic.name))) {
    // Expiry is a courtesy: where it can't be read the dead letters are, without it.
    retention.known = await broker.describeRetention(dlq.map((topic) => topic.name)).catch(() => new Map<string, TopicRetention>());
    for (const topic of dlq) if (!retention.known.has(topic.name)) retention.known.set(topic.name, { retentionMs: null, compacted: false });
    retention.readAt = performance.now();
  }

  // Three rounds at once, so that broker, this process and the database work at the same time: one is read while the one before is decoded and the one
  // before that is stored. What is stored ends where its positions do; what was only read is read again after a crash.
  const read = (from: readonly ReadPosition[], firstRound: boolean) => {
    const reading = readOn({ broker, positions: from, rowIdOf: (topic) => rowIds.get(topic)!, stored, firstRound, signal, limits: { maxBytes: READ_BYTES, partitionMaxBytes: READ_PARTITION_BYTES } });
    reading.catch(() => undefined); // awaited by the next turn
    return reading;
  };
  const storeRound = async (batch: DeadLetterBatch, round: ReadRound) => {
    const count = batch.rows.length > 0 || round.positions.length > 0 ? await saveDeadLetters(store, batch, round.positions) : 0;
    await notePositionFailures(store, round.failures, input.now());
    figures.records += batch.rows.length;
    figures.stored += count;
    figures.failing += round.failures.length;
    figures.missed += round.missed;
    if (count > 0) await input.onStored?.(count);
  };
  let ahead: Promise<ReadRound> | null = positions.length > 0 && !signal.aborted ? read(positions, true) : null;
  let storing: Promise<void> = Promise.resolve();
  try {
    while (ahead !== null) {
      const round: ReadRound = await ahead;
      const goesOn = round.next.length > 0 && !signal.aborted;
      const timeIsUp = performance.now() - startedMs > (input.maxRunMs ?? 30_000);
      ahead = goesOn && !timeIsUp ? read(round.next, false) : null;
      if (goesOn && timeIsUp) figures.caughtUp = false;
      const batch = new DeadLetterBatch(clusterId, input.now(), input.maxStoredValueBytes);
      // From the end: what was added is let go.
      round.records.reverse();
      for (let record = round.records.pop(); record !== undefined; record = round.records.pop()) {
        batch.add(toRow(rowIds.get(record.topic)!, record, input, retention.known.get(record.topic)?.retentionMs ?? null));
        if (batch.rows.length % DECODED_AT_ONCE === 0) await setImmediate();
      }
      await storing;
      storing = storeRound(batch, round);
      storing.catch(() => undefined); // awaited before the next
    }
    await storing;
  } finally {
    await Promise.allSettled([storing, ahead]);
  }
  return { ...figures, missed: figures.missed.toString() };
}

function toRow(topicId: number, record: BrokerRecord, input: IngestInput, retentionMs: bigint | null): DeadLetterToSave {
  const decoded = decodeMasked(input.masking ?? compileMasking(NO_RULES), record, input.dialects ? { dialects: input.dialects } : {});
  return {
    topicId,
    partition: record.partition,
    offset: record.offset,
    timestampMs: record.timestampMs,
    key: record.key,
    value: record.value,
    headers: record.headers,
    decoded,
    fingerprint: fingerprint(record.topic, decoded, payloadForm(record.headers, record.value === null)),
    traceId: traceIdOf(record),
    replayRef: decoded.replayId !== null && parseReplayRef(decoded.replayId) ? decoded.replayId : null,
    expiresAt: retentionMs === null || record.timestampMs === null || record.timestampMs < 0n || record.timestampMs + retentionMs > 253_402_300_799_999n ? null : new Date(Number(record.timestampMs + retentionMs)),
  };
}

/** Trace id of a W3C traceparent header (https://www.w3.org/TR/trace-context/#traceparent-header); null where there is none or it is not valid. */
function traceIdOf(record: BrokerRecord): Uint8Array | null {
  for (const [name, value] of record.headers) {
    if (value === null || name.length !== 11 || value.length < 55 || Buffer.from(name).toString('latin1') !== 'traceparent') continue;
    const match = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/u.exec(Buffer.from(value).toString('latin1'));
    if (match?.[1] && !/^0+$/u.test(match[1])) return Buffer.from(match[1], 'hex');
  }
  return null;
}
