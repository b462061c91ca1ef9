import type { RecordsPort, BrokerRecord, ReadPosition } from '#lib/brokers/port-records.ts';
import type { PositionToSave } from '#lib/store/dead-letters/save-positions.ts';
import type { StoredPosition } from '#lib/store/dead-letters/load-positions.ts';

export interface ReadRound {
  records: BrokerRecord[];
  /** Positions that moved, or that have to be written for another reason. */
  positions: PositionToSave[];
  failures: { topicId: number; partition: number; message: string }[];
  /** Where reading goes on at once, those that got nothing first; empty once everything was read to its last stable offset. */
  next: ReadPosition[];
  /** Records that left the log before they could be read. */
  missed: bigint;
}

/**
 * One round of reading on from positions, as a committed reader sees it; joins no group and commits nothing. A partition that fails keeps its
 * position and gives its reason; one whose position left the log goes on from what there is.
 * @param rowIdOf the stored row of a topic's present incarnation
 * @param stored what is stored of the positions, by "<topic row>:<partition>"
 * @param limits bytes of the round, and of each partition in it
 * @param firstRound of this run: a quiet position is written then where it never was, or where it was failing
 */
export async function readOn(work: {
  broker: Pick<RecordsPort, 'tailDeadLetters' | 'readRanges'>;
  positions: readonly ReadPosition[];
  rowIdOf: (topic: string) => number;
  stored: ReadonlyMap<string, StoredPosition>;
  firstRound: boolean;
  signal: AbortSignal;
  limits?: { maxBytes: number; partitionMaxBytes: number };
}): Promise<ReadRound> {
  const round: ReadRound = { records: [], positions: [], failures: [], next: [], missed: 0n };
  const byPartition = new Map(work.positions.map((position) => [`${position.topic}:${position.partition}`, position]));
  const progressed = new Set<string>();
  for (const answer of await work.broker.tailDeadLetters(work.positions, { signal: work.signal, ...work.limits })) {
    const place = `${answer.topic}:${answer.partition}`;
    const position = byPartition.get(place)!;
    const topicId = work.rowIdOf(answer.topic);
    const before = work.stored.get(`${topicId}:${answer.partition}`);
    if (answer.failure?.code === 'offset-out-of-range') {
      // Retention took what we had not read, or the position is beyond the log: read on from what there is.
      const [range] = await work.broker.readRanges([{ topic: answer.topic, partition: answer.partition }]);
      const start = range?.logStartOffset ?? null;
      if (start !== null && start !== position.offset) {
        if (start > position.offset && before !== undefined) round.missed += start - position.offset;
        round.next.push({ ...position, offset: start });
        continue;
      }
    }
    if (answer.failure) {
      round.failures.push({ topicId, partition: answer.partition, message: `${answer.failure.code}: ${answer.failure.message}` });
      continue;
    }
    if (answer.records.length > 0) progressed.add(place);
    for (const record of answer.records) round.records.push(record);
    // Written only where something changed: hundreds of quiet partitions are looked at every second.
    if (answer.nextOffset !== position.offset || (work.firstRound && (before === undefined || before.failing))) {
      round.positions.push({ topicId, partition: answer.partition, nextOffset: answer.nextOffset, lastStableOffset: answer.lastStableOffset });
    }
    if (answer.lastStableOffset !== null && answer.nextOffset < answer.lastStableOffset) round.next.push({ ...position, offset: answer.nextOffset });
  }
  round.next.sort((a, b) => Number(progressed.has(`${a.topic}:${a.partition}`)) - Number(progressed.has(`${b.topic}:${b.partition}`)));
  return round;
}
