import { createHash } from 'node:crypto';
import type { BrokerRecord, ReadPosition, RecordsPort } from '#lib/brokers/port-records.ts';
import { type HeaderNames, type RecordIds, readRecordHeaders } from '#lib/journey/read-record-headers.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { loadHeaderPositions, noteHeaderFailures, readPresentTopics, type RecordHeaderToSave, saveRecordHeaders } from '#lib/store/journeys/record-headers.ts';
import type { PositionToSave } from '#lib/store/dead-letters/save-positions.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { readOn } from './read-on.ts';

export interface TapInput {
  store: Store;
  broker: Pick<RecordsPort, 'tailDeadLetters' | 'readRanges'>;
  clusterId: number;
  isTapped: (topic: string) => boolean;
  names: HeaderNames;
  masking: Masking;
  /** Share of the events that is kept, above 0 up to 1. */
  sampleRatio: number;
  /** What a run may read. */
  budget: { records: number; bytes: number };
  /** A tap that is further behind than this lets go of what it cannot read in time. */
  mostBehind: number;
  /** Where a topic begins that was never read: at its end, or with what it holds. */
  from: 'end' | 'beginning';
  retentionDays: number;
  now: Date;
  signal: AbortSignal;
  maxRunMs: number;
}

export interface TapFigures {
  topics: number;
  partitions: number;
  records: number;
  bytes: number;
  stored: number;
  failing: number;
  /** Records passed over: lost to retention before they were read, or let go because the tap could not follow. */
  missed: string;
  behind: string;
}

const DAY_MS = 86_400_000;
const ROUND_BYTES = 2_000_000;
const PARTITION_BYTES = 262_144;
const MAX_KEY_CHARS = 512;

/**
 * Reads the headers of chosen topics on from the tap's own stored positions and keeps what they say of events. Joins no group and commits
 * nothing; values are read over, never kept (Kafka has no request for headers alone). Bounded in records and bytes; a tap that cannot follow
 * says how much it let go. A partition that fails keeps its position and its reason.
 */
export async function tapHeaders(input: TapInput): Promise<TapFigures> {
  const { store, broker, signal, now } = input;
  const deadline = performance.now() + input.maxRunMs;
  const topics = (await readPresentTopics(store, input.clusterId)).filter((topic) => input.isTapped(topic.name));
  const rowIds = new Map(topics.map((topic) => [topic.name, topic.id]));
  const rowIdOf = (topic: string): number => rowIds.get(topic)!;
  const stored = new Map((await loadHeaderPositions(store, topics.map((topic) => topic.id))).map((at) => [`${at.topicId}:${at.partition}`, at]));
  const all = topics.flatMap((topic) => Array.from({ length: topic.partitions }, (_, partition) => ({ topic: topic.name, topicId: topic.kafkaTopicId.startsWith('generation:') ? null : topic.kafkaTopicId, partition })));
  const figures = { topics: topics.length, partitions: all.length, records: 0, bytes: 0, stored: 0, failing: 0, missed: 0n, behind: 0n };
  let positions = await startPositions(input, all, (at) => stored.get(`${rowIdOf(at.topic)}:${at.partition}`)?.nextOffset ?? null);
  const ends = new Map<string, bigint>();
  let left = { ...input.budget };
  for (let firstRound = true; positions.length > 0 && left.records > 0 && left.bytes > 0 && !signal.aborted && (firstRound || performance.now() < deadline); firstRound = false) {
    const round = await readOn({ broker, positions, rowIdOf, stored, firstRound, signal, limits: { maxBytes: Math.min(ROUND_BYTES, Math.max(65_536, left.bytes)), partitionMaxBytes: PARTITION_BYTES } });
    const rows = round.records.flatMap((record) => toRow(rowIdOf(record.topic), record, input) ?? []);
    const days = [...new Set(rows.map((row) => row.day))];
    for (const day of days) await ensurePartitions(store, 'record_header', new Date(`${day}T00:00:00Z`), new Date(`${day}T00:00:00Z`));
    if (rows.length > 0 || round.positions.length > 0) figures.stored += await saveRecordHeaders(store, rows, round.positions, now);
    await noteHeaderFailures(store, round.failures, now);
    const bytes = round.records.reduce((sum, record) => sum + sizeOf(record), 0);
    figures.records += round.records.length;
    figures.bytes += bytes;
    figures.failing += round.failures.length;
    figures.missed += round.missed;
    left = { records: left.records - round.records.length, bytes: left.bytes - bytes };
    for (const at of round.positions) if (at.lastStableOffset !== null) ends.set(`${at.topicId}:${at.partition}`, at.lastStableOffset);
    positions = round.next;
  }
  const late = positions.flatMap((at): (PositionToSave & { behind: bigint })[] => {
    const end = ends.get(`${rowIdOf(at.topic)}:${at.partition}`);
    return end === undefined || end <= at.offset ? [] : [{ topicId: rowIdOf(at.topic), partition: at.partition, nextOffset: end, lastStableOffset: end, behind: end - at.offset }];
  });
  figures.behind = late.reduce((sum, at) => sum + at.behind, 0n);
  if (figures.behind > BigInt(input.mostBehind)) {
    // Journeys are looked at while they happen: an hour that was missed is worth less than being an hour late from now on.
    await saveRecordHeaders(store, [], late, now);
    figures.missed += figures.behind;
    figures.behind = 0n;
  }
  return { ...figures, missed: figures.missed.toString(), behind: figures.behind.toString() };
}

