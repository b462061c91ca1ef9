import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { rankAttributes } from '#lib/journey/attribute-names.ts';
import { buildGraphs } from '#lib/journey/build-graphs.ts';
import { timeAxis } from '#lib/journey/time-axis.ts';
import type { JourneySpan } from '#lib/model/journey.ts';
import type { DecodedTraces } from '#lib/model/span.ts';
import { findJourneys } from '#lib/operations/find-journeys.ts';
import { followJourney } from '#lib/operations/follow-journey.ts';
import { toHopWire } from '#lib/operations/journey-wire.ts';
import { listJourneys } from '#lib/operations/list-journeys.ts';
import { prepareSpans } from '#lib/operations/prepare-spans.ts';
import { resolveJourneys } from '#lib/operations/resolve-journeys.ts';
import { decodeTraces } from '#lib/otlp/decode-traces.ts';
import { readPending, toSeeds } from '#lib/store/journeys/pending.ts';
import { openStore, type Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { corpusNow, testReceiver } from '#test/otlp/receiver.ts';
import { bodiesOf, corpusRuns, expectedOf, spansOf } from './corpus.ts';
import { muchLater, resolveAll } from './resolve-all.ts';

const options = { isDeadLetterTopic: (topic: string) => topic.endsWith('.DLT') };
const graphsOf = (spans: JourneySpan[]) => buildGraphs({ spans, deadLetters: [], replays: [] }, options);

/** The spans of a run one by one, each as a request of its own would bring it. */
function singlesOf(run: string): DecodedTraces[] {
  return bodiesOf(run).flatMap(({ body, encoding }) => decodeTraces(body, encoding).resources.flatMap((resource) =>
    resource.scopes.flatMap((scope) => scope.spans.map((span): DecodedTraces => ({ resources: [{ ...resource, scopes: [{ ...scope, spans: [span] }] }], spanCount: 1 })))));
}

const names = { journeyKeys: null, eventIdKeys: null, causationKeys: null };
const prepared = (traces: DecodedTraces) => prepareSpans(traces, { now: corpusNow, retentionDays: 7, names, clusters: new Map() });

/** What people see of the journeys, without ids that are drawn by chance. */
async function picture(store: Store): Promise<string[]> {
  const { items } = await listJourneys(store, { limit: 200 });
  const pictures = await Promise.all(items.map(async (row) => {
    const journey = await followJourney(store, { id: row.id, now: muchLater });
    const hops = journey.hops.map((hop) => `${hop.id} ${hop.kind} ${hop.service} ${hop.topic}:${hop.partition}@${hop.offset} ${hop.attempts.length} ${hop.error}`);
    const edges = journey.edges.map((edge) => `${edge.from} ${edge.to} ${edge.evidence.map((each) => `${each.kind}: ${each.detail}`).join('; ')}`);
    return JSON.stringify([row.key, row.state, row.verdict, row.hopCount, hops, edges]);
  }));
  return pictures.sort();
}

for (const { run, seed } of [{ run: 'node-kafkajs-batch-json', seed: 11 }, { run: 'java-clients-receive', seed: 23 }, { run: 'python-confluent', seed: 5 }]) {
  test(`${run}: single spans in any order, in batches of any size and some of them twice, resolve to what one batch gives`, async (t) => {
    const singles = singlesOf(run);
    const whole = await testStore(t);
    const first = await testReceiver(t, whole);
    await Promise.all(singles.map((traces) => first.queue.store(prepared(traces))));
    await resolveAll(whole);
    const wanted = await picture(whole);

    const [order] = fc.sample(fc.record({
      spans: fc.shuffledSubarray(singles, { minLength: singles.length }), again: fc.subarray(singles, { maxLength: 20 }), cuts: fc.array(fc.integer({ min: 0, max: singles.length }), { minLength: 4, maxLength: 8 }),
    }), { seed, numRuns: 1 });
    const store = await testStore(t);
    const { queue } = await testReceiver(t, store);
    const cuts = [0, ...new Set(order!.cuts), singles.length].sort((a, b) => a - b);
    for (let place = 1; place < cuts.length; place++) {
      const batch = [...order!.spans.slice(cuts[place - 1], cuts[place]), ...order!.again.slice(0, place * 2)];
      await Promise.all(batch.map((traces) => queue.store(prepared(traces))));
      await resolveAll(store);
    }
    assert.deepEqual(await picture(store), wanted);
    assert.equal((await store.query<{ count: number }>('select count(*)::int as count from span'))[0]!.count, singles.length, 'a span that came twice is stored once');
  });
}

for (const run of corpusRuns()) {
  test(`${run}: clocks that disagree by minutes join the same hops, and no bar is negative`, () => {
    const spans = spansOf(run);
    const services = [...new Set(spans.map((span) => span.service))];
    const hopsOf = (some: JourneySpan[]) => graphsOf(some).map((graph) => graph.hops.map((hop) => hop.id).sort().join()).sort();
    const wanted = hopsOf(spans);
    fc.assert(fc.property(fc.tuple(...services.map(() => fc.integer({ min: -300_000, max: 300_000 }))), (skewsMs) => {
      const skewed = spans.map((span) => ({ ...span, startNs: span.startNs + BigInt(skewsMs[services.indexOf(span.service)]!) * 1_000_000n }));
      assert.deepEqual(hopsOf(skewed), wanted);
      for (const graph of graphsOf(skewed)) {
        const hops = graph.hops.map((hop) => toHopWire(hop, graph.startNs));
        const axis = timeAxis(hops.map((hop) => ({ fromMs: hop.atMs - (hop.queueMs ?? 0), toMs: hop.atMs + hop.durationMs })));
        for (const hop of hops) {
          assert.ok(hop.durationMs >= 0 && (hop.queueMs ?? 0) >= 0 && hop.atMs >= 0, `${hop.id} at ${hop.atMs} waited ${hop.queueMs}`);
          assert.ok((hop.skewMs ?? -1) < 0 && (hop.skewMs === null || hop.queueMs === 0), 'a difference that came out negative is said beside a wait of 0');
          assert.ok(axis.at(hop.atMs + hop.durationMs) >= axis.at(hop.atMs) && axis.at(hop.atMs) >= axis.at(hop.atMs - (hop.queueMs ?? 0)));
        }
      }
    }), { numRuns: 8 });
  });
}

test('a late span re-opens a finished journey, and its end closes it again', async (t) => {
  const store = await testStore(t);
  const { queue } = await testReceiver(t, store);
  for (const traces of singlesOf('node-kafkajs-json')) await queue.store(prepared(traces));
  await resolveAll(store);
  const event = expectedOf('node-kafkajs-json').find((each) => each.outcome === 'completed')!;
  const [before] = (await findJourneys(store, { text: event.correlationId })).items;
  assert.equal(before!.state, 'done');
  const at = /^(.*):(\d+)@(\d+)$/.exec(event.published[0]!.at)!;
  const late = (spanId: string, ms: number, statusCode: 0 | 2): DecodedTraces => ({ spanCount: 1, resources: [{ attributes: [{ key: 'service.name', value: 'warehouse' }], scopes: [{ name: '', version: '', spans: [{
    traceId: 'abcdefabcdefabcdefabcdefabcdefab', spanId, parentSpanId: '', name: 'orders process', kind: 5, startNs: BigInt(muchLater.getTime() + ms) * 1_000_000n, endNs: BigInt(muchLater.getTime() + ms + 5) * 1_000_000n,
    statusCode, statusMessage: statusCode === 2 ? 'no shelf' : '', events: [], links: [], leftOut: 0,
    attributes: [{ key: 'messaging.destination.name', value: at[1]! }, { key: 'messaging.operation.type', value: 'process' }, { key: 'messaging.destination.partition.id', value: at[2]! }, { key: 'messaging.kafka.offset', value: at[3]! }, { key: 'messaging.kafka.cluster.id', value: 'none' }],
  }] }] }] });
  await queue.store(prepared(late('aaaaaaaaaaaaaaaa', 0, 2)));
  await resolveAll(store, new Date(muchLater.getTime() + 1_000));
  const [reopened] = (await findJourneys(store, { text: event.correlationId })).items;
  assert.deepEqual([reopened!.id, reopened!.state, reopened!.hopCount], [before!.id, 'in-flight', before!.hopCount + 1]);
  await queue.store(prepared(late('bbbbbbbbbbbbbbbb', 4_000, 0)));
  await resolveAll(store, new Date(muchLater.getTime() + 60_000));
  const [closed] = (await findJourneys(store, { text: event.correlationId })).items;
  assert.deepEqual([closed!.id, closed!.state, closed!.hopCount], [before!.id, 'done', before!.hopCount + 1]);
  assert.match(closed!.verdict, /after 2 attempts at warehouse/);
});

async function otherProcess(t: TestContext, store: Store): Promise<Store> {
  const other = openStore(store.databaseUrl, { poolSize: 2, applicationName: 'another-resolver' });
  t.after(() => other.close());
  return other;
}

test('resolvers in several processes that merge at once end in one id for each event, and every id ever shown leads there', async (t) => {
  const store = await testStore(t);
  const { queue } = await testReceiver(t, store);
  const run = 'python-confluent';
  const [order] = fc.sample(fc.shuffledSubarray(singlesOf(run), { minLength: singlesOf(run).length }), { seed: 7, numRuns: 1 });
  const resolvers = await Promise.all([1, 2, 3].map(() => otherProcess(t, store)));
  const shown = new Set<string>();
  for (let place = 0; place < order!.length; place += 24) {
    await Promise.all(order!.slice(place, place + 24).map((traces) => queue.store(prepared(traces))));
    // Each takes all that waits: what two of them resolve at once must not get two ids.
    await Promise.all(resolvers.map(async (resolver) => {
      const pending = await readPending(resolver, 1_000);
      await resolveJourneys(resolver, toSeeds(pending), muchLater);
    }));
    for (const { id } of await store.query<{ id: string }>('select id from journey')) shown.add(id);
  }
  const after = new Set<string>();
  for (const event of expectedOf(run)) {
    const { items } = await findJourneys(store, { text: event.correlationId });
    assert.equal(items.length, 1, event.correlationId);
    after.add(items[0]!.id);
  }
  assert.equal(after.size, expectedOf(run).length);
  assert.ok(shown.size > after.size, 'some journeys were merged on the way');
  for (const id of shown) {
    const { id: now } = await followJourney(store, { id, now: muchLater });
    if (!after.has(now)) assert.equal((await store.query('select 1 from journey where id = $1', [now])).length, 1);
  }
  const members = await store.query('select 1 from journey_member m where not exists (select 1 from journey j where j.id = m.journey_id)');
  assert.equal(members.length, 0, 'no reference leads to a journey that was merged away');
});

test('names that are configured replace the built-in ones', () => {
  const uses = rankAttributes({ journeyKeys: ['order.id'], eventIdKeys: ['my.event'], causationKeys: ['my.cause'] });
  assert.deepEqual([...uses.keys()].sort(), ['my.cause', 'my.event', 'order.id']);
});
