import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { Producer } from '@platformatic/kafka';
import { Kafka, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { type Config, loadConfig } from '#lib/config.ts';
import { listCollectors } from '#lib/operations/list-collectors.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { bodiesOf, corpusRuns, spansOf } from '#test/journeys/corpus.ts';
import { runTraceTopicsCollector } from '../../collectors/trace-topics.ts';
import { closeDatabase } from './close-database.ts';
import { corpusNow } from './receiver.ts';

/** The collector as it runs, on one cluster with these topics; ended by the function or with the test. */
function collect(t: TestContext, store: Store, traceTopics: NonNullable<Config['clusters'][number]['traceTopics']>): () => Promise<void> {
  const stop = new AbortController();
  const config = { ...loadConfig({ NODE_ENV: 'test' }, '/nowhere'), clusters: [{ name: 'test', brokers: testBrokers(), traceTopics }] };
  const brokers = openBrokerRegistry(config.clusters, { clientId: 'waybill-test' });
  const running = runTraceTopicsCollector({ store, config, clock: { now: () => corpusNow }, log: pino({ level: 'silent' }), brokers, holder: `test:${process.pid}`, signal: stop.signal });
  const end = async () => {
    stop.abort();
    await running;
    await brokers.close();
  };
  t.after(end);
  return end;
}

async function write(topic: string, bodies: readonly { value: Buffer; compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'; partition?: number }[]): Promise<void> {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ clientId: 'otel-collector', bootstrapBrokers: testBrokers() });
  try {
    for (const { value, compression, partition } of bodies) await producer.send({ messages: [{ topic, value, ...(partition === undefined ? {} : { partition }) }], acks: -1, ...(compression === undefined ? {} : { compression }) });
  } finally {
    await producer.close();
  }
}

async function committed(group: string, topic: string): Promise<Map<number, string>> {
  const admin = new Kafka({ brokers: testBrokers(), clientId: 'waybill-tests', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return new Map(offsets!.partitions.map(({ partition, offset }) => [partition, offset]));
  } finally {
    await admin.disconnect();
  }
}

async function countSpans(store: Store): Promise<number> {
  const [row] = await store.query<{ count: number }>('select count(*)::int as count from span');
  return row!.count;
}

async function figuresOf(store: Store): Promise<Record<string, unknown>> {
  const status = await store.prisma.collectorStatus.findFirstOrThrow({ where: { name: 'trace-topics' } });
  return status.figures as Record<string, unknown>;
}

function requestOf(spanIds: readonly string[]): Buffer {
  const startNs = BigInt(corpusNow.getTime()) * 1_000_000n;
  return Buffer.from(JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }, scopeSpans: [{ spans: spanIds.map((spanId) => ({ traceId: 'abcdef0123456789abcdef0123456789', spanId, name: 'work', kind: 1, startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 5n) })) }] }] }));
}

const newSpanIds = (count: number) => Array.from({ length: count }, () => randomBytes(8).toString('hex'));

