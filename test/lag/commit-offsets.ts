import type { TestContext } from 'node:test';
import { offsetCommitV9, Producer } from '@platformatic/kafka';
import { type Kafka, openKafka } from '#lib/brokers/kafka/connect.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { eventually } from '#test/harness/eventually.ts';

/** A client of the test cluster, closed at the end of the test. */
export function testKafka(t: Pick<TestContext, 'after'>): Kafka {
  const kafka = openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'waybill-lag-tests' });
  t.after(() => kafka.close());
  return kafka;
}

/** Commits offsets for a group without joining it, as `kafka-consumer-groups --reset-offsets` does. */
export async function commitOffsets(kafka: Kafka, group: string, topic: string, offsets: ReadonlyMap<number, bigint>): Promise<void> {
  // A broker that has just started loads its coordinators at the first use and refuses until it has.
  await eventually(async () => {
    const { connection } = await kafka.connections.coordinator('group', group);
    await offsetCommitV9.api.async(connection, group, -1, '', null, [
      { name: topic, partitions: [...offsets].map(([partitionIndex, committedOffset]) => ({ partitionIndex, committedOffset, committedLeaderEpoch: -1, committedMetadata: '' })) },
    ]);
  });
}

/** A producer of the test cluster, closed at the end of the test. */
export function testProducer(t: Pick<TestContext, 'after'>, options: { transactionalId?: string; transactionTimeoutMs?: number } = {}): Producer<string, string, string, string> {
  const producer = new Producer<string, string, string, string>({
    clientId: 'waybill-lag-tests',
    bootstrapBrokers: testBrokers(),
    serializers: { key: (text) => Buffer.from(text ?? ''), value: (text) => Buffer.from(text ?? ''), headerKey: (text) => Buffer.from(text ?? ''), headerValue: (text) => Buffer.from(text ?? '') },
    // Without these the library asks to go on as producer 0, which the broker fences after a crash.
    ...(options.transactionalId ? { transactionalId: options.transactionalId, idempotent: true, producerId: -1n, producerEpoch: -1, retries: 50, retryDelay: 20, timeout: options.transactionTimeoutMs ?? 60_000 } : {}),
  });
  t.after(() => producer.close(true));
  return producer;
}

/** `count` records to one partition. */
export async function produce(producer: Producer<string, string, string, string>, topic: string, partition: number, count: number): Promise<void> {
  await producer.send({ messages: Array.from({ length: count }, (_, i) => ({ topic, partition, key: `k${i}`, value: `v${i}` })) });
}
