// Records replayed a second, exactly once, from a stored selection to a ledger that names the place of each: real Kafka, real PostgreSQL.
//   npm run bench replay [--records 100000] [--bytes 500] [--selection 1000000] [--java]
// Claiming, loading bytes, planning headers, transactions with the job's offsets and the ledger are all inside the measured time; planting the
// dead letters is not. Afterwards the target is read back (READ_COMMITTED) and each record must be there once.
// The worker is a process of its own, with the collectors' settings: its peak memory is what a replay takes. Before that a job over a large selection is
// asked for as the API does, and started until its first transaction is committed (--selection 0 leaves this out).
// --java runs a plain Java copy loop over the same records beside it (WAYBILL_TEST_KAFKA_LIBS). The last line is JSON.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { replayDeadLetters } from '#lib/operations/replay-dead-letters.ts';
import { replayRequestSchema } from '#lib/operations/replay-wire.ts';
import { recount } from '#lib/store/dead-letters/add-counts.ts';
import { testStore } from '#test/harness/database.ts';
import { createTopic, kafkaLibs, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { createJob, plant } from '#test/replay/fixture.ts';
import { inMeasuredProcess } from './parts/measured-process.ts';
import type { RunReport, RunRequest } from './parts/run-replay.ts';

const GOAL_PER_SECOND = 30_000;
const GOAL_FIRST_SENT_MS = 2_000;
const GOAL_RSS_MB = 300;
const PARTITIONS = 4;
const { values } = parseArgs({ options: { records: { type: 'string', default: '100000' }, bytes: { type: 'string', default: '500' }, selection: { type: 'string', default: '1000000' }, java: { type: 'boolean', default: false } }, strict: true });
const records = Number(values.records);
const selection = Number(values.selection);
const value = Buffer.alloc(Number(values.bytes), 'x');

const hooks: (() => Promise<unknown>)[] = [];
const store = await testStore({ after: (hook: unknown) => void hooks.push(hook as () => Promise<unknown>) }, { poolSize: 8 });

/** A job over `rows` dead letters, until its first transaction is committed. Only the first chunk has bytes: nothing else is sent. */
async function startLarge(rows: number): Promise<RunReport & { askMs: number }> {
  const planted = await plant(store, { count: 0, dlqPartitions: PARTITIONS, targetPartitions: PARTITIONS });
  const at = [planted.dlqTopicId, PARTITIONS, rows - 1];
  await store.execute(
    `insert into dead_letter (topic_id, partition, "offset", cluster_id, origin_topic, origin_partition, origin_offset, error_class, error_message, error_stack, failure_id, value_bytes, header_count, body_day)
     select $1, n % $2, n / $2, $4, $5, n % $2, n, 'CardDeclinedError', 'card of order ' || n || ' was declined', repeat('    at charge (/srv/payment/charge.js:31:11)\n', 12), 'bench-' || n % 10, 500, 1, current_date from generate_series(0, $3::int) as n`,
    [...at, planted.clusterId, planted.target],
  );
  await store.execute(
    `insert into dead_letter_body (day, topic_id, partition, "offset", key, value, header_names, header_values)
     select current_date, $1, n % $2, n / $2, null, convert_to(repeat('x', 500), 'utf8'), array['correlation-id'::bytea], array[convert_to('order-' || n, 'utf8')] from generate_series(0, least($3::int, 48000)) as n`,
    at,
  );
  await store.execute(
    `insert into failure (id, cluster_id, version, sample_topic_id, sample_partition, sample_offset, count, first_seen_at, last_seen_at) select failure_id, $2, 3, $1, 0, 0, count(*), now(), now() from dead_letter where topic_id = $1 group by 1`,
    [planted.dlqTopicId, planted.clusterId],
  );
  await recount(store);
  await store.execute('analyze');
  await store.prisma.cluster.count(); // a web process has asked its store before
  const askedAt = performance.now();
  await replayDeadLetters(store, { principal: { name: 'bench' }, body: replayRequestSchema.parse({ reason: 'a bench', selection: { filter: { topic: planted.dlq } } }), idempotencyKey: null, approval: { policy: { kind: 'none' }, forMs: 1 } });
  const askMs = performance.now() - askedAt;
  const report = await inMeasuredProcess<RunReport>('./run-replay.ts', { brokers: testBrokers(), databaseUrl: store.databaseUrl, clusterId: planted.clusterId, onlyFirst: true } satisfies RunRequest);
  await store.execute(`update replay set state = 'cancelled' where cluster_id = $1`, [planted.clusterId]);
  return { ...report, askMs };
}

try {
  const large = selection > 0 ? await startLarge(selection) : null;
  const headers: [Buffer, Buffer][] = ['correlation-id', 'content-type', 'kafka_dlt-exception-message', 'traceparent'].map((name) => [Buffer.from(name), Buffer.from(`${name} of a usual length, 00-4bf92f3577b34da6a3ce929d0e0e4736`)]);
  const planted = await plant(store, { count: records, dlqPartitions: PARTITIONS, targetPartitions: PARTITIONS, letter: () => ({ value, headers }) });
  await store.execute('analyze');
  const replayId = await createJob(store, planted);
  const report = await inMeasuredProcess<RunReport>('./run-replay.ts', { brokers: testBrokers(), databaseUrl: store.databaseUrl, clusterId: planted.clusterId, onlyFirst: false } satisfies RunRequest);
  assert.equal(report.end, 'finished');

  const [ledger] = await store.query<{ sent: bigint; placed: bigint }>(`select count(*) filter (where state = 'sent') as sent, count(distinct (sent_partition, sent_offset)) as placed from replay_item where replay_id = $1`, [replayId]);
  assert.deepEqual(ledger, { sent: BigInt(records), placed: BigInt(records) });
  const broker = createKafkaBroker(openKafka({ name: 'bench', brokers: testBrokers() }, { clientId: 'bench-replay' }));
  hooks.push(() => broker.close());
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
  const perSecond = Math.round((records * 1_000) / report.ms);
  console.log(
    JSON.stringify({
      bench: 'replay',
      perSecond,
      goalPerSecond: GOAL_PER_SECOND,
      reached: perSecond >= GOAL_PER_SECOND,
      records,
      valueBytes: value.length,
      ms: Math.round(report.ms),
      ownCpuMicrosPerRecord: Number(((report.ownCpuMs * 1_000) / records).toFixed(1)),
      databaseCpuMicrosPerRecord: report.databaseCpuMs === null ? null : Number(((report.databaseCpuMs * 1_000) / records).toFixed(1)),
      peakRssMb: Math.max(report.peakRssMb, large?.peakRssMb ?? 0),
      rssGoalMb: GOAL_RSS_MB,
      ...(large ? { selection, askMs: Math.round(large.askMs), firstSentMs: large.firstSentMs === null ? null : Math.round(large.askMs + large.firstSentMs), firstSentGoalMs: GOAL_FIRST_SENT_MS } : {}),
      ...(java ? { javaCopyPerSecond: java.perSecond, shareOfJavaCopy: Number((perSecond / java.perSecond).toFixed(2)) } : {}),
    }),
  );
} finally {
  for (const hook of hooks.reverse()) await hook();
}
