import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { buildGraphs } from '#lib/journey/build-graphs.ts';
import { findJourneys } from '#lib/operations/find-journeys.ts';
import { followJourney } from '#lib/operations/follow-journey.ts';
import { listJourneys } from '#lib/operations/list-journeys.ts';
import { testStore } from '#test/harness/database.ts';
import { corpusNow, post, testReceiver } from '#test/otlp/receiver.ts';
import type { SpansToEmit } from './emit-spans.ts';
import { aSpan } from './a-span.ts';
import { muchLater, resolveAll } from './resolve-all.ts';

const options = { isDeadLetterTopic: (topic: string) => topic.endsWith('.DLT') };
const graphsOf = (spans: ReturnType<typeof aSpan>[]) => buildGraphs({ spans, deadLetters: [], replays: [] }, options);

// shop publishes e-1; payment handles it and publishes e-2, in traces that nothing but the ids connects.
const published = aSpan('p1', { traceId: 'x', operation: 'send', topic: 'orders', kind: 4, service: 'shop', eventId: 'e-1' });
const handled = aSpan('c1', { traceId: 'y', operation: 'process', topic: 'orders', partition: 0, offset: 5n, kind: 5, service: 'payment', eventId: 'e-1', startNs: 1_100_000_000n });
const effect = aSpan('p2', { traceId: 'z', operation: 'send', topic: 'payments', kind: 4, service: 'payment', eventId: 'e-2', causationId: 'e-1', startNs: 1_101_000_000n });

test('an effect hangs on the handling of its cause in the same service, whichever came first', () => {
  const whole = graphsOf([published, handled, effect]);
  assert.equal(whole.length, 1);
  const [graph] = whole;
  assert.deepEqual(graph!.hops.map((hop) => [hop.kind, hop.service, hop.offset]), [['send', 'shop', 5n], ['process', 'payment', 5n], ['send', 'payment', null]]);
  const words = graph!.edges.map((edge) => `${graph!.hops.find((hop) => hop.id === edge.from)!.service} to ${graph!.hops.find((hop) => hop.id === edge.to)!.topic} by ${edge.evidence.map((each) => each.kind).join(', ')}`);
  assert.deepEqual(words.sort(), ['payment to payments by causation', 'shop to orders by coordinate, correlation']);
  fc.assert(fc.property(fc.shuffledSubarray([published, handled, effect], { minLength: 3 }), (shuffled) => assert.deepEqual(graphsOf(shuffled), whole)));
});

test('without a handling in the same service the effect hangs on the publication of its cause', () => {
  const [graph, ...others] = graphsOf([published, effect]);
  assert.equal(others.length, 0);
  assert.deepEqual(graph!.edges.map((edge) => edge.evidence), [[{ kind: 'causation', detail: 'its causation id e-1 is the id of that event' }]]);
});

test('an event whose keys contradict is another one, whatever its causation id says', () => {
  const keyed = (span: typeof effect, journeyKey: string) => ({ ...span, journeyKey, journeyKeyBy: 'correlation_id' });
  assert.equal(graphsOf([keyed(published, 'o-1'), keyed(effect, 'o-2')]).length, 2);
  assert.equal(graphsOf([keyed(published, 'o-1'), keyed(effect, 'o-1')]).length, 1);
  // Of the very same record the trace says more than any key.
  const child = { ...handled, parentSpanId: 'p1', traceId: 'x' };
  assert.equal(graphsOf([keyed(published, 'o-1'), keyed(child, 'o-2')]).length, 1);
});

test('an event that names itself as its cause, and one that names nobody seen, stay alone', () => {
  assert.equal(graphsOf([published, { ...effect, eventId: 'e-1', causationId: 'e-1', topic: 'elsewhere' }])[0]!.edges.every((edge) => edge.evidence.every((each) => each.kind !== 'causation')), true);
  assert.equal(graphsOf([published, { ...effect, causationId: 'e-9' }]).length, 2);
});

