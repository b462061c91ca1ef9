import type { RecordsPort } from '#lib/brokers/port-records.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { describeOriginals, type OriginalsExamples, type OriginalsSummary } from '#lib/replay/describe-originals.ts';
import type { ExaminedLetter } from '#lib/store/replays/examine-selection.ts';
import type { Store } from '#lib/store/store.ts';
import { compareValues } from './compare-values.ts';
import { stateOf } from './look-at-origin.ts';
import { lookAtOrigins, type LetterToLookFor, type LookBounds } from './look-at-origins.ts';

/** A person waits for the dry run. */
const BOUNDS: LookBounds = { maxRecords: 200_000, maxBytes: 67_108_864, maxMs: 3_000 };

/** What the origin topics hold of letters that would be sent: figures, and the warnings a person reads first. */
export async function lookBeforeReplay(work: { store: Store; broker: Pick<RecordsPort, 'browse' | 'readMessage'>; signal: AbortSignal }, letters: readonly { letter: ExaminedLetter; target: string }[], edited: boolean): Promise<{ originals: OriginalsSummary; warnings: string[] }> {
  const wanted = letters.map(({ letter, target }) => ({
    id: formatDeadLetterId(letter),
    topicId: letter.topicId,
    partition: letter.partition,
    offset: letter.offset,
    dlqTopic: letter.dlqTopic,
    kafkaTopicId: letter.kafkaTopicId,
    valueBytes: letter.body?.valueBytes ?? null,
    key: { known: letter.body !== null, bytes: letter.body?.key ?? null },
    origin: { topic: letter.originTopic, partition: letter.originPartition, offset: letter.originOffset, timestampMs: letter.originTimestamp === null ? null : BigInt(letter.originTimestamp.getTime()) },
    // On another topic it does not come after the newer ones.
    sentBack: target === letter.originTopic,
  })) satisfies (LetterToLookFor & object)[];
  const originals: OriginalsSummary = { same: 0, sameJson: 0, differ: 0, another: 0, notCompared: 0, newer: 0, newerUnknown: 0 };
  const examples: OriginalsExamples = { newer: null, differ: null, newerUnknown: null };
  const looks = await lookAtOrigins(work.broker, wanted, BOUNDS, work.signal);
  const values = await compareValues(work, wanted, looks);
  for (const letter of wanted) {
    const look = looks.get(letter.id)!;
    const value = values.get(letter.id) ?? null;
    switch (stateOf(look, letter, value)) {
      case 'same':
        originals.same += 1;
        break;
      case 'same-json':
        originals.sameJson += 1;
        break;
      case 'differs':
        originals.differ += 1;
        examples.differ ??= { id: letter.id, valueBytes: letter.valueBytes, originalBytes: look.original?.valueBytes ?? null, tombstone: value === 'missing-here' && letter.valueBytes === null };
        break;
      case 'another':
        originals.another += 1;
        break;
      case 'unknown':
        originals.notCompared += 1;
    }
    if (!letter.sentBack || letter.key.bytes === null) continue;
    const { newer } = look;
    if (newer.last !== null) {
      originals.newer += 1;
      const from = look.original?.timestampMs ?? letter.origin.timestampMs;
      examples.newer ??= { id: letter.id, topic: letter.origin.topic!, partition: letter.origin.partition!, offset: newer.last.offset.toString(), laterMs: from === null || newer.last.timestampMs === null ? null : Number(newer.last.timestampMs - from) };
    } else if (!newer.complete) {
      originals.newerUnknown += 1;
      if (newer.why !== null) examples.newerUnknown ??= { why: newer.why };
    }
  }
  return { originals, warnings: describeOriginals(originals, examples, edited) };
}
