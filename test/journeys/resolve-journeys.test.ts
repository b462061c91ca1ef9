import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findJourneys } from '#lib/operations/find-journeys.ts';
import { followJourney } from '#lib/operations/follow-journey.ts';
import { listJourneys } from '#lib/operations/list-journeys.ts';
import { resolveJourneys } from '#lib/operations/resolve-journeys.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { corpusNow, post, testReceiver } from '#test/otlp/receiver.ts';
import { bodiesOf, corpusRuns, expectedOf } from './corpus.ts';
import { notConveyed } from './not-conveyed.ts';
import { muchLater, resolveAll } from './resolve-all.ts';

async function journeyOf(store: Store, text: string) {
  const found = await findJourneys(store, { text });
  assert.equal(found.items.length, 1, `${text} finds one journey`);
  return { as: found.as, row: found.items[0]!, journey: await followJourney(store, { id: found.items[0]!.id, now: muchLater }) };
}

function names(hops: { kind: string; service: string | null; topic: string | null; partition: number | null; offset: string | null }[]): string[] {
  return hops.map((hop) => `${hop.kind} ${hop.service} ${hop.topic}${hop.offset === null ? '' : `:${hop.partition}@${hop.offset}`}`).sort();
}

for (const run of corpusRuns()) {
  test(`${run}: bodies in any order, resolved after each one, end in the same journeys`, async (t) => {
    const bodies = bodiesOf(run);
    const events = expectedOf(run);
    const orders = [bodies, bodies.toReversed(), [...bodies.filter((_, index) => index % 2 === 1), ...bodies.filter((_, index) => index % 2 === 0)]];
    const results: string[][] = [];
    for (const order of orders) {
      const store = await testStore(t);
      const { url } = await testReceiver(t, store);
      for (const body of order) {
        assert.equal((await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType })).status, 200);
        await resolveAll(store);
      }
      const list = await listJourneys(store, { limit: 100 });
      results.push((await Promise.all(list.items.map(async (row) => `${row.key} ${row.state} ${names((await followJourney(store, { id: row.id, now: muchLater })).hops).join(', ')}`))).sort());
      if (notConveyed[run]!.hops > 0) continue;
      let found = 0;
      let expected = 0;
      for (const event of events) {
        const { as, row, journey } = await journeyOf(store, event.correlationId);
        assert.equal(as, 'key');
        assert.equal(row.state, event.outcome === 'completed' ? 'done' : 'dead-lettered');
        const wanted = new Set([
          ...event.published.map((hop) => `send ${hop.service} ${hop.at}`), ...event.consumed.map((hop) => `process ${hop.service} ${hop.at}`),
          ...event.failedAttempts.map((hop) => `process ${hop.service} ${hop.at}`), ...(event.deadLetter === null ? [] : [`dead-letter ${event.deadLetter.service} ${event.deadLetter.at}`]),
        ].map((name) => (run.startsWith('java') ? name : name.replace(/^(dead-letter .*):\d+@\d+$/, '$1'))));
        expected += wanted.size;
        const got = names(journey.hops);
        found += got.filter((name) => wanted.has(name)).length;
        assert.deepEqual(got.filter((name) => !wanted.has(name)), [], 'no hop of another event');
        assert.equal(new Set(got).size, got.length, 'no hop twice');
      }
      t.diagnostic(`${run}: ${found} of ${expected} hops through the store, foreign 0, double 0`);
      assert.equal(found, expected);
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });
}

test('one box finds a journey by correlation id, trace id, coordinate and its own id, and says which', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  for (const body of bodiesOf('node-kafkajs-json')) await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
  await resolveAll(store);
  const event = expectedOf('node-kafkajs-json')[0]!;
  const byKey = await journeyOf(store, ` ${event.correlationId} `);
  assert.equal(byKey.as, 'key');
  const byTrace = await journeyOf(store, byKey.journey.traceIds[0]!.toUpperCase());
  const byCoordinate = await journeyOf(store, event.published[0]!.at);
  const byId = await journeyOf(store, byKey.row.id);
  assert.deepEqual([byTrace.as, byCoordinate.as, byId.as], ['trace', 'coordinate', 'journey']);
  for (const each of [byTrace, byCoordinate, byId]) assert.equal(each.row.id, byKey.row.id);
  assert.deepEqual(await findJourneys(store, { text: 'nothing-like-it' }), { as: 'key', items: [] });
  assert.deepEqual(await findJourneys(store, { text: 'orders:0@999999' }), { as: 'coordinate', items: [] });
  assert.deepEqual((await findJourneys(store, { text: "'; drop table span; --" })).items, []);
});