test('a record that is copied on with its ids was caused once', () => {
  const copy = { ...effect, spanId: 'p3', traceId: 'w', topic: 'payments.retry', startNs: 2_000_000_000n, service: 'notification' };
  const [graph] = graphsOf([published, handled, effect, copy]);
  assert.equal(graph!.edges.filter((edge) => edge.evidence.some((each) => each.kind === 'causation')).length, 1);
  assert.equal(graph!.hops.length, 4);
});

test('ids that too many share are attributes, not edges', () => {
  assert.equal(buildGraphs({ spans: [published, effect], deadLetters: [], replays: [] }, { ...options, overusedEvents: new Set(['e-1']) }).length, 2);
});

async function emit(emitted: SpansToEmit): Promise<void> {
  await promisify(execFile)(process.execPath, ['--no-warnings', fileURLToPath(new URL('emit-spans.ts', import.meta.url)), JSON.stringify(emitted)]);
}

test('spans of two SDKs that only a causation id connects become one journey, the effect first; the id of the journey survives', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  const startMs = corpusNow.getTime();
  const kafka = { 'messaging.system': 'kafka' };
  await emit({ url: `${url}/v1/traces`, service: 'payment', spans: [
    { name: 'orders process', kind: 4, startMs: startMs + 20, durationMs: 5, attributes: { ...kafka, 'messaging.destination.name': 'orders', 'messaging.operation.type': 'process', 'messaging.destination.partition.id': '0', 'messaging.kafka.offset': 5, 'nservicebus.message_id': 'e-1' } },
    { name: 'payments send', kind: 3, startMs: startMs + 24, durationMs: 1, attributes: { ...kafka, 'messaging.destination.name': 'payments', 'messaging.operation.type': 'send', 'nservicebus.message_id': 'e-2', 'nservicebus.related_to': 'e-1' } },
  ] });
  await resolveAll(store);
  const [early, ...none] = (await listJourneys(store, { limit: 10 })).items;
  assert.equal(none.length, 0, 'the handling and what it caused are one already');
  await emit({ url: `${url}/v1/traces`, service: 'shop', spans: [{ name: 'orders send', kind: 3, startMs, durationMs: 2, attributes: { ...kafka, 'messaging.destination.name': 'orders', 'messaging.operation.type': 'send', 'cloudevents.event_id': 'e-1' } }] });
  await resolveAll(store);
  const all = (await listJourneys(store, { limit: 10 })).items;
  assert.deepEqual(all.map((row) => row.id), [early!.id]);
  const journey = await followJourney(store, { id: early!.id, now: muchLater });
  assert.deepEqual(journey.hops.map((hop) => `${hop.kind} ${hop.service} ${hop.topic} ${hop.offset}`), ['send shop orders 5', 'process payment orders 5', 'send payment payments null']);
  const [, , last] = journey.hops;
  assert.deepEqual(journey.edges.filter((edge) => edge.to === last!.id).flatMap((edge) => edge.evidence), [{ kind: 'causation', detail: 'its causation id e-1 is the event that payment was handling' }]);
  assert.deepEqual((await findJourneys(store, { text: 'e-2' })).items.map((row) => row.id), [early!.id], 'the id of an event finds its journey');
});

test('a causation id under two hundred traces and more joins none of them, from the first on', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  const startNs = BigInt(corpusNow.getTime()) * 1_000_000n;
  const attributes = (pairs: [string, string][]) => pairs.map(([key, value]) => ({ key, value: { stringValue: value } }));
  const send = async (from: number, to: number) => {
    const spans = Array.from({ length: to - from }, (_, place) => ({
      traceId: (from + place + 1).toString(16).padStart(32, '0'), spanId: (from + place + 1).toString(16).padStart(16, '0'), name: 'send', kind: 4, startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 5n),
      attributes: attributes([['messaging.destination.name', 'orders'], ['messaging.operation.type', 'send'], ['event_id', `e-${from + place}`], ['causation_id', 'nightly-import']]),
    }));
    assert.equal((await post(`${url}/v1/traces`, Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })), { 'content-type': 'application/json' })).status, 200);
    await resolveAll(store);
  };
  await send(0, 205);
  await send(205, 206);
  const journeys = await store.query<{ hops: number }>('select hop_count as hops from journey');
  assert.deepEqual([journeys.length, Math.max(...journeys.map((row) => row.hops))], [206, 1]);
});
