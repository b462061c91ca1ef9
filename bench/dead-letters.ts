// Dead letters indexed a second: decode, fingerprint and store rows of 500-byte values, from a real broker into a real PostgreSQL.
// node bench/dead-letters.ts [records]   needs WAYBILL_TEST_KAFKA and WAYBILL_TEST_DATABASE_URL; prints one JSON line last.
import { randomBytes } from 'node:crypto';
import { Producer } from '@platformatic/kafka';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { decodeDeadLetter } from '#lib/dead-letter/decode.ts';
import { fingerprint } from '#lib/dead-letter/fingerprint.ts';
import { payloadForm } from '#lib/dead-letter/payload-form.ts';
import { ingestDeadLetters } from '#lib/operations/broker/ingest-dead-letters.ts';
import { testStore } from '#test/harness/database.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';

const RECORDS = Number(process.argv[2] ?? 100_000);
const BATCH = 1_000;
const PARTITIONS = 6;
const GOAL_PER_SECOND = 50_000;

const hooks: (() => unknown)[] = [];
const store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
const broker = createKafkaBroker(openKafka({ name: 'bench', brokers: testBrokers() }, { clientId: 'bench-dead-letters' }));
try {
  const topic = await createTopic(uniqueName('bench-dlq'), { partitions: PARTITIONS });
  const value = randomBytes(250).toString('hex');
  const stack = `CardDeclinedError: card was declined\n${'    at charge (/srv/payment/charge.js:31:11)\n'.repeat(3)}${'    at run (/srv/node_modules/kafkajs/src/consumer/runner.js:231:20)\n'.repeat(6)}`;
  const headersOf = (n: number): [Buffer, Buffer][] => Object.entries({ 'correlation-id': `chk-${n}`, 'original-topic': 'orders', 'original-partition': String(n % 3), 'original-offset': String(n), 'original-timestamp': '1795228123425', 'consumer-group': 'payment', 'retry-count': '3', error: `card of order ${n} was declined`, 'error-name': 'CardDeclinedError', 'error-stack': stack }).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]);
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ clientId: 'bench', bootstrapBrokers: testBrokers(), autocreateTopics: false });
  for (let at = 0; at < RECORDS; at += BATCH) {
    await producer.send({ messages: Array.from({ length: Math.min(BATCH, RECORDS - at) }, (_, index) => ({ topic, partition: (at + index) % PARTITIONS, key: Buffer.from(`k${at + index}`), value: Buffer.from(value), headers: new Map(headersOf(at + index)) })) });
  }
  await producer.close();
  console.log(`${RECORDS} dead letters of ${value.length} bytes written`);

  // What decoding alone costs, to see where the limit lies.
  const sample = headersOf(7);
  const decodeStart = performance.now();
  for (let n = 0; n < 20_000; n++) fingerprint(topic, decodeDeadLetter({ topic, timestampMs: 1n, headers: sample }), payloadForm(sample, false));
  const decodePerSecond = Math.round(20_000 / ((performance.now() - decodeStart) / 1_000));

  const cluster = await store.prisma.cluster.create({ data: { name: 'bench', kafkaClusterId: 'bench' } });
  const started = performance.now();
  const figures = await ingestDeadLetters({ store, broker, clusterId: cluster.id, isDeadLetterTopic: (name) => name === topic, isRetryTopic: () => false, roleSource: 'configuration', now: () => new Date(), signal: new AbortController().signal, maxRunMs: 600_000 });
  const seconds = (performance.now() - started) / 1_000;
  const perSecond = Math.round(figures.stored / seconds);
  console.log(JSON.stringify({ bench: 'dead-letters', records: figures.stored, seconds: Number(seconds.toFixed(2)), indexedPerSecond: perSecond, decodedAndFingerprintedPerSecond: decodePerSecond, goalPerSecond: GOAL_PER_SECOND, rssMb: Math.round(process.memoryUsage.rss() / 1e6) }));
} finally {
  await broker.close();
  for (const hook of hooks) await hook();
}