test("a bulk request's own id finds the events that were published under it", async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  for (const body of bodiesOf('node-kafkajs-batch-json')) await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
  await resolveAll(store);
  const [bulk] = await store.query<{ key: string }>(`select journey_key as key from span s where name = 'POST' and (select count(*) from span p where p.trace_id = s.trace_id and p.operation = 'send') = 3`);
  assert.equal((await findJourneys(store, { text: bulk!.key })).items.length, 3);
});

test('dead letter, replay and outcome appear in the journey, and the state follows', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  for (const body of bodiesOf('node-kafkajs-json')) await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
  await resolveAll(store);
  const event = expectedOf('node-kafkajs-json').find((each) => each.deadLetter !== null)!;
  const before = await journeyOf(store, event.correlationId);
  assert.equal(before.row.state, 'dead-lettered');

  const cluster = await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'ZKno-L30Qa2_AmTFNPrf4w' } });
  const topic = await store.prisma.topic.create({ data: { clusterId: cluster.id, name: 'orders.DLT', kafkaTopicId: 'x', partitionCount: 1, role: 'dead-letter' } });
  const deadAt = new Date(before.journey.hops.find((hop) => hop.kind === 'dead-letter')!.startedAt);
  await store.prisma.deadLetter.create({ data: {
    topicId: topic.id, partition: 0, offset: 0n, clusterId: cluster.id, timestamp: deadAt, originTopic: 'orders', originPartition: 1, originOffset: 3n, originGroup: 'payment', errorClass: 'PaymentRefused',
    errorMessage: 'amount must be positive', correlationId: event.correlationId,
  } });
  const replayId = '0195b7a0-0000-7000-8000-000000000001';
  const sentAt = new Date(deadAt.getTime() + 120_000);
  await store.prisma.replay.create({ data: { id: replayId, clusterId: cluster.id, state: 'running', selection: {}, snapshotSeq: 1n, reason: 'payment is back', createdBy: 'ana', createdAt: sentAt } });
  await store.prisma.replayItem.create({ data: { topicId: topic.id, partition: 0, offset: 0n, generation: 1, replayId, state: 'sent', targetTopic: 'orders', sentPartition: 1, sentOffset: 90n, sentAt } });
  await resolveJourneys(store, { references: [`key:${event.correlationId}`] }, muchLater);
  const waiting = await journeyOf(store, event.correlationId);
  assert.equal(waiting.row.id, before.row.id);
  assert.deepEqual(waiting.journey.hops.slice(-2).map((hop) => [hop.kind, hop.actor, hop.deadLetterId]), [['dead-letter', null, `${topic.id}-0-0`], ['replay', 'ana', `${topic.id}-0-0`]]);
  assert.equal(waiting.row.state, 'in-flight');
  assert.match(waiting.row.verdict, /replayed by ana; it waits at orders p1@90/);

  const startNs = BigInt(sentAt.getTime() + 5) * 1_000_000n;
  await post(`${url}/v1/traces`, Buffer.from(JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'payment' } }] }, scopeSpans: [{ spans: [{
    traceId: '1234567890abcdef1234567890abcdef', spanId: '1234567890abcdef', name: 'process orders', kind: 5, startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 4_000_000n),
    attributes: [['messaging.system', 'kafka'], ['messaging.destination.name', 'orders'], ['messaging.operation.type', 'process'], ['messaging.kafka.offset', '90'], ['messaging.destination.partition.id', '1'], ['messaging.kafka.cluster.id', 'ZKno-L30Qa2_AmTFNPrf4w']]
      .map(([key, value]) => ({ key, value: { stringValue: value } })),
  }] }] }] })), { 'content-type': 'application/json' });
  await resolveAll(store);
  const after = await journeyOf(store, event.correlationId);
  assert.equal(after.row.id, before.row.id, 'the span of the replayed record has no id and another trace: its coordinate joins it');
  assert.equal(after.row.state, 'replayed');
  assert.equal(after.row.verdict, 'Dead-lettered at payment, replayed by ana, and processed by payment.');
  const hop = after.journey.hops.at(-1)!;
  assert.deepEqual([hop.kind, hop.service, hop.offset, hop.queueMs], ['process', 'payment', '90', 5]);
  const why = after.journey.edges.find((edge) => edge.to === hop.id)!;
  assert.ok(why.evidence.some((each) => each.kind === 'coordinate' && each.detail.includes('orders:1@90')));
});

