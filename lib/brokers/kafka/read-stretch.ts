import type { Kafka } from './connect.ts';
import { fetchRecords } from './fetch-records.ts';
import type { BrokerFailure } from '../port-offsets.ts';
import type { BrowsedRecord } from '../port-records.ts';

/** A stretch of one partition that is being read: offsets from `at` up to `stop`. */
export interface Stretch {
  partition: number;
  from: bigint;
  at: bigint;
  stop: bigint;
  /** Committed readers look no further; records from here on are `undecided`. */
  lastStableOffset: bigint;
  /** Bytes to ask for at a time. */
  fetchBytes: number;
  /** Above this many it is given up, to be read in smaller ones. */
  mostBytes: number;
  records: BrowsedRecord[];
  bytes: number;
  /** Rounds that gave nothing. */
  idle: number;
  failure: BrokerFailure | null;
}

const REQUEST_MAX_BYTES = 8_388_608;
/** The bytes of a request are shared by its partitions, so an empty answer may only mean that others were served first. */
const MOST_IDLE = 3;

/**
 * One fetch for each stretch, a request per leader. Below the last stable offset with isolation 1, whose answers name the aborted
 * transactions; from there on with isolation 0. A stretch is over when `at` has reached `stop`.
 */
export async function readOn(kafka: Kafka, topic: { name: string; topicId: string | null }, stretches: readonly Stretch[], marking: boolean, signal: AbortSignal): Promise<void> {
  const [stable, undecided] = [stretches.filter((one) => one.at < one.lastStableOffset), stretches.filter((one) => one.at >= one.lastStableOffset)];
  for (const [group, isolation] of [[stable, 1], [undecided, 0]] as const) {
    if (group.length === 0) continue;
    const answers = await fetchRecords(kafka, group.map((one) => ({ topic: topic.name, topicId: topic.topicId, partition: one.partition, offset: one.at })), {
      isolation,
      aborted: marking ? 'mark' : 'hide',
      partitionMaxBytes: Math.max(...group.map((one) => one.fetchBytes)),
      maxBytes: REQUEST_MAX_BYTES,
      signal,
    });
    const moved = answers.some((answer) => answer.failure === null && answer.nextOffset > (group.find((one) => one.partition === answer.partition)?.at ?? 0n));
    for (const answer of answers) {
      const stretch = group.find((one) => one.partition === answer.partition);
      if (!stretch) continue;
      if (answer.failure) {
        stretch.failure = answer.failure;
        stretch.at = stretch.stop;
        continue;
      }
      const end = isolation === 1 && stretch.stop > stretch.lastStableOffset ? stretch.lastStableOffset : stretch.stop;
      for (const record of answer.records) {
        if (record.offset >= end) break;
        stretch.records.push({ ...record, visibility: record.aborted ? 'aborted' : isolation === 0 ? 'undecided' : 'committed' });
        stretch.bytes += sizeOf(record);
      }
      stretch.idle = answer.nextOffset > stretch.at || moved ? 0 : stretch.idle + 1;
      // Nothing is left of this stretch: compaction or a deleted head took what was there.
      stretch.at = stretch.idle >= MOST_IDLE ? end : answer.nextOffset < end ? answer.nextOffset : end;
      if (stretch.idle >= MOST_IDLE) stretch.idle = 0;
    }
  }
}

/** Bytes of key, value and headers. */
export function sizeOf(record: Pick<BrowsedRecord, 'key' | 'value' | 'headers'>): number {
  return (record.value?.length ?? 0) + (record.key?.length ?? 0) + record.headers.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0);
}
