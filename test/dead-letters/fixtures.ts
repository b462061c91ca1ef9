import { readdirSync } from 'node:fs';
import { decodeDeadLetter } from '#lib/dead-letter/decode.ts';
import { fingerprint } from '#lib/dead-letter/fingerprint.ts';
import { payloadForm } from '#lib/dead-letter/payload-form.ts';
import { registerTopics } from '#lib/store/topics/register-topics.ts';
import { DeadLetterBatch } from '#lib/store/dead-letters/dead-letter-batch.ts';
import { saveDeadLetters } from '#lib/store/dead-letters/save-dead-letters.ts';
import type { Store } from '#lib/store/store.ts';
import { readCorpus, toRaw, type RawRecord } from './write-dead-letters.ts';

export const corpusFiles = readdirSync(new URL('../corpora/dead-letters/', import.meta.url)).filter((name) => name.endsWith('.json') && !name.startsWith('rabbitmq'));

/** Stores records as dead letters of a topic, without a broker. */
export async function storeDeadLetters(store: Store, clusterId: number, topic: string, records: readonly RawRecord[], now = new Date()): Promise<number> {
  const ids = await registerTopics(store, clusterId, [{ name: topic, kafkaTopicId: `id-of-${topic}`, partitionCount: 3, replicationFactor: 1, role: 'dead-letter', roleSource: 'pattern' }], now);
  const topicId = ids.get(topic)!;
  const next = new Map<number, bigint>();
  const [last] = await store.query<{ max: bigint | null }>('select max("offset") as max from dead_letter where topic_id = $1', [topicId]);
  const start = (last?.max ?? -1n) + 1n;
  const batch = new DeadLetterBatch(clusterId, now);
  for (const record of records) {
    const partition = record.partition ?? 0;
    const offset = next.get(partition) ?? start;
    next.set(partition, offset + 1n);
    const decoded = decodeDeadLetter({ topic, timestampMs: record.timestampMs ?? null, headers: record.headers });
    batch.add({ topicId, partition, offset, timestampMs: record.timestampMs ?? null, key: record.key, value: record.value, headers: record.headers, decoded, fingerprint: fingerprint(topic, decoded, payloadForm(record.headers, record.value === null)), traceId: null, replayRef: null, expiresAt: null });
  }
  return saveDeadLetters(store, batch, [...next].map(([partition, offset]) => ({ topicId, partition, nextOffset: offset, lastStableOffset: offset })));
}

/** Every dead letter of the corpora. */
export async function storeCorpora(store: Store, clusterId: number): Promise<number> {
  let count = 0;
  for (const file of corpusFiles) {
    const corpus = readCorpus(file);
    count += await storeDeadLetters(store, clusterId, corpus.dlqTopic, corpus.records.map(toRaw));
  }
  return count;
}

/** One header as the wire has it. */
export function header(name: string, value: string): [Buffer, Buffer] {
  return [Buffer.from(name), Buffer.from(value)];
}