/** Where each partition goes on. One that was never read begins where its topic does, or at its end. */
async function startPositions(input: TapInput, all: readonly { topic: string; topicId: string | null; partition: number }[], storedOffset: (at: { topic: string; partition: number }) => bigint | null): Promise<ReadPosition[]> {
  const fresh = all.filter((at) => storedOffset(at) === null);
  const begins = new Map<string, bigint>();
  for (const range of fresh.length === 0 ? [] : await input.broker.readRanges(fresh)) {
    const offset = input.from === 'end' ? range.lastStableOffset : range.logStartOffset;
    if (offset !== null) begins.set(`${range.topic}:${range.partition}`, offset);
  }
  return all.flatMap((at) => {
    const offset = storedOffset(at) ?? begins.get(`${at.topic}:${at.partition}`);
    return offset === undefined ? [] : [{ ...at, offset }];
  });
}

function toRow(topicId: number, record: BrokerRecord, input: TapInput): RecordHeaderToSave | null {
  const { timestampMs } = record;
  const nowMs = BigInt(input.now.getTime());
  if (timestampMs === null || timestampMs < nowMs - BigInt(input.retentionDays * DAY_MS) || timestampMs > nowMs + BigInt(DAY_MS)) return null;
  const mask = input.masking.of(record.topic);
  const ids = readRecordHeaders(record.headers, input.names, (name) => mask?.hidesHeader(name) ?? false);
  if (ids === null || !isSampled(record, ids, input.sampleRatio)) return null;
  return {
    day: new Date(Number(timestampMs)).toISOString().slice(0, 10), topicId, partition: record.partition, offset: record.offset, timestampMs, messageKey: mask?.hidesKey === true ? null : keyText(record.key),
    traceId: ids.parent?.traceId ?? null, spanId: ids.parent?.spanId ?? null, journeyKey: ids.journeyKey, journeyKeyBy: ids.journeyKeyBy, eventId: ids.eventId, causationId: ids.causationId,
  };
}

/** All records of an event or none: drawn by what they have in common. */
function isSampled(record: BrokerRecord, ids: RecordIds, ratio: number): boolean {
  if (ratio >= 1) return true;
  const common = ids.journeyKey ?? ids.parent?.traceId ?? ids.causationId ?? ids.eventId ?? `${record.topic}:${record.partition}@${record.offset}`;
  return createHash('sha256').update(common).digest().readUInt32BE(0) / 2 ** 32 < ratio;
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** The key as spans give it; of a binary or long one its hash. */
function keyText(key: Uint8Array | null): string | null {
  if (key === null || key.length === 0) return null;
  try {
    const text = strict.decode(key);
    if (text.length <= MAX_KEY_CHARS && !text.includes('\0')) return text;
  } catch {
    // binary
  }
  return `sha256:${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
}

function sizeOf(record: BrokerRecord): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0) + record.headers.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0) + 16;
}