test('traces are taken from topics of both encodings and every compression; a record that holds none is passed over with its coordinate', async (t) => {
  const store = await testStore(t);
  const [proto, json] = [await createTopic(uniqueName('otlp_spans')), await createTopic(uniqueName('otlp_json_spans'))];
  const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
  const seen = new Set<string>();
  const bodies = corpusRuns().flatMap((run) => {
    for (const span of spansOf(run)) seen.add(`${span.traceId}:${span.spanId}`);
    return bodiesOf(run);
  });
  const inProto = bodies.filter(({ encoding }) => encoding === 'protobuf').map(({ body }, place) => ({ value: body, compression: compressions[place % 5]! }));
  const inJson = bodies.filter(({ encoding }) => encoding === 'json').map(({ body }, place) => ({ value: body, compression: compressions[place % 5]! }));
  assert.ok(inProto.length >= 5 && inJson.length >= 5);
  await write(proto, [...inProto.slice(0, 2), { value: Buffer.from('not a trace') }, ...inProto.slice(2), { value: Buffer.alloc(0) }]);
  await write(json, [{ value: inProto[0]!.value }, ...inJson]);
  const [protoGroup, jsonGroup] = [uniqueName('waybill-traces'), uniqueName('waybill-traces')];

  const end = collect(t, store, { topics: [proto], encoding: 'otlp_proto', group: protoGroup });
  await eventually(async () => assert.deepEqual([...(await committed(protoGroup, proto))], [[0, String(inProto.length + 2)]]), { timeoutMs: 30_000 });
  await eventually(async () => assert.equal((await figuresOf(store))['poisoned'], 1), { timeoutMs: 30_000 });
  const figures = await figuresOf(store);
  assert.match(String(figures['lastPoisoned']), new RegExp(`^${proto}:0@2: The body is not an ExportTraceServiceRequest`));
  assert.deepEqual([figures['records'], figures['behind'], figures['partitions'], figures['missed']], [inProto.length + 2, '0', 1, '0']);
  const told = (await listCollectors(store)).find(({ name }) => name === 'trace-topics')!;
  assert.match(told.notes.join(), new RegExp(`^1 record held no traces and was passed over, the last ${proto}:0@2: `));
  await end();
  collect(t, store, { topics: [json], encoding: 'otlp_json', group: jsonGroup });
  await eventually(async () => assert.deepEqual([...(await committed(jsonGroup, json))], [[0, String(inJson.length + 1)]]), { timeoutMs: 30_000 });
  assert.equal(await countSpans(store), seen.size);
});

test('while the store is down nothing is committed; then it catches up without a restart', async (t) => {
  const store = await testStore(t);
  const topic = await createTopic(uniqueName('otlp_spans'));
  const group = uniqueName('waybill-traces');
  await write(topic, [{ value: requestOf(newSpanIds(3)) }]);
  collect(t, store, { topics: [topic], encoding: 'otlp_json', group });
  await eventually(async () => assert.equal((await committed(group, topic)).get(0), '1'), { timeoutMs: 30_000 });
  const open = await closeDatabase(store.databaseUrl);
  await write(topic, [{ value: requestOf(newSpanIds(4)) }, { value: requestOf(newSpanIds(5)) }]);
  // It has met the closed store once its own connections were turned away.
  await eventually(() => assert.rejects(store.query('select 1')));
  assert.equal((await committed(group, topic)).get(0), '1');
  await open();
  await eventually(async () => assert.equal((await committed(group, topic)).get(0), '3'), { timeoutMs: 30_000 });
  assert.equal(await countSpans(store), 12);
});

test('two members share the partitions; one that is killed loses nothing', async (t) => {
  const store = await testStore(t);
  const topic = await createTopic(uniqueName('otlp_spans'), { partitions: 4 });
  const group = uniqueName('waybill-traces');
  const sent: string[] = [];
  const send = async (records: number) => {
    const bodies = Array.from({ length: records }, (_, place) => {
      const ids = newSpanIds(20);
      sent.push(...ids);
      return { value: requestOf(ids), partition: place % 4 };
    });
    await write(topic, bodies);
  };
  const child = fork(new URL('./trace-topics-child.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: ['--disable-warning=ExperimentalWarning'] });
  t.after(() => void child.kill('SIGKILL'));
  child.send({ databaseUrl: store.databaseUrl, brokers: testBrokers(), topic, group, nowMs: corpusNow.getTime() });
  await send(8);
  await eventually(async () => assert.equal(await countSpans(store), sent.length), { timeoutMs: 30_000 });
  collect(t, store, { topics: [topic], encoding: 'otlp_json', group });
  await eventually(async () => {
    const figures = await figuresOf(store);
    assert.equal(figures['partitions'], 2, 'half of them went to the second member');
  }, { timeoutMs: 30_000 });
  await send(20);
  child.kill('SIGKILL');
  await send(20);
  await eventually(async () => assert.equal(await countSpans(store), sent.length), { timeoutMs: 60_000 });
  await eventually(async () => assert.deepEqual([...(await committed(group, topic))].toSorted(([a], [b]) => a - b), [0, 1, 2, 3].map((partition) => [partition, '12'])), { timeoutMs: 30_000 });
});
