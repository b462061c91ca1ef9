import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { getSpan } from '#lib/operations/get-span.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { readSpan } from '#lib/store/journeys/read-span.ts';
import { readSpans } from '#lib/store/journeys/read-spans.ts';
import { openStore } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { type SpanToStore, storeSpans } from '#test/harness/store-spans.ts';

const now = new Date();
const day = now.toISOString().slice(0, 10);

function row(change: Partial<SpanToStore> = {}): SpanToStore {
  return {
    day, traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), parentSpanId: null, resourceId: 1n, clusterId: null, service: 'shop', name: 'work', kind: 1, startNs: BigInt(now.getTime()) * 1_000_000n,
    durationNs: 5n, statusCode: 0, statusMessage: null, operation: null, topic: null, partition: null, offset: null, messageKey: null, group: null, journeyKey: null, journeyKeyBy: null, eventId: null, causationId: null, batch: false,
    links: null, attributes: '{"a":[]}', tells: true, ...change,
  };
}

test('each span finds its own attributes in the chunk it shares with the others, and its resource', async (t) => {
  const store = await testStore(t);
  const resources = await store.query<{ id: bigint }>(`insert into resource (hash, service, attributes) values ('\\x01', 'shop', '{"service.version":"1"}'), ('\\x02', 'mail', '{"service.version":"2"}') returning id`);
  const rows = Array.from({ length: 20_000 }, (_, place) => row({ resourceId: resources[place % 2]!.id, attributes: `{"a":["place",${place}]}` }));
  assert.equal(await storeSpans(store, rows, now), 20_000);
  for (const place of [0, 1, 8_191, 8_192, 16_385, 19_999]) {
    const span = await readSpan(store, rows[place]!.traceId, rows[place]!.spanId);
    assert.deepEqual(span!.detail.attributes, [{ key: 'place', value: place }]);
    assert.deepEqual(span!.resource, { 'service.version': String((place % 2) + 1) });
  }
  const [chunks] = await store.query<{ count: number; bytes: number }>('select count(*)::int as count, sum(length(bytes))::int as bytes from span_chunk');
  assert.equal(chunks!.count, 2);
  assert.ok(chunks!.bytes < 20_000 * 12, `${chunks!.bytes} bytes`);
});

test('spans of before are read as they were stored, beside new ones', async (t) => {
  const store = await testStore(t);
  await store.query(`insert into resource (id, hash, service, attributes) values (77, '\\x03', 'old', '{"service.name":"old"}')`);
  const traceId = randomBytes(16).toString('hex');
  await store.execute(
    `insert into span (day, trace_id, span_id, resource_id, name, kind, start_ns, duration_ns, journey_key, journey_key_by, attributes, received_at) values ($1::date, decode($2, 'hex'), '\\x0102030405060708', 77, 'old', 1, 1, 2, 'o-1', 'correlation_id', $3, now())`,
    [day, traceId, Buffer.from('{"a":[22,"o-1","mine",{"i":"9007199254740993"}],"s":["scope","1"]}')]);
  await storeSpans(store, [row({ traceId, journeyKey: 'o-1', journeyKeyBy: 'correlation_id' })], now);
  const old = await getSpan(store, { traceId, spanId: '0102030405060708', masking: compileMasking([]) });
  assert.deepEqual([old.attributes, old.resource, old.scope], [[{ key: 'correlation_id', value: 'o-1' }, { key: 'mine', value: '9007199254740993' }], [{ key: 'service.name', value: 'old' }], 'scope 1']);
  const spans = await readSpans(store, [traceId], 10);
  assert.deepEqual(spans.map((span) => span.journeyKeyBy), ['correlation_id', 'correlation_id']);
});

test('two receivers that store the same spans at once, in other orders, store each once', async (t) => {
  const store = await testStore(t);
  const other = openStore(store.databaseUrl, { poolSize: 2 });
  t.after(() => other.close());
  const rows = Array.from({ length: 3_000 }, (_, place) => row({ eventId: `e-${place}` }));
  const stored = await Promise.all([storeSpans(store, rows, now), storeSpans(other, rows.toReversed(), now), storeSpans(other, [...rows.slice(1_000), ...rows.slice(0, 1_000)], now)]);
  assert.equal(stored.reduce((sum, count) => sum + count, 0), 3_000);
  const [counts] = await store.query<{ spans: number; events: number }>('select (select count(*)::int from span) as spans, (select count(*)::int from span_event) as events');
  assert.deepEqual(counts, { spans: 3_000, events: 3_000 });
  // One new among those that are there, and one twice in what is given.
  const fresh = row({ attributes: '{"a":["fresh",true]}' });
  assert.equal(await storeSpans(store, [rows[0]!, fresh, fresh, rows[1]!], now), 1);
  assert.deepEqual((await readSpan(store, fresh.traceId, fresh.spanId))!.detail.attributes, [{ key: 'fresh', value: true }]);
  assert.equal(await storeSpans(store, rows, now), 0);
});

test('spans of a day without a partition are told apart from duplicates', async (t) => {
  const store = await testStore(t);
  await assert.rejects(storeSpans(store, [row(), row({ day: '2020-01-01' })], now), { code: '23514' });
  assert.deepEqual(await store.query('select 1 from span'), [], 'nothing of the batch is there');
  assert.deepEqual(await store.query('select 1 from journey_pending'), []);
});
