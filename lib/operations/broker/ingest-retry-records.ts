import type { RecordsPort, BrokerRecord, ReadPosition } from '#lib/brokers/port-records.ts';
import type { Dialect } from '#lib/dead-letter/dialects.ts';
import { compileMasking, type Masking } from '#lib/masking/compile-masking.ts';
import { decodeMasked } from '#lib/masking/decode-masked.ts';
import { parseReplayRef } from '#lib/model/replay.ts';
import { loadPositions } from '#lib/store/dead-letters/load-positions.ts';
import { notePositionFailures } from '#lib/store/dead-letters/note-position-failures.ts';
import { storableText } from '#lib/store/dead-letters/storable-text.ts';
import { readRetryTopics } from '#lib/store/retry-records/read-retry-topics.ts';
import { type RetryRecordToSave, saveRetryRecords } from '#lib/store/retry-records/save-retry-records.ts';
import type { Store } from '#lib/store/store.ts';
import { readOn } from './read-on.ts';

export interface RetryFigures {
  topics: number;
  partitions: number;
  /** Read in this run; kept are those that name what they came of. */
  records: number;
  kept: number;
  failing: number;
  /** Records that left the log before they could be read. */
  missed: string;
}

const MAX_TEXT_CHARS = 2_000;
const NO_RULES: readonly [] = [];

/**
 * Reads every retry topic of a cluster on from its stored positions and keeps which records came of which: only with them read to their end can
 * Waybill say that a replayed record is being retried, or was processed. Joins no group and commits nothing. Keys and values are not kept.
 * @param maxRunMs reading stops after this long, to go on in the next run
 */
export async function ingestRetryRecords(input: {
  store: Store;
  broker: Pick<RecordsPort, 'tailDeadLetters' | 'readRanges'>;
  clusterId: number;
  /** Dialects of the configuration; tried before the known ones. */
  dialects: readonly Dialect[];
  /** What no stored text of an error may quote; nothing unless given. */
  masking?: Masking;
  now: () => Date;
  signal: AbortSignal;
  maxRunMs: number;
}): Promise<RetryFigures> {
  const { store, broker, clusterId, signal } = input;
  const deadline = performance.now() + input.maxRunMs;
  const topics = await readRetryTopics(store, clusterId);
  const rowIds = new Map(topics.map((topic) => [topic.name, topic.id]));
  const rowIdOf = (topic: string): number => rowIds.get(topic)!;
  const stored = new Map((await loadPositions(store, topics.map((topic) => topic.id))).map((at) => [`${at.topicId}:${at.partition}`, at]));
  let positions: ReadPosition[] = topics.flatMap((topic) =>
    Array.from({ length: topic.partitions }, (_, partition) => ({
      topic: topic.name,
      topicId: topic.kafkaTopicId.startsWith('generation:') ? null : topic.kafkaTopicId,
      partition,
      offset: stored.get(`${topic.id}:${partition}`)?.nextOffset ?? 0n,
    })),
  );
  const figures = { topics: topics.length, partitions: positions.length, records: 0, kept: 0, failing: 0, missed: 0n };
  for (let firstRound = true; positions.length > 0 && !signal.aborted && (firstRound || performance.now() < deadline); firstRound = false) {
    const round = await readOn({ broker, positions, rowIdOf, stored, firstRound, signal });
    const rows = round.records.flatMap((record) => toRow(rowIdOf(record.topic), record, input) ?? []);
    if (rows.length > 0 || round.positions.length > 0) await saveRetryRecords(store, clusterId, rows, round.positions, input.now());
    await notePositionFailures(store, round.failures, input.now());
    figures.records += round.records.length;
    figures.kept += rows.length;
    figures.failing += round.failures.length;
    figures.missed += round.missed;
    positions = round.next;
  }
  return { ...figures, missed: figures.missed.toString() };
}

function toRow(topicId: number, record: BrokerRecord, { dialects, masking = compileMasking(NO_RULES) }: { dialects: readonly Dialect[]; masking?: Masking }): RetryRecordToSave | null {
  const decoded = decodeMasked(masking, record, { dialects });
  const replayRef = decoded.replayId !== null && parseReplayRef(decoded.replayId) ? decoded.replayId : null;
  const { origin, error } = decoded;
  const placed = origin.topic !== null && origin.partition !== null && origin.offset !== null;
  if (replayRef === null && !placed) return null;
  return {
    topicId,
    partition: record.partition,
    offset: record.offset,
    writtenAt: record.timestampMs === null || record.timestampMs > 253_402_300_799_999n ? null : new Date(Number(record.timestampMs)),
    replayRef,
    originTopic: placed ? storableText(origin.topic) : null,
    originPartition: placed ? origin.partition : null,
    originOffset: placed ? origin.offset : null,
    originGroup: bounded(origin.consumerGroup),
    errorClass: bounded(error.rootClass ?? error.class),
    errorMessage: bounded(error.message),
  };
}

function bounded(text: string | null): string | null {
  return storableText(text?.slice(0, MAX_TEXT_CHARS) ?? null);
}
