import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { Kafka, logLevel, type Admin, type KafkaMessage, type Producer } from 'kafkajs';
import { TOPICS, topicName, type Topic } from '#demo/shop/topics.ts';
import { eventually } from '#test/harness/eventually.ts';
import { testBrokers, uniqueName } from '#test/harness/kafka.ts';

export type Seen = KafkaMessage & { topic: Topic; partition: number };

export interface RunningShop {
  url: string;
  prefix: string;
  process: ChildProcess;
  admin: Admin;
  producer: Producer;
  /** Everything read so far from a topic, in order of arrival. */
  seen(topic: Topic): Seen[];
  setFault(name: string, on: boolean): Promise<void>;
  checkOut(): Promise<{ correlationId: string; cartId: string }>;
  api(method: string, path: string, options?: { body?: string; headers?: Record<string, string> }): Promise<Response>;
}

const MAIN = new URL('../../demo/shop/main.ts', import.meta.url);

/** Starts a shop with topics, groups and a port of its own, and a reader of all its topics; `atEnd` is given what ends them. It sells only what a test asks for, and nothing fails by accident. */
export async function startShop(atEnd: (ending: () => Promise<void>) => void, env: Record<string, string> = {}): Promise<RunningShop> {
  const prefix = `${uniqueName('shop')}.`;
  const shop = fork(MAIN, [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      KAFKA_BROKERS: testBrokers().join(','),
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      SHOP_PORT: '0',
      SHOP_RATE: '0',
      SHOP_ACCIDENTS: 'off',
      SHOP_SEED: 'test',
      SHOP_RETRY_BACKOFF_MS: '100,200',
      SHOP_TOPIC_PREFIX: prefix,
      SHOP_GROUP_PREFIX: prefix,
      ...env,
    },
  });
  let output = '';
  for (const stream of [shop.stdout, shop.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const kafka = new Kafka({ brokers: testBrokers(), clientId: 'shop-test', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  const group = uniqueName('shop-test');
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100, maxBytesPerPartition: 4 * 1024 * 1024 });
  atEnd(async () => {
    shop.kill('SIGTERM');
    await eventually(() => assert.ok(shop.exitCode !== null || shop.signalCode !== null));
    await Promise.all([consumer.disconnect(), producer.disconnect()]);
    await admin.deleteTopics({ topics: (Object.keys(TOPICS) as Topic[]).map((topic) => topicName(topic, prefix)) }).catch(() => undefined);
    await admin.disconnect();
  });

  await eventually(
    () => {
      assert.equal(shop.exitCode, null, output);
      assert.match(output, /^shop: open$/m);
    },
    { timeoutMs: 60_000 },
  );
  const url = /control on (http:\S+)/.exec(output)![1]!;
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  const topics = new Map((Object.keys(TOPICS) as Topic[]).map((topic) => [topicName(topic, prefix), topic]));
  const records: Seen[] = [];
  await consumer.subscribe({ topics: [...topics.keys()], fromBeginning: true });
  await consumer.run({ eachMessage: async ({ topic, partition, message }) => void records.push({ ...message, topic: topics.get(topic)!, partition }) });

  const api: RunningShop['api'] = (method, path, { body, headers } = {}) => fetch(url + path, { method, ...(body === undefined ? {} : { body }), headers: { 'content-type': 'application/json', ...headers } });
  return {
    url,
    prefix,
    process: shop,
    admin,
    producer,
    seen: (topic) => records.filter((record) => record.topic === topic),
    setFault: async (name, on) => {
      const response = await api('PUT', `/api/faults/${name}`, { body: JSON.stringify({ on }) });
      assert.equal(response.status, 200, await response.text());
    },
    checkOut: async () => {
      const response = await api('POST', '/api/checkouts', { body: '{}' });
      assert.equal(response.status, 201);
      return (await response.json()) as { correlationId: string; cartId: string };
    },
    api,
  };
}

export function header(record: KafkaMessage | undefined, name: string): Buffer | undefined {
  const value = record?.headers?.[name];
  return Array.isArray(value) ? Buffer.from(value.at(-1) ?? '') : value === undefined ? undefined : Buffer.from(value);
}

export function withHeader(records: Seen[], name: string, value: string): Seen[] {
  return records.filter((record) => header(record, name)?.toString() === value);
}
