import { readFileSync } from 'node:fs';
import { Producer, ProduceAcks } from '@platformatic/kafka';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';

export interface CorpusRecord {
  topic: string;
  partition: number;
  timestamp: number;
  keyBase64: string | null;
  valueBase64: string | null;
  headers: [string, string | null][];
  scenario: string;
  kind?: 'retry';
  expected: Record<string, string | number | boolean | null>;
}

export interface RawRecord {
  partition?: number;
  timestampMs?: bigint;
  key: Buffer | null;
  value: Buffer | null;
  headers: [Buffer, Buffer | null][];
}

const decode = (text: string | null) => (text === null ? null : Buffer.from(text, 'base64'));

/** The dead letters (not the retries) of one file of the corpora. */
export function readCorpus(file: string): { dlqTopic: string; records: CorpusRecord[] } {
  const corpus = JSON.parse(readFileSync(new URL(`../corpora/dead-letters/${file}`, import.meta.url), 'utf8')) as { dlqTopic: string; records: CorpusRecord[] };
  return { dlqTopic: corpus.dlqTopic, records: corpus.records.filter((record) => record.kind !== 'retry') };
}

export function toRaw(record: CorpusRecord): RawRecord {
  return { partition: record.partition, timestampMs: BigInt(record.timestamp), key: decode(record.keyBase64), value: decode(record.valueBase64), headers: record.headers.map(([name, value]) => [Buffer.from(name), decode(value)]) };
}

/** A topic of its own whose name still looks like `dlqTopic`; keeps old and future timestamps. */
export async function createDlqTopic(dlqTopic: string, options: { partitions?: number; config?: Record<string, string> } = {}): Promise<string> {
  const name = dlqTopic.startsWith('dead-letter-topic-') ? `dead-letter-topic-${uniqueName('in')}` : `${uniqueName('t')}.${dlqTopic}`;
  return createTopic(name, { partitions: options.partitions ?? 3, config: { 'retention.ms': '-1', 'message.timestamp.after.max.ms': '9223372036854775807', ...options.config } });
}

/** Writes records byte for byte, headers in order with repeats and nulls. */
export async function writeRecords(topic: string, records: readonly RawRecord[]): Promise<void> {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ clientId: 'write-dead-letters', bootstrapBrokers: testBrokers(), autocreateTopics: false });
  try {
    // One by one: offsets are then in order within a partition whatever the client groups.
    for (const record of records) {
      await producer.send({
        acks: ProduceAcks.ALL,
        messages: [{ topic, partition: record.partition ?? 0, key: record.key, value: record.value, headers: new Map(record.headers), ...(record.timestampMs === undefined ? {} : { timestamp: record.timestampMs }) } as never],
      });
    }
  } finally {
    await producer.close();
  }
}