test('two journeys that late evidence joins become the older one, and the other id leads there', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  const bodies = bodiesOf('python-confluent');
  // Consumers first: without the producers' spans nothing joins payment's and inventory's handling of an order but its coordinate.
  const late = bodies.filter(({ body }) => body.includes('shop-api'));
  for (const body of bodies.filter((each) => !late.includes(each))) {
    await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
    await resolveAll(store);
  }
  const before = (await listJourneys(store, { limit: 100 })).items.map((row) => row.id);
  for (const body of late) await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
  await resolveAll(store);
  const after = new Set((await listJourneys(store, { limit: 100 })).items.map((row) => row.id));
  assert.equal(after.size, 10);
  for (const id of before) assert.ok(after.has((await followJourney(store, { id, now: muchLater })).id), 'an id that was ever shown still leads to its journey');
});

test('running it again changes nothing', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  for (const body of bodiesOf('java-clients-receive')) await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
  await resolveAll(store);
  const read = async () => ({ journeys: await store.query('select * from journey order by id'), members: await store.query('select by, ref, journey_id from journey_member order by by, ref') });
  const before = await read();
  const traces = await store.query<{ id: string }>(`select distinct encode(trace_id, 'hex') as id from span`);
  await resolveJourneys(store, { traceIds: traces.map((trace) => trace.id) }, muchLater);
  assert.deepEqual(await read(), before);
});

test('a record that a group has not passed is in flight, then stuck with the figures of the group', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  const cluster = await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'c1', lastCycleAt: new Date(corpusNow.getTime() + 600_000) } });
  const topic = await store.prisma.topic.create({ data: { clusterId: cluster.id, name: 'payments', kafkaTopicId: 'p', partitionCount: 8 } });
  const group = await store.prisma.consumerGroup.create({ data: { clusterId: cluster.id, name: 'billing' } });
  await store.prisma.groupPartitionOffset.create({ data: { groupId: group.id, topicId: topic.id, partition: 7, committedOffset: 88_090n } });
  const startNs = BigInt(corpusNow.getTime()) * 1_000_000n;
  await post(`${url}/v1/traces`, Buffer.from(JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'order' } }] }, scopeSpans: [{ spans: [{
    traceId: '1234567890abcdef1234567890abcdef', spanId: '1234567890abcdef', name: 'send payments', kind: 4, startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 4_000_000n),
    attributes: [['messaging.destination.name', 'payments'], ['messaging.operation.type', 'send'], ['messaging.kafka.offset', '88123'], ['messaging.destination.partition.id', '7'], ['correlation_id', 'o-9']].map(([key, value]) => ({ key, value: { stringValue: value } })),
  }] }] }] })), { 'content-type': 'application/json' });
  await resolveJourneys(store, { traceIds: ['1234567890abcdef1234567890abcdef'] }, new Date(corpusNow.getTime() + 20_000));
  const [early] = (await listJourneys(store, { limit: 5 })).items;
  assert.equal(early!.state, 'in-flight');
  await resolveJourneys(store, { traceIds: ['1234567890abcdef1234567890abcdef'] }, new Date(corpusNow.getTime() + 14 * 60_000));
  const [stuck] = (await listJourneys(store, { limit: 5, state: 'stuck,failed' })).items;
  assert.equal(stuck!.verdict, 'Stuck 14 min at billing, waiting on payments p7@88123; the group is 34 records away from having passed it.');
  await store.prisma.groupPartitionOffset.updateMany({ data: { committedOffset: 88_124n } });
  await resolveJourneys(store, { traceIds: ['1234567890abcdef1234567890abcdef'] }, new Date(corpusNow.getTime() + 15 * 60_000));
  assert.equal((await listJourneys(store, { limit: 5 })).items[0]!.state, 'done');
});

test('lists page by keyset, and a wrong cursor or state is said', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  for (const body of bodiesOf('java-clients')) await post(`${url}/v1/traces`, body.body, { 'content-type': body.contentType });
  await resolveAll(store);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listJourneys(store, { limit: 3, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map((row) => row.id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  assert.equal(seen.length, 10);
  assert.equal(new Set(seen).size, 10);
  await assert.rejects(listJourneys(store, { limit: 3, cursor: 'x' }), /cursor/);
  await assert.rejects(listJourneys(store, { limit: 3, state: 'lost' }), /not a state/);
  await assert.rejects(followJourney(store, { id: 'nonsense', now: muchLater }), (error) => (error as { code?: string }).code === 'journey-not-found');
});
