import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { MapWire } from '#lib/operations/map-wire.ts';
import { pruneStore } from '#lib/operations/prune-store.ts';
import { readMap } from '#lib/operations/read-map.ts';
import { resolveJourneys } from '#lib/operations/resolve-journeys.ts';
import { readPending, toSeeds } from '#lib/store/journeys/pending.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { bodiesOf, type ExpectedEvent, expectedOf } from '#test/journeys/corpus.ts';
import { muchLater, resolveAll } from '#test/journeys/resolve-all.ts';
import { corpusNow, post, testReceiver } from '#test/otlp/receiver.ts';

async function corpusStore(t: TestContext) {
  const store = await testStore(t);
  for (const table of ['hop_minute', 'hop_hour']) await ensurePartitions(store, table, new Date(corpusNow.getTime() - 86_400_000), corpusNow);
  return { store, ...(await testReceiver(t, store)) };
}

const mapOf = (store: Store) => readMap(store, { cluster: null, from: new Date(muchLater.getTime() - 86_400_000), to: muchLater, now: muchLater });

/** What the programs did, by "service>topic" and "topic>service". */
function truthOf(events: readonly ExpectedEvent[]) {
  const counts = new Map<string, { hops: number; failed: number; deadLetters: number }>();
  const of = (way: string) => counts.get(way) ?? counts.set(way, { hops: 0, failed: 0, deadLetters: 0 }).get(way)!;
  const topic = (at: string) => at.slice(0, at.lastIndexOf(':'));
  for (const event of events) {
    for (const { service, at } of event.published) of(`${service}>${topic(at)}`).hops++;
    const handled = new Set([...event.consumed, ...event.failedAttempts].map(({ service, at }) => `${topic(at)}>${service} ${at}`));
    for (const each of handled) of(each.slice(0, each.indexOf(' '))).hops++;
    if (event.deadLetter === null) continue;
    of(`${event.deadLetter.service}>${topic(event.deadLetter.at)}`).hops++;
    const failed = event.failedAttempts.at(-1)!;
    const way = of(`${topic(failed.at)}>${failed.service}`);
    way.failed++;
    way.deadLetters++;
  }
  return counts;
}

/** The same as the map has it: what a service reads with or without its group between. */
function foundOf(map: MapWire) {
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  const counts = new Map<string, { hops: number; failed: number; deadLetters: number }>();
  for (const edge of map.edges) {
    const [from, to] = [nodes.get(edge.from)!, nodes.get(edge.to)!];
    if (edge.kind === 'runs') continue;
    const service = to.kind === 'group' ? nodes.get(map.edges.find((each) => each.kind === 'runs' && each.from === to.id)?.to ?? '')?.name : to.name;
    counts.set(edge.kind === 'send' ? `${from.name}>${to.name}` : `${from.name}>${service}`, { hops: edge.hops, failed: edge.failed, deadLetters: edge.kind === 'send' ? 0 : edge.deadLetters });
  }
  return counts;
}

for (const run of ['node-kafkajs-json', 'node-kafkajs-batch-json', 'java-clients-receive']) {
  test(`${run}: the map counts what the programs did, whatever the order of bodies and however often they come`, async (t) => {
    const { store, url } = await corpusStore(t);
    const bodies = bodiesOf(run);
    for (const body of [...bodies.toReversed(), ...bodies]) {
      assert.equal((await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType })).status, 200);
      await resolveAll(store);
    }
    const truth = truthOf(expectedOf(run));
    const map = await mapOf(store);
    assert.deepEqual(foundOf(map), truth);

    const before = await store.query('select * from hop_hour order by 1, 2');
    const traces = await store.query<{ id: string }>(`select distinct encode(trace_id, 'hex') as id from span`);
    await resolveJourneys(store, { traceIds: traces.map((trace) => trace.id) }, muchLater);
    assert.deepEqual(await store.query('select * from hop_hour order by 1, 2'), before, 'resolved again, nothing counts twice');
    const sums = (table: string) => store.query(`select way_id, sum(hops)::int as hops, sum(failed)::int as failed, sum(failed_attempts)::int as attempts from ${table} group by 1 order by 1`);
    assert.deepEqual(await sums('hop_minute'), await sums('hop_hour'));
    const handled = map.edges.find((edge) => edge.kind === 'consume' && edge.failed > 0)!;
    assert.ok(handled.queue!.p95Ms >= handled.queue!.p50Ms && handled.processing !== null);
    const [failed] = await store.query<{ state: string }>('select state from journey where id = $1', [handled.failedJourneyId]);
    assert.ok(['failed', 'dead-lettered'].includes(failed!.state), 'the journey that shows a failure is one that failed');
  });
}

test('resolvers that take turns on the same traces at once count each hop once', async (t) => {
  const { store, url } = await corpusStore(t);
  for (const body of bodiesOf('node-kafkajs-json')) await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
  const seeds = toSeeds(await readPending(store, 10_000));
  await Promise.all([1, 2, 3].map(() => resolveJourneys(store, seeds, muchLater)));
  assert.deepEqual(foundOf(await mapOf(store)), truthOf(expectedOf('node-kafkajs-json')));
});

test('journeys that late evidence joins count as the one that they are', async (t) => {
  const { store, url } = await corpusStore(t);
  const bodies = bodiesOf('python-confluent');
  const late = bodies.filter(({ body }) => body.includes('shop-api'));
  for (const body of [...bodies.filter((each) => !late.includes(each)), ...late]) {
    await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
    await resolveAll(store);
  }
  assert.ok((await store.query('select 1 from journey_alias')).length > 0, 'some were joined');
  assert.deepEqual(foundOf(await mapOf(store)), truthOf(expectedOf('python-confluent')));
});

test('retention takes minutes after two days and hours with the charts, and what comes later for those days changes nothing', async (t) => {
  const { store, url } = await corpusStore(t);
  for (const body of bodiesOf('node-kafkajs-json')) await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
  await resolveAll(store);
  const days = { bodies: 30, spans: 30, charts: 10 };
  const count = async () => (await store.query<{ minutes: number; hours: number }>('select (select count(*) from hop_minute)::int as minutes, (select count(*) from hop_hour)::int as hours'))[0]!;
  await pruneStore(store, days, new Date(corpusNow.getTime() + 4 * 86_400_000), AbortSignal.timeout(30_000));
  const later = await count();
  assert.equal(later.minutes, 0);
  assert.ok(later.hours > 0);
  await pruneStore(store, days, new Date(corpusNow.getTime() + 13 * 86_400_000), AbortSignal.timeout(30_000));
  assert.deepEqual(await count(), { minutes: 0, hours: 0 });
  const traces = await store.query<{ id: string }>(`select distinct encode(trace_id, 'hex') as id from span`);
  await resolveJourneys(store, { traceIds: traces.map((trace) => trace.id) }, muchLater);
  assert.deepEqual(await count(), { minutes: 0, hours: 0 });
  assert.deepEqual(await store.query('select id from journey where counted is not null'), []);
});
