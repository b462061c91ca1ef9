import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { rankHeaders } from '#lib/journey/read-record-headers.ts';
import { compileMasking, type MaskingRule } from '#lib/masking/compile-masking.ts';
import type { DecodedTraces } from '#lib/model/span.ts';
import { tapHeaders, type TapInput } from '#lib/operations/broker/tap-headers.ts';
import { findJourneys } from '#lib/operations/find-journeys.ts';
import { followJourney } from '#lib/operations/follow-journey.ts';
import { prepareSpans } from '#lib/operations/prepare-spans.ts';
import { resolveJourneys } from '#lib/operations/resolve-journeys.ts';
import { SpanQueue } from '#lib/operations/span-queue.ts';
import { readPending, toSeeds } from '#lib/store/journeys/pending.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { testCollection } from '#test/lag/collection.ts';

const noRules: readonly MaskingRule[] = [];

function tapOf(store: Store, collection: ReturnType<typeof testCollection>, clusterId: number, topics: readonly string[], change: Partial<TapInput> = {}): TapInput {
  return {
    store, broker: collection.registry.get('test'), clusterId, isTapped: (topic) => topics.includes(topic), names: rankHeaders({}), masking: compileMasking(noRules), sampleRatio: 1, budget: { records: 10_000, bytes: 10_000_000 },
    mostBehind: 100_000, from: 'beginning', retentionDays: 7, now: new Date(), signal: AbortSignal.timeout(60_000), maxRunMs: 20_000, ...change,
  };
}

async function resolveAll(store: Store): Promise<void> {
  for (let pending = await readPending(store, 500); pending.length > 0; pending = await readPending(store, 500)) await resolveJourneys(store, toSeeds(pending), new Date());
}

/** Spans as a service would send them, stored by the receiver's own queue. */
async function sendSpan(store: Store, service: string, given: { traceId: string; spanId: string; kind: 4 | 5; startMs: number; attributes: Record<string, string> }): Promise<void> {
  const queue = new SpanQueue({ store, clock: { now: () => new Date() }, mostWaiting: 1_000, mostPerCommit: 100, writers: 1, onStored: () => undefined, onFailure: (error) => assert.fail(String(error)) });
  const startNs = BigInt(given.startMs) * 1_000_000n;
  const traces: DecodedTraces = { spanCount: 1, resources: [{ attributes: [{ key: 'service.name', value: service }], scopes: [{ name: '', version: '', spans: [{
    ...given, parentSpanId: '', name: `${given.attributes['messaging.operation.type']}`, startNs, endNs: startNs + 3_000_000n, statusCode: 0, statusMessage: '', events: [], links: [], leftOut: 0,
    attributes: Object.entries(given.attributes).map(([key, value]) => ({ key, value })),
  }] }] }] };
  await queue.store(prepareSpans(traces, { now: new Date(), retentionDays: 7, names: { journeyKeys: null, eventIdKeys: null, causationKeys: null }, clusters: new Map() }));
}

