import { createHash } from 'node:crypto';
import type { BrowsedRecord, RecordsPort } from '#lib/brokers/port-records.ts';
import { compareOriginal, type ByteDifference } from '#lib/dead-letter/compare-original.ts';
import { REPLAY_ID_HEADER, parseReplayRef } from '#lib/model/replay.ts';

/** A dead letter with what is needed to find its original and what came after it. */
export interface LetterToLookFor {
  id: string;
  origin: { topic: string | null; partition: number | null; offset: bigint | null; timestampMs: bigint | null };
  /** `known: false`: the stored bytes have expired. */
  key: { known: boolean; bytes: Uint8Array | null };
}

/** A record on the origin's partition that has the same key and lies behind the original. */
export interface NewerRecord {
  offset: bigint;
  timestampMs: bigint | null;
}

export interface OriginLook {
  /** The original as it still lies there, without its value; null: it was not read (`why`). */
  original: { key: ByteDifference | null; valueSha256: Buffer | null; valueBytes: number | null; timestampMs: bigint | null } | null;
  /** Why there is no original. */
  why: string | null;
  newer: {
    /** Replays of this same dead letter are not counted. */
    count: number;
    first: NewerRecord | null;
    last: NewerRecord | null;
    /** false: the partition was not read to its end, so there may be more. */
    complete: boolean;
    /** Records of its partition that were read. */
    read: number;
    /** Why nothing can be said where nothing was found; null where everything was read. */
    why: string | null;
  };
}

export interface LookBounds {
  maxRecords: number;
  maxBytes: number;
  maxMs: number;
}

/** Topics that one selection can come from; more are not looked at. */
const MAX_TOPICS = 10;

interface Place {
  look: OriginLook;
  letter: LetterToLookFor;
  offset: bigint;
}

/**
 * Reads the origin topics of dead letters from their originals on, as a committed reader and without a group: finds the originals that are
 * still there, and newer records with their keys. Bounded in all by records, bytes and time; what was not reached is told as unknown, with its reason.
 */
export async function lookAtOrigins(broker: Pick<RecordsPort, 'browse'>, letters: readonly LetterToLookFor[], bounds: LookBounds, signal: AbortSignal): Promise<Map<string, OriginLook>> {
  const looks = new Map<string, OriginLook>();
  const topics = new Map<string, Map<number, Place[]>>();
  for (const letter of letters) {
    const look = unknownLook(null);
    looks.set(letter.id, look);
    const { topic, partition, offset } = letter.origin;
    const missing = topic === null ? 'topic' : partition === null ? 'partition' : offset === null ? 'offset' : null;
    if (missing !== null) {
      look.why = look.newer.why = `the record does not say at which ${missing} its original lay`;
      continue;
    }
    const partitions = topics.get(topic!) ?? new Map<number, Place[]>();
    topics.set(topic!, partitions);
    partitions.set(partition!, [...(partitions.get(partition!) ?? []), { look, letter, offset: offset! }]);
  }
  const startedMs = performance.now();
  const left = { ...bounds };
  let number = 0;
  for (const [topic, partitions] of topics) {
    signal.throwIfAborted();
    number += 1;
    if (number > MAX_TOPICS || left.maxRecords <= 0 || left.maxBytes <= 0 || left.maxMs <= 0) {
      for (const place of [...partitions.values()].flat()) place.look.why = place.look.newer.why = number > MAX_TOPICS ? `only the first ${MAX_TOPICS} origin topics are looked at` : 'the search ended before it came to this topic';
      continue;
    }
    const used = await lookAtTopic(broker, topic, partitions, left, signal);
    left.maxRecords -= used.records;
    left.maxBytes -= used.bytes;
    left.maxMs = bounds.maxMs - Math.ceil(performance.now() - startedMs);
  }
  return looks;
}

