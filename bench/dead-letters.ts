// Dead letters indexed a second: decode, fingerprint and store rows of 500-byte values, from a real broker into a real PostgreSQL. Beside it what
// each half reaches alone, and what both cost: the whole cannot be faster than the slower half, nor than all cores for the sum of the costs.
// node bench/dead-letters.ts [records]   needs WAYBILL_TEST_KAFKA and WAYBILL_TEST_DATABASE_URL; prints one JSON line last.
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Producer } from '@platformatic/kafka';
import { decodeDeadLetter } from '#lib/dead-letter/decode.ts';
import { fingerprint } from '#lib/dead-letter/fingerprint.ts';
import { payloadForm } from '#lib/dead-letter/payload-form.ts';
import { DeadLetterBatch } from '#lib/store/dead-letters/dead-letter-batch.ts';
import { saveDeadLetters } from '#lib/store/dead-letters/save-dead-letters.ts';
import { registerTopics } from '#lib/store/topics/register-topics.ts';
import { testStore } from '#test/harness/database.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { inMeasuredProcess } from './parts/measured-process.ts';
import type { IngestReport, IngestRequest } from './parts/ingest-dead-letters.ts';

const RECORDS = Number(process.argv[2] ?? 100_000);
const BATCH = 1_000;
const ALONE = 20_000;
const PARTITIONS = 6;
const GOAL_PER_SECOND = 50_000;
const GOAL_RSS_MB = 300;

const hooks: (() => unknown)[] = [];
const store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
try {
  const topic = await createTopic(uniqueName('bench-dlq'), { partitions: PARTITIONS });
  const value = Buffer.from(randomBytes(250).toString('hex'));
  const stack = `CardDeclinedError: card was declined\n${'    at charge (/srv/payment/charge.js:31:11)\n'.repeat(3)}${'    at run (/srv/node_modules/kafkajs/src/consumer/runner.js:231:20)\n'.repeat(6)}`;
  const headersOf = (n: number): [Buffer, Buffer][] => Object.entries({ 'correlation-id': `chk-${n}`, 'original-topic': 'orders', 'original-partition': String(n % 3), 'original-offset': String(n), 'original-timestamp': '1795228123425', 'consumer-group': 'payment', 'retry-count': '3', error: `card of order ${n} was declined`, 'error-name': 'CardDeclinedError', 'error-stack': stack }).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]);
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ clientId: 'bench', bootstrapBrokers: testBrokers(), autocreateTopics: false });
  for (let at = 0; at < RECORDS; at += BATCH) {
    await producer.send({ messages: Array.from({ length: Math.min(BATCH, RECORDS - at) }, (_, index) => ({ topic, partition: (at + index) % PARTITIONS, key: Buffer.from(`k${at + index}`), value, headers: new Map(headersOf(at + index)) })) });
  }
  await producer.close();
  console.log(`${RECORDS} dead letters of ${value.length} bytes written`);

  const cluster = await store.prisma.cluster.create({ data: { name: 'bench', kafkaClusterId: 'bench' } });
  await store.execute('checkpoint').catch(() => undefined); // each run starts at the same place; only an owner of the database may
  const report = await inMeasuredProcess<IngestReport>('./ingest-dead-letters.ts', { brokers: testBrokers(), databaseUrl: store.databaseUrl, clusterId: cluster.id, topic } satisfies IngestRequest);
  const indexed = Math.round(report.stored / report.seconds);

  // What this process reaches without the database, and the database without this process' decoding: the rows are written down before the clock starts.
  const read = Array.from({ length: ALONE }, (_, n) => headersOf(RECORDS + n));
  const decodeStart = performance.now();
  const decoded = read.map((headers) => {
    const letter = decodeDeadLetter({ topic, timestampMs: 1n, headers });
    return { headers, decoded: letter, fingerprint: fingerprint(topic, letter, payloadForm(headers, false)) };
  });
  const decodeSeconds = (performance.now() - decodeStart) / 1_000;
  const topicId = (await registerTopics(store, cluster.id, [{ name: uniqueName('alone-dlq'), kafkaTopicId: 'alone', partitionCount: 1, replicationFactor: 1, role: 'dead-letter', roleSource: 'configuration' }], new Date())).values().next().value!;
  const batches = Array.from({ length: ALONE / BATCH }, (_, at) => {
    const batch = new DeadLetterBatch(cluster.id, new Date());
    for (const [index, letter] of decoded.slice(at * BATCH, (at + 1) * BATCH).entries()) batch.add({ topicId, partition: 0, offset: BigInt(at * BATCH + index), timestampMs: 1_795_228_123_425n, key: Buffer.from(`k${index}`), value, traceId: null, replayRef: null, expiresAt: null, ...letter });
    return batch;
  });
  const storeStart = performance.now();
  for (const batch of batches) await saveDeadLetters(store, batch, [{ topicId, partition: 0, nextOffset: batch.rows.at(-1)!.offset + 1n, lastStableOffset: null }]);
  const storeSeconds = (performance.now() - storeStart) / 1_000;

  const own = (report.ownCpuMs * 1_000) / report.stored;
  const database = report.databaseCpuMs === null ? null : (report.databaseCpuMs * 1_000) / report.stored;
  console.log(
    JSON.stringify({
      bench: 'dead-letters',
      records: report.stored,
      seconds: Number(report.seconds.toFixed(2)),
      indexedPerSecond: indexed,
      goalPerSecond: GOAL_PER_SECOND,
      reached: indexed >= GOAL_PER_SECOND,
      decodedAndFingerprintedPerSecond: Math.round(ALONE / decodeSeconds),
      storedAlonePerSecond: Math.round(ALONE / storeSeconds),
      ownCpuMicrosPerRecord: Number(own.toFixed(1)),
      databaseCpuMicrosPerRecord: database === null ? null : Number(database.toFixed(1)),
      // With every core for these two and nothing else: no fsync, no broker, no other process.
      atMostPerSecondByCpu: database === null ? null : Math.round(Math.min(1e6 / Math.max(own, database), (availableParallelism() * 1e6) / (own + database))),
      walBytesPerRecord: Math.round(report.walBytes / report.stored),
      peakRssMb: report.peakRssMb,
      rssGoalMb: GOAL_RSS_MB,
    }),
  );
} finally {
  for (const hook of hooks) await hook();
}