test('a service without tracing between two that are traced is in their one journey: its record by the headers, its handling by the commit', async (t) => {
  const store = await testStore(t);
  const [orders, payments] = [await createTopic(uniqueName('orders')), await createTopic(uniqueName('payments'))];
  const [billing, order] = [uniqueName('billing'), uniqueName('order')];
  const kafka = new Kafka({ brokers: testBrokers(), clientId: 'shop', logLevel: logLevel.ERROR });
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: billing });
  await producer.connect();
  t.after(() => producer.disconnect());
  await consumer.connect();
  t.after(() => consumer.disconnect());
  await consumer.subscribe({ topic: orders, fromBeginning: true });
  // billing: no OpenTelemetry anywhere; it passes on the correlation id, as such services do.
  await consumer.run({ eachMessage: async ({ message }) => void (await producer.send({ topic: payments, messages: [{ key: message.key, value: 'paid', headers: { 'Correlation-Id': message.headers!['Correlation-Id']! } }] })) });
  const collection = testCollection(t, store);
  const watched = await producer.send({ topic: orders, messages: [{ value: 'warm up', headers: { 'Correlation-Id': uniqueName('other') } }] });
  assert.equal(watched[0]!.baseOffset, '0');
  const admin = kafka.admin();
  await admin.connect();
  t.after(() => admin.disconnect());
  const passed = async (offset: string) => eventually(async () => assert.equal((await admin.fetchOffsets({ groupId: billing, topics: [orders] }))[0]!.partitions[0]!.offset, offset), { timeoutMs: 60_000 });
  const commitNow = async (offset: string) => consumer.commitOffsets([{ topic: orders, partition: 0, offset }]);
  await eventually(async () => assert.equal((await admin.fetchTopicOffsets(payments))[0]!.high, '1'), { timeoutMs: 60_000 });
  await commitNow('1');
  await passed('1');
  await collection.cycle();
  const { id: clusterId } = await store.prisma.cluster.findFirstOrThrow();
  // The order itself: shop is traced, its producer says neither partition nor offset, and adds its context to the record.
  const shop = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  const startMs = Date.now();
  await producer.send({ topic: orders, messages: [{ key: 'c-1', value: 'order', headers: { 'Correlation-Id': order, traceparent: `00-${shop.traceId}-${shop.spanId}-01` } }] });
  await sendSpan(store, 'shop', { ...shop, kind: 4, startMs, attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': orders, 'messaging.operation.type': 'send' } });
  await eventually(async () => assert.equal((await admin.fetchTopicOffsets(payments))[0]!.high, '2'), { timeoutMs: 60_000 });
  await commitNow('2');
  await passed('2');
  // mail is traced, but what reached it carries no trace.
  await sendSpan(store, 'mail', { traceId: '1af7651916cd43dd8448eb211c80319c', spanId: 'c7ad6b7169203331', kind: 5, startMs: Date.now(), attributes: {
    'messaging.system': 'kafka', 'messaging.destination.name': payments, 'messaging.operation.type': 'process', 'messaging.destination.partition.id': '0', 'messaging.kafka.offset': '1', 'messaging.consumer.group.name': 'mail' } });
  await resolveAll(store);
  assert.equal((await store.query('select 1 from journey')).length, 2, 'the spans alone are two journeys');
  const groupsBefore = new Set((await admin.listGroups()).groups.map((group) => group.groupId));

  const figures = await tapHeaders(tapOf(store, collection, clusterId, [orders, payments]));
  assert.deepEqual([figures.topics, figures.records, figures.stored, figures.failing, figures.missed], [2, 4, 4, 0, '0']);
  await collection.cycle();
  await resolveAll(store);
  const { items } = await findJourneys(store, { text: order });
  assert.equal(items.length, 1);
  const journey = await followJourney(store, { id: items[0]!.id, now: new Date() });
  assert.deepEqual(journey.hops.map((hop) => `${hop.kind} ${hop.service ?? hop.group} ${hop.topic === orders ? 'orders' : 'payments'}@${hop.offset} ${hop.knownBy}`), [
    'send shop orders@1 spans', `process ${billing} orders@1 commits`, 'send null payments@1 record-headers', 'process mail payments@1 spans',
  ]);
  assert.deepEqual(journey.hops.map((hop) => hop.ghost), [false, true, true, false]);
  assert.equal(items[0]!.hopCount, 4);
  const reached = new Set(journey.edges.map((edge) => edge.to));
  for (const hop of journey.hops.slice(1)) assert.ok(reached.has(hop.id), `${hop.kind} ${hop.topic} is in the journey without a reason`);
  assert.ok(journey.edges.some((edge) => edge.evidence.some((each) => each.detail.includes(`${billing} has committed 2, past ${orders}:0@1`))));
  assert.equal((await store.query('select 1 from journey')).length, 2, 'the order, and the record that was sent to warm up');

  // It reads on from its own positions, joins no group and commits nothing.
  assert.equal((await tapHeaders(tapOf(store, collection, clusterId, [orders, payments]))).records, 0);
  assert.deepEqual((await admin.listGroups()).groups.map((group) => group.groupId).filter((group) => !groupsBefore.has(group) && group.includes('tap')), []);
});

test('the tap keeps to its bounds, keeps whole events where it samples, and keeps nothing that is masked', async (t) => {
  const store = await testStore(t);
  const topic = await createTopic(uniqueName('tapped'));
  const kafka = new Kafka({ brokers: testBrokers(), clientId: 'tapped', logLevel: logLevel.ERROR });
  const producer = kafka.producer();
  await producer.connect();
  t.after(() => producer.disconnect());
  const messages = Array.from({ length: 400 }, (_, place) => ({ key: 'secret-key', value: 'x'.repeat(2_000), headers: { 'correlation-id': `o-${place % 100}`, 'x-causation-id': `c-${place}` } }));
  // In batches: a broker gives whole ones.
  for (let place = 0; place < messages.length; place += 20) await producer.send({ topic, messages: messages.slice(place, place + 20) });
  await producer.send({ topic, messages: [{ key: 'k', value: 'no headers' }] });
  const collection = testCollection(t, store);
  await collection.cycle();
  const { id: clusterId } = await store.prisma.cluster.findFirstOrThrow();

  const atEnd = await tapHeaders(tapOf(store, collection, clusterId, [topic], { from: 'end' }));
  assert.deepEqual([atEnd.records, atEnd.stored], [0, 0], 'a topic that was never read begins at its end');
  await store.execute('delete from header_position', []);
  const masking = compileMasking([{ headers: ['x-causation-*'], key: true }]);
  const half = await tapHeaders(tapOf(store, collection, clusterId, [topic], { sampleRatio: 0.5, masking }));
  assert.equal(half.records, 401);
  const rows = await store.query<{ journey_key: string; count: number; masked: boolean }>('select journey_key, count(*)::int as count, bool_and(causation_id is null and message_key is null) as masked from record_header group by 1');
  assert.ok(rows.length > 20 && rows.length < 80, `${rows.length} of 100 events`);
  assert.ok(rows.every((row) => row.count === 4 && row.masked), 'all records of an event or none, and nothing of what is masked');

  await store.execute('delete from header_position', []);
  const few = await tapHeaders(tapOf(store, collection, clusterId, [topic], { budget: { records: 1, bytes: 70_000 } }));
  assert.ok(few.records > 0 && few.records < 401 && few.bytes < 800_000, `${few.records} records, ${few.bytes} bytes`);
  assert.equal(few.behind, String(401 - few.records));
  const skipped = await tapHeaders(tapOf(store, collection, clusterId, [topic], { budget: { records: 1, bytes: 70_000 }, mostBehind: 1 }));
  assert.equal(Number(skipped.missed), 401 - few.records - skipped.records, 'what it cannot follow it lets go, and says how much');
  assert.equal((await tapHeaders(tapOf(store, collection, clusterId, [topic]))).records, 0);
});
