import { WaybillError } from '#lib/errors.ts';
import { readBytes } from '#lib/store/dead-letters/read-row.ts';
import type { Store } from '#lib/store/store.ts';
import { askBroker } from './ask-broker.ts';
import { findDeadLetter } from './get-dead-letter.ts';
import type { WireRecord } from './record-wire.ts';

export interface DeadLetterValue {
  bytes: Buffer;
  source: 'store' | 'broker';
}

/**
 * The bytes of a dead letter's value: from the store, else from the broker where the record still lies there.
 * @throws WaybillError `dead-letter-not-found` 404, `tombstone` 404, `body-expired` 410, or the broker's own
 */
export async function getDeadLetterValue(store: Store, id: string, asker: { principal: string; signal?: AbortSignal }): Promise<DeadLetterValue> {
  const row = await findDeadLetter(store, id);
  if (row.valueBytes === null) throw new WaybillError('tombstone', 'This record has a null value: there are no bytes to read.', { status: 404 });
  const bytes = await readBytes(store, row);
  if (bytes && !bytes.valueByReference) return { bytes: bytes.value ?? Buffer.alloc(0), source: 'store' };
  const gone = new WaybillError('body-expired', 'The stored bytes have expired and the record is no longer on the broker.', { status: 410 });
  if (row.topicDeletedAt) throw gone;
  const parts = (await askBroker(store, {
    clusterId: row.clusterId,
    kind: 'read-message',
    params: { topic: row.topic, partition: row.partition, offset: row.offset.toString(), maxValueBytes: 32 * 1024 * 1024, ...(row.kafkaTopicId.startsWith('generation:') ? {} : { topicId: row.kafkaTopicId }) },
    principal: asker.principal,
    ...(asker.signal ? { signal: asker.signal } : {}),
  }).catch((error: unknown) => {
    throw error instanceof WaybillError && error.code.startsWith('unknown-topic') ? gone : error;
  })) as { record: WireRecord | null }[];
  const record = parts[0]?.record;
  if (!record || record.valueBytes === null) throw gone;
  if (record.valueBase64 === null) throw new WaybillError('value-too-large', 'The value is larger than can be sent here (32 MB).', { status: 413 });
  return { bytes: Buffer.from(record.valueBase64, 'base64'), source: 'broker' };
}
