import { WaybillError } from '#lib/errors.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { maskRecord, type MaskedParts } from '#lib/masking/mask-record.ts';
import { readBytes } from '#lib/store/dead-letters/read-row.ts';
import type { Store } from '#lib/store/store.ts';
import { askBroker } from './ask-broker.ts';
import { findDeadLetter } from './get-dead-letter.ts';
import { firstBytesOf, type WireRecord } from './record-wire.ts';

export interface DeadLetterValue {
  bytes: Buffer;
  source: 'store' | 'broker';
  /** Fields of it are masked: these are not the record's own bytes. */
  masked: boolean;
  /** Of the whole value, as it lies in the record. */
  valueBytes: number;
}

/**
 * The bytes of a dead letter's value (or the beginning of them), with the fields that rules hide masked: from the store, else from the broker where the record still lies there.
 * @throws WaybillError `dead-letter-not-found` 404, `tombstone` 404, `value-masked` 403, `body-expired` 410, or the broker's own
 */
export async function getDeadLetterValue(store: Store, id: string, asker: { principal: string; masking: Masking; firstBytes?: number; signal?: AbortSignal }): Promise<DeadLetterValue> {
  const row = await findDeadLetter(store, id);
  if (row.valueBytes === null) throw new WaybillError('tombstone', 'This record has a null value: there are no bytes to read.', { status: 404 });
  const bytes = await readBytes(store, row);
  if (bytes && !bytes.valueByReference) {
    const { value, masked } = maskRecord({ key: null, value: bytes.value, headers: [] }, asker.masking.of(row.topic, row.originTopic), true);
    refuseMasked(masked);
    return { bytes: Buffer.from(asker.firstBytes === undefined ? (value ?? []) : firstBytesOf(value ?? Buffer.alloc(0), asker.firstBytes)), source: 'store', masked: masked !== null, valueBytes: row.valueBytes };
  }
  const gone = new WaybillError('body-expired', 'The stored bytes have expired and the record is no longer on the broker.', { status: 410 });
  if (row.topicDeletedAt) throw gone;
  const parts = (await askBroker(store, {
    clusterId: row.clusterId,
    kind: 'read-message',
    params: { topic: row.topic, partition: row.partition, offset: row.offset.toString(), maxValueBytes: 32 * 1024 * 1024, ...(asker.firstBytes === undefined ? {} : { firstBytes: asker.firstBytes }), ...(row.kafkaTopicId.startsWith('generation:') ? {} : { topicId: row.kafkaTopicId }) },
    principal: asker.principal,
    ...(asker.signal ? { signal: asker.signal } : {}),
  }).catch((error: unknown) => {
    throw error instanceof WaybillError && error.code.startsWith('unknown-topic') ? gone : error;
  })) as { record: WireRecord | null }[];
  const record = parts[0]?.record;
  if (!record || record.valueBytes === null) throw gone;
  refuseMasked(record.masked);
  if (record.valueBase64 === null) throw new WaybillError('value-too-large', 'The value is larger than can be sent here (32 MB).', { status: 413 });
  return { bytes: Buffer.from(record.valueBase64, 'base64'), source: 'broker', masked: record.masked?.value === 'parts', valueBytes: record.valueBytes };
}

/** Refuses a value that is hidden whole: bytes that say "[masked]" would be taken for the record's. @throws WaybillError `value-masked` 403 */
export function refuseMasked(masked: MaskedParts | null): void {
  if (masked?.value === 'whole') throw new WaybillError('value-masked', `This value is hidden by a masking rule of the configuration. ${masked.reason ?? ''}`.trim(), { status: 403 });
}
