// Records replayed a second, exactly once, from a stored selection to a ledger that names the place of each: real Kafka, real PostgreSQL.
//   npm run bench replay [--records 100000] [--bytes 500] [--java]
// Claiming, loading bytes, planning headers, transactions with the job's offsets and the ledger are all inside the measured time; planting the
// dead letters is not. Afterwards the target is read back (READ_COMMITTED) and each record must be there once.
// --java runs a plain Java copy loop over the same records beside it (WAYBILL_TEST_KAFKA_LIBS). The last line is JSON.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { headersToStrip } from '#lib/dead-letter/dialects.ts';
import { runReplay } from '#lib/operations/broker/run-replay.ts';
import { acquireReplay } from '#lib/store/replays/hold-replay.ts';
import { testStore } from '#test/harness/database.ts';
import { createTopic, kafkaLibs, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { createJob, plant } from '#test/replay/fixture.ts';
import { databaseCpuMs } from './parts/database-cpu.ts';

const GOAL_PER_SECOND = 10_000;
const PARTITIONS = 4;
const { values } = parseArgs({ options: { records: { type: 'string', default: '100000' }, bytes: { type: 'string', default: '500' }, java: { type: 'boolean', default: false } }, strict: true });
const records = Number(values.records);
const value = Buffer.alloc(Number(values.bytes), 'x');

const hooks: (() => Promise<unknown>)[] = [];
const store = await testStore({ after: (hook: unknown) => void hooks.push(hook as () => Promise<unknown>) }, { poolSize: 8 });
try {
  const headers: [Buffer, Buffer][] = ['correlation-id', 'content-type', 'kafka_dlt-exception-message', 'traceparent'].map((name) => [Buffer.from(name), Buffer.from(`${name} of a usual length, 00-4bf92f3577b34da6a3ce929d0e0e4736`)]);
  const planted = await plant(store, { count: records, dlqPartitions: PARTITIONS, targetPartitions: PARTITIONS, letter: () => ({ value, headers }) });
  await store.execute('analyze');
  const replayId = await createJob(store, planted);
  const broker = createKafkaBroker(openKafka({ name: 'bench', brokers: testBrokers() }, { clientId: 'bench-replay' }));
  hooks.push(() => broker.close());
  const job = await acquireReplay(store, { holder: 'bench', leaseMs: 15_000, clusterIds: [planted.clusterId], except: [] });
  assert.ok(job);

  const cpuBefore = process.cpuUsage();
  const databaseBefore = await databaseCpuMs(store);
  const startedAt = performance.now();
  const end = await runReplay({ store, broker, holder: 'bench', leaseMs: 15_000, transactionTimeoutMs: 60_000, scanTimeoutMs: 30_000, chunkSize: 10_000, batchSize: 2_000, headersToStrip, signal: new AbortController().signal }, job);
  const ms = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  const databaseAfter = await databaseCpuMs(store);
  assert.equal(end, 'finished');

  const [ledger] = await store.query<{ sent: bigint; placed: bigint }>(`select count(*) filter (where state = 'sent') as sent, count(distinct (sent_partition, sent_offset)) as placed from replay_item where replay_id = $1`, [replayId]);
  assert.deepEqual(ledger, { sent: BigInt(records), placed: BigInt(records) });
  const scan = await broker.scanForReplay({ replayId, from: Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: planted.target, partition, offset: 0n })), timeoutMs: 120_000 }, new AbortController().signal);
  assert.deepEqual([scan.complete, scan.found.size, scan.doubled], [true, records, []]);

  let java: { perSecond: number } | null = null;
  if (values.java) {
    const copy = await createTopic(uniqueName('copy'), { partitions: PARTITIONS });
    const { stdout } = await promisify(execFile)('java', ['-cp', `${kafkaLibs()}/*`, fileURLToPath(new URL('parts/ReplayCopy.java', import.meta.url)), testBrokers().join(','), planted.target, copy], { timeout: 300_000 });
    const [count, javaMs] = stdout.trim().split('\n').at(-1)!.split(' ').map(Number) as [number, number];
    assert.equal(count, records);
    java = { perSecond: Math.round((count * 1_000) / javaMs) };
  }
  const perSecond = Math.round((records * 1_000) / ms);
  console.log(
    JSON.stringify({
      bench: 'replay',
      perSecond,
      goalPerSecond: GOAL_PER_SECOND,
      reached: perSecond >= GOAL_PER_SECOND,
      records,
      valueBytes: value.length,
      ms: Math.round(ms),
      ownCpuMicrosPerRecord: Number(((cpu.user + cpu.system) / records).toFixed(1)),
      databaseCpuMicrosPerRecord: databaseBefore === null || databaseAfter === null ? null : Number((((databaseAfter - databaseBefore) * 1_000) / records).toFixed(1)),
      rssMb: Math.round(process.memoryUsage.rss() / 1e6),
      ...(java ? { javaCopyPerSecond: java.perSecond, shareOfJavaCopy: Number((perSecond / java.perSecond).toFixed(2)) } : {}),
    }),
  );
} finally {
  for (const hook of hooks.reverse()) await hook();
}
