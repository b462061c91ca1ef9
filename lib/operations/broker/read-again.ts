import type { BrokerRecord, RecordsPort } from '#lib/brokers/port-records.ts';

/** A dead letter whose value stayed with the broker, and the incarnation of its topic. */
export interface LetterAtBroker {
  dlqTopic: string;
  /** Of the topic row: Kafka's id, or "generation:…" where the broker gives none. */
  kafkaTopicId: string;
  partition: number;
  offset: bigint;
}

/**
 * Reads a dead letter once more from where it was first seen. Only of the same incarnation of its topic: after a deletion the same offset of the new one
 * holds somebody else's record. null: it is gone.
 * @throws where it cannot be read now
 */
export async function readAgain(broker: Pick<RecordsPort, 'readMessage'>, letter: LetterAtBroker, signal?: AbortSignal): Promise<BrokerRecord | null> {
  const { dlqTopic: topic, kafkaTopicId, partition, offset } = letter;
  const { record, failure } = await broker.readMessage({ topic, topicId: kafkaTopicId.startsWith('generation:') ? null : kafkaTopicId, partition, offset }, signal ? { signal } : {});
  if (failure && !failure.code.startsWith('unknown-topic')) throw new Error(`${topic} partition ${partition} offset ${offset} cannot be read again: ${failure.message}`);
  return record;
}
