import type { Kafka } from './connect.ts';
import { fetchRecords } from './fetch-records.ts';
import type { BrokerRecord, ReadOptions } from '../port-records.ts';
import type { BrokerFailure } from '../port-offsets.ts';

/** Reads one record at its coordinate; null where nothing (that a committed reader may see) lies there. */
export async function readMessage(kafka: Kafka, at: { topic: string; topicId?: string | null; partition: number; offset: bigint }, options: ReadOptions = {}): Promise<{ record: BrokerRecord | null; failure: BrokerFailure | null }> {
  // One byte is enough: the broker always sends the whole batch that holds the offset.
  const [answer] = await fetchRecords(kafka, [{ ...at, topicId: at.topicId ?? null }], { ...options, partitionMaxBytes: 1, maxBytes: 1 });
  if (!answer) return { record: null, failure: { code: 'no-answer', message: 'The broker did not answer for this partition.', retryable: true } };
  if (answer.failure?.code === 'offset-out-of-range') return { record: null, failure: null };
  return { record: answer.records.find((record) => record.offset === at.offset) ?? null, failure: answer.failure };
}
