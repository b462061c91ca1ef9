import { randomUUID } from 'node:crypto';
import { type Admin, type ITopicConfig, Kafka, logLevel } from 'kafkajs';
import { eventually } from './eventually.ts';

/** The Kafka that `npm test` starts, as host:port. */
export function testBrokers(): string[] {
  const brokers = process.env['WAYBILL_TEST_KAFKA'];
  if (!brokers) throw new Error('WAYBILL_TEST_KAFKA is not set: run the tests with `npm test`, which starts a Kafka and sets it.');
  return brokers.split(',');
}

/** Folder of Kafka's own jars, for its command-line tools and small Java programs: `java -cp '<folder>/*' …`. */
export function kafkaLibs(): string {
  const libs = process.env['WAYBILL_TEST_KAFKA_LIBS'];
  if (!libs) throw new Error('WAYBILL_TEST_KAFKA_LIBS is not set: run the tests with `npm test`.');
  return libs;
}

/** A name no other test uses. */
export function uniqueName(stem: string): string {
  return `${stem}-${randomUUID().slice(0, 8)}`;
}

/** Creates a topic through kafkajs, a client that is not the product's own. */
export async function createTopic(name: string, options: { partitions?: number; config?: Record<string, string> } = {}): Promise<string> {
  const admin = new Kafka({ brokers: testBrokers(), clientId: 'waybill-tests', logLevel: logLevel.ERROR }).admin();
  await admin.connect();
  try {
    await createTopics(admin, [{ topic: name, numPartitions: options.partitions ?? 1, replicationFactor: 1, configEntries: Object.entries(options.config ?? {}).map(([key, value]) => ({ name: key, value })) }]);
  } finally {
    await admin.disconnect();
  }
  return name;
}

/** Creates topics and waits until each partition has a leader. kafkajs's own waitForLeaders gives up after a few tries, or at once where a broker has not heard of the topic yet. */
export async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  await admin.createTopics({ waitForLeaders: false, topics: [...topics] });
  await eventually(async () => {
    const { topics: known } = await admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) });
    for (const { topic, numPartitions, replicaAssignment } of topics) {
      const partitions = known.find(({ name }) => name === topic)?.partitions ?? [];
      if (partitions.length !== (replicaAssignment?.length ?? numPartitions ?? 1) || partitions.some((partition) => partition.leader < 0)) throw new Error(`${topic} has no leaders yet`);
    }
  }, { everyMs: 50 });
}