async function lookAtTopic(broker: Pick<RecordsPort, 'browse'>, topic: string, partitions: ReadonlyMap<number, Place[]>, bounds: LookBounds, signal: AbortSignal): Promise<{ records: number; bytes: number }> {
  const places = [...partitions.values()].flat();
  const byOffset = new Map(places.map((place): [string, Place[]] => [`${place.letter.origin.partition}@${place.offset}`, []]));
  const byKey = new Map<string, Place[]>();
  for (const place of places) {
    byOffset.get(`${place.letter.origin.partition}@${place.offset}`)!.push(place);
    const { key } = place.letter;
    if (!key.known) place.look.newer.why = 'the stored key has expired';
    else if (key.bytes === null) place.look.newer.why = 'the record has no key';
    else {
      const of = keyOf(place.letter.origin.partition!, key.bytes);
      byKey.set(of, [...(byKey.get(of) ?? []), place]);
    }
  }
  const readIn = new Map<number, number>();
  const take = async (records: readonly BrowsedRecord[]) =>
    records.map((record) => {
      readIn.set(record.partition, (readIn.get(record.partition) ?? 0) + 1);
      for (const place of byOffset.get(`${record.partition}@${record.offset}`) ?? []) place.look.original = originalOf(record, place.letter);
      const same = record.key === null ? undefined : byKey.get(keyOf(record.partition, record.key));
      for (const place of same ?? []) if (record.offset > place.offset && !isReplayOf(record, place.letter.id)) addNewer(place.look, record);
      return { show: null, error: null };
    });
  const positions = new Map([...partitions].map(([partition, of]): [number, bigint] => [partition, of.reduce((least, place) => (place.offset < least ? place.offset : least), of[0]!.offset)]));
  const answer = await broker.browse({ topic, partitions: [...partitions.keys()], order: 'oldest', from: { kind: 'positions', positions }, isolation: 'committed', selective: true, limit: 1, ...bounds }, take, signal);

  for (const [partition, of] of partitions) {
    const failure = answer.failures.find((one) => one.partition === partition)?.failure ?? (answer.ranges.length === 0 ? answer.failures[0]?.failure : undefined);
    const range = answer.ranges.find((one) => one.partition === partition);
    // Where reading goes on; none where the partition was read to its end.
    const stoppedAt = answer.positions.get(partition);
    const records = readIn.get(partition) ?? 0;
    for (const { look, offset, letter } of of) {
      look.newer.read = records;
      if (failure || !range) {
        look.why = look.newer.why = failure?.code.startsWith('unknown-topic') ? `${topic} is not there any more, or has no partition ${partition}` : `${topic} p${partition} could not be read: ${failure?.message ?? 'the broker gave no offsets'}`;
        continue;
      }
      const reached = stoppedAt === undefined || stoppedAt > offset;
      if (look.original === null) {
        look.why =
          offset < range.start ? `retention has taken it: ${topic} p${partition} begins at ${range.start}`
          : offset >= range.end ? `${topic} p${partition} ends at ${range.end}: the topic may have been deleted and made anew`
          : reached ? 'no committed record lies at its offset any more'
          : 'the search ended before it came to it';
      }
      if (offset >= range.end) look.newer.why ??= look.why;
      else if (isAnother(look, letter)) look.newer = { ...unknownLook('another record lies at the offset of the original: the topic may have been deleted and made anew').newer, read: records };
      look.newer.complete = look.newer.why === null && stoppedAt === undefined;
      if (!look.newer.complete) look.newer.why ??= `the search ended at ${topic} p${partition}@${stoppedAt}, before its end at ${range.end}`;
    }
  }
  return { records: [...readIn.values()].reduce((sum, one) => sum + one, 0), bytes: answer.bytes };
}

function unknownLook(why: string | null): OriginLook {
  return { original: null, why, newer: { count: 0, first: null, last: null, complete: false, read: 0, why } };
}

function originalOf(record: BrowsedRecord, letter: LetterToLookFor): OriginLook['original'] {
  return {
    key: letter.key.known ? compareOriginal(letter.key.bytes, record.key) : null,
    valueSha256: record.value === null ? null : createHash('sha256').update(record.value).digest(),
    valueBytes: record.value?.length ?? null,
    timestampMs: record.timestampMs,
  };
}

/** Does the record at the original's offset have another key and another time than the original had? Frameworks that write the value anew keep both. */
export function isAnother(look: OriginLook, letter: LetterToLookFor): boolean {
  const { timestampMs } = letter.origin;
  return look.original !== null && look.original.key !== null && look.original.key !== 'same' && timestampMs !== null && look.original.timestampMs !== null && look.original.timestampMs !== timestampMs;
}

function addNewer(look: OriginLook, record: BrowsedRecord): void {
  const at = { offset: record.offset, timestampMs: record.timestampMs };
  look.newer.count += 1;
  look.newer.first ??= at;
  look.newer.last = at;
}

/** A replay of the same dead letter is not a newer state of its key. */
function isReplayOf(record: BrowsedRecord, id: string): boolean {
  return record.headers.some(([name, value]) => {
    if (value === null || name.length !== REPLAY_ID_HEADER.length || Buffer.from(name).toString('latin1') !== REPLAY_ID_HEADER) return false;
    const at = parseReplayRef(Buffer.from(value).toString('latin1'))?.at;
    return at !== undefined && `${at.topicId}-${at.partition}-${at.offset}` === id;
  });
}

function keyOf(partition: number, key: Uint8Array): string {
  return `${partition} ${Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')}`;
}
