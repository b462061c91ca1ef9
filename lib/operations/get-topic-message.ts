import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import type { Store } from '#lib/store/store.ts';
import { askBroker } from './ask-broker.ts';
import { refuseMasked } from './get-dead-letter-value.ts';
import { findTopic } from './find-topic.ts';
import { messageSchema, type MessageWire } from './message-shape.ts';

export const messageParamsSchema = z.object({ cluster: z.string(), topic: z.string().max(249), partition: z.coerce.number().int().min(0), offset: z.string().regex(/^\d{1,19}$/) });
export const getTopicMessageResponseSchema = z.object({ message: messageSchema });

const MOST_VALUE_BYTES = 32 * 1024 * 1024;

/** One message with up to `maxValueBytes` of its value (the size is told in any case), also where its transaction was aborted. */
export async function getTopicMessage(store: Store, input: { cluster: string; topic: string; partition: number; offset: string; maxValueBytes?: number; principal: string; signal?: AbortSignal }): Promise<{ message: MessageWire }> {
  const topic = await findTopic(store, input);
  const [part] = (await askBroker(store, {
    clusterId: topic.clusterId,
    kind: 'read-topic-message',
    params: { topic: input.topic, partition: input.partition, offset: input.offset, maxValueBytes: input.maxValueBytes ?? 1_048_576 },
    principal: input.principal,
    ...(input.signal ? { signal: input.signal } : {}),
  })) as { message: MessageWire | null }[];
  if (!part?.message) throw new WaybillError('message-not-found', `There is no message at ${input.topic}:${input.partition}@${input.offset}: it has expired, was compacted away, or was never written.`, { status: 404 });
  return { message: part.message };
}

/**
 * The bytes of a message's value, with the fields that rules hide masked.
 * @throws WaybillError `message-not-found`, `tombstone` 404, `value-masked` 403, `value-too-large` 413, or the broker's own
 */
export async function getTopicMessageValue(store: Store, input: { cluster: string; topic: string; partition: number; offset: string; principal: string; signal?: AbortSignal }): Promise<Buffer> {
  const { message } = await getTopicMessage(store, { ...input, maxValueBytes: MOST_VALUE_BYTES });
  if (message.valueBase64 === null || message.valueBytes === null) throw new WaybillError('tombstone', 'This record has a null value: there are no bytes to read.', { status: 404 });
  // Through its schema fields may be told; its bytes are not.
  if (message.value !== null && message.masked?.value) refuseMasked({ ...message.masked, value: 'whole' });
  refuseMasked(message.masked);
  if (message.valueBytes > MOST_VALUE_BYTES) throw new WaybillError('value-too-large', 'The value is larger than can be sent here (32 MB).', { status: 413 });
  return Buffer.from(message.valueBase64, 'base64');
}
