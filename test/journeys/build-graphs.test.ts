import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildGraphs } from '#lib/journey/build-graphs.ts';
import { judgeJourney, pathOf } from '#lib/journey/judge-journey.ts';
import type { DeadLetterFact, JourneySpan, ReplayFact } from '#lib/model/journey.ts';
import { aSpan as span } from './a-span.ts';
import { corpusRuns, expectedOf, spansOf } from './corpus.ts';
import { notConveyed } from './not-conveyed.ts';
import { score } from './score.ts';

const options = { isDeadLetterTopic: (topic: string) => topic.endsWith('.DLT') };

for (const run of corpusRuns()) {
  test(`${run}: verdicts agree with the outcome of each event`, () => {
    if (notConveyed[run]!.hops > 0) return;
    const graphs = buildGraphs({ spans: spansOf(run), deadLetters: [], replays: [] }, options);
    for (const event of expectedOf(run)) {
      const graph = graphs.find((each) => each.key === event.correlationId);
      assert.ok(graph, event.correlationId);
      const { state, verdict } = judgeJourney(graph, [], Number(graph.lastNs / 1_000_000n) + 3_600_000);
      assert.equal(state, event.outcome === 'completed' ? 'done' : 'dead-lettered', verdict);
    }
  });

  test(`${run}: the order of arrival makes no difference, and neither do repeats`, () => {
    const spans = spansOf(run);
    const whole = buildGraphs({ spans, deadLetters: [], replays: [] }, options);
    fc.assert(fc.property(fc.shuffledSubarray(spans, { minLength: spans.length }), fc.subarray(spans), (shuffled, repeated) => {
      assert.deepEqual(buildGraphs({ spans: [...shuffled, ...repeated], deadLetters: [], replays: [] }, options), whole);
    }), { numRuns: 20 });
  });

  test(`${run}: with any part of the spans missing there is still no foreign and no double hop`, () => {
    const spans = spansOf(run);
    const events = expectedOf(run);
    fc.assert(fc.property(fc.subarray(spans), (some) => {
      const found = score(buildGraphs({ spans: some, deadLetters: [], replays: [] }, options), events);
      assert.deepEqual([found.foreign, found.double], [0, 0]);
    }), { numRuns: 40 });
  });
}

test('no queue time is negative, and every edge joins two hops of its journey with evidence', () => {
  for (const run of corpusRuns()) {
    for (const graph of buildGraphs({ spans: spansOf(run), deadLetters: [], replays: [] }, options)) {
      const ids = new Set(graph.hops.map((hop) => hop.id));
      assert.equal(ids.size, graph.hops.length);
      for (const hop of graph.hops) assert.ok((hop.queueNs ?? 0n) >= 0n && hop.durationNs >= 0n, `${run} ${hop.id}`);
      for (const edge of graph.edges) {
        assert.ok(ids.has(edge.from) && ids.has(edge.to) && edge.from !== edge.to && edge.evidence.length > 0);
      }
      const reached = new Set(graph.edges.map((edge) => edge.to));
      for (const hop of graph.hops.slice(1)) assert.ok(reached.has(hop.id), `${run} ${hop.id} is in the journey without a reason`);
    }
  }
});

const letter: DeadLetterFact = {
  id: '7-0-0', cluster: null, topic: 'orders.DLT', partition: 0, offset: 0n, timestampNs: 0n, originTopic: null, originPartition: null, originOffset: null,
  originTimestampNs: null, originGroup: null, error: null, correlationId: null, incarnation: 0,
};

// The ledger notes a sending after its commit: a quick consumer begins before that.
for (const [when, afterNs] of [['after', 5_000_000n], ['before', -3_000_000n]] as const) test(`a dead letter, its replay and the outcome are hops of the same journey, found by coordinate, with a consumer that begins ${when} the ledger's note`, () => {
  const spans = spansOf('node-kafkajs-json');
  const event = expectedOf('node-kafkajs-json').find((each) => each.outcome === 'dead-lettered')!;
  const origin = /^(.*):(\d+)@(\d+)$/.exec(event.failedAttempts[0]!.at)!;
  const published = spans.find((span) => span.topic === 'orders.DLT')!;
  const fact: DeadLetterFact = { ...letter, timestampNs: published.startNs, originTopic: origin[1]!, originPartition: Number(origin[2]), originOffset: BigInt(origin[3]!), originGroup: 'payment', error: 'PaymentRefused: amount must be positive', correlationId: event.correlationId };
  const replayed: ReplayFact = { replayId: '0195-replay', deadLetterId: fact.id, cluster: null, state: 'sent', actor: 'ana', atNs: published.startNs + 120_000_000_000n, sent: { topic: 'orders', partition: 1, offset: 90n }, incarnation: 0 };
  // The replayed record keeps the headers of the dead letter: its consumer's span is a child of the publication to the DLQ.
  const again: JourneySpan = { ...spans.find((span) => span.service === 'payment' && span.topic === 'orders' && span.operation === 'process')!, traceId: published.traceId, spanId: 'aaaaaaaaaaaaaaaa', parentSpanId: published.spanId, partition: 1, offset: 90n, startNs: replayed.atNs + afterNs, statusCode: 0, statusMessage: null };

  const before = buildGraphs({ spans, deadLetters: [fact], replays: [] }, options).find((graph) => graph.key === event.correlationId)!;
  assert.equal(before.hops.filter((hop) => hop.kind === 'dead-letter').length, 1, 'the span of the publication and the stored record are one hop');
  const dead = before.hops.find((hop) => hop.kind === 'dead-letter')!;
  assert.deepEqual([dead.partition, dead.offset, dead.deadLetterId, dead.error], [0, 0n, fact.id, fact.error]);
  assert.ok(before.edges.find((edge) => edge.to === dead.id)!.evidence.some((each) => each.kind === 'coordinate' && each.detail.includes('orders:1@3')));

  const after = buildGraphs({ spans: [...spans, again], deadLetters: [fact], replays: [replayed] }, options).find((graph) => graph.key === event.correlationId)!;
  const kinds = after.hops.map((hop) => `${hop.kind} ${hop.service ?? hop.actor}`);
  assert.deepEqual(kinds.slice(-3), ['dead-letter payment', 'replay ana', 'process payment']);
  const { state, verdict } = judgeJourney(after, [], Number(after.lastNs / 1_000_000n) + 1_000);
  assert.equal(state, 'replayed');
  assert.equal(verdict, 'Dead-lettered at payment, replayed by ana, and processed by payment.');
  assert.deepEqual(pathOf(after).map((step) => step.text + '✕'.repeat(step.failed) + (step.ok ? '✓' : '')), ['shop-api', 'inventory✓', 'payment✕✕✕', 'orders.DLT', 'replay', 'payment✓']);
  const replayHop = after.hops.find((hop) => hop.kind === 'replay')!;
  assert.ok(after.edges.some((edge) => edge.from === dead.id && edge.to === replayHop.id));
  assert.ok(after.edges.some((edge) => edge.from === replayHop.id && after.hops.find((hop) => hop.id === edge.to)!.offset === 90n));
});

test('a dead letter of a service that sends no spans still shows who failed, as a ghost hop', () => {
  const fact: DeadLetterFact = { ...letter, timestampNs: 1_795_000_000_000_000_000n, originTopic: 'orders', originPartition: 1, originOffset: 3n, originGroup: 'billing', error: 'CardDeclined', correlationId: 'o-1' };
  const [graph] = buildGraphs({ spans: [], deadLetters: [fact], replays: [] }, options);
  assert.deepEqual(graph!.hops.map((hop) => [hop.kind, hop.group, hop.ghost, hop.error]), [['process', 'billing', true, 'CardDeclined'], ['dead-letter', 'billing', false, 'CardDeclined']]);
  assert.equal(graph!.key, 'o-1');
});

test('ten orders in one trace by a leaked scope stay ten journeys', () => {
  const spans = spansOf('java-clients-receive');
  const graphs = buildGraphs({ spans, deadLetters: [], replays: [] }, options);
  const traces = graphs.map((graph) => new Set(graph.hops.map((hop) => hop.traceId)));
  const shared = [...traces[0]!].find((trace) => traces.every((each) => each.has(trace)));
  assert.equal(graphs.length, 10);
  assert.ok(shared, 'all ten have hops in the same trace');
});

test('receive and process spans of one record and service are one hop and one attempt', () => {
  const [graph] = buildGraphs({ spans: [
    span('p', { operation: 'send', topic: 'orders', kind: 4 }),
    span('r', { operation: 'receive', topic: 'orders', partition: 0, offset: 5n, kind: 5, parentSpanId: 'p', service: 'billing', startNs: 2_000_000_000n }),
    span('c', { operation: 'process', topic: 'orders', partition: 0, offset: 5n, kind: 5, parentSpanId: 'r', service: 'billing', group: 'billing', startNs: 2_001_000_000n }),
    span('n', { operation: 'process', topic: 'orders', partition: 0, offset: 5n, kind: 5, parentSpanId: 'c', service: 'billing', startNs: 2_002_000_000n }),
  ], deadLetters: [], replays: [] }, options);
  assert.deepEqual(graph!.hops.map((hop) => [hop.kind, hop.offset, hop.attempts.length]), [['send', 5n, 0], ['process', 5n, 1]]);
});

test('a consumer that starts before the publication ended waited 0, and a clock that is behind is said, not drawn', () => {
  const [overlap] = buildGraphs({ spans: [
    span('p', { operation: 'send', topic: 'orders', kind: 4, durationNs: 100_000_000n }),
    span('c', { operation: 'process', topic: 'orders', partition: 0, offset: 5n, kind: 5, parentSpanId: 'p', service: 'billing', startNs: 1_020_000_000n }),
  ], deadLetters: [], replays: [] }, options);
  assert.equal(overlap!.hops[1]!.queueNs, 20_000_000n);
  assert.equal(overlap!.hops[1]!.skewNs, null);
  const [skewed] = buildGraphs({ spans: [
    span('p', { operation: 'send', topic: 'orders', kind: 4 }),
    span('c', { operation: 'process', topic: 'orders', partition: 0, offset: 5n, kind: 5, parentSpanId: 'p', service: 'billing', startNs: 962_000_000n }),
  ], deadLetters: [], replays: [] }, options);
  const hop = skewed!.hops.find((each) => each.kind === 'process')!;
  assert.deepEqual([hop.queueNs, hop.skewNs], [0n, -38_000_000n]);
});

test('two events at the same coordinate of a recreated topic are kept apart by their keys and by the incarnation', () => {
  const record = { operation: 'process' as const, topic: 'orders', partition: 0, offset: 0n, kind: 5, service: 'billing' };
  const byKey = buildGraphs({ spans: [span('a', { ...record, traceId: 'x', journeyKey: 'one', journeyKeyBy: 'k' }), span('b', { ...record, traceId: 'y', journeyKey: 'two', journeyKeyBy: 'k' })], deadLetters: [], replays: [] }, options);
  assert.equal(byKey.length, 2);
  const byIncarnation = buildGraphs({ spans: [span('a', { ...record, traceId: 'x' }), span('b', { ...record, traceId: 'y', incarnation: 1 })], deadLetters: [], replays: [] }, options);
  assert.equal(byIncarnation.length, 2);
});

test('a failed handling that puts its record on a retry topic is not the end of the journey', () => {
  const spans = [
    span('p', { operation: 'send', topic: 'orders', kind: 4 }),
    span('c', { operation: 'process', topic: 'orders', partition: 0, offset: 5n, kind: 5, parentSpanId: 'p', service: 'mail', startNs: 1_001_000_000n, statusCode: 2, statusMessage: 'greylisted' }),
    span('r', { operation: 'send', topic: 'mail.retry', kind: 4, parentSpanId: 'c', service: 'mail', startNs: 1_002_000_000n }),
    span('d', { operation: 'process', topic: 'mail.retry', partition: 0, offset: 1n, kind: 5, parentSpanId: 'r', service: 'mail', startNs: 3_000_000_000n }),
  ];
  const judged = (some: JourneySpan[]) => judgeJourney(buildGraphs({ spans: some, deadLetters: [], replays: [] }, { ...options, isRetryTopic: (topic) => topic.endsWith('.retry') })[0]!, [], 3_600_000);
  assert.deepEqual([judged(spans).state, judged(spans).verdict], ['done', 'Done in 2.0 s, after a retry by way of mail.retry: last handled by mail.']);
  assert.equal(judged(spans.slice(0, 2)).state, 'failed');
  const again = { ...spans[3]!, statusCode: 2, statusMessage: 'greylisted again' };
  assert.equal(judged([...spans.slice(0, 3), again]).state, 'failed');
});

test('a value that too many traces share joins nothing', () => {
  const spans = ['x', 'y'].map((traceId) => span('p', { traceId, operation: 'send', topic: 'orders', kind: 4, journeyKey: 'tenant-1', journeyKeyBy: 'k' }));
  assert.equal(buildGraphs({ spans, deadLetters: [], replays: [] }, options).length, 1);
  assert.equal(buildGraphs({ spans, deadLetters: [], replays: [] }, { ...options, overusedKeys: new Set(['tenant-1']) }).length, 2);
});

test('any spans at all give graphs without a throw', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd');
  const any = fc.record({
    traceId: fc.constantFrom('t', 'u'), spanId: ids, parentSpanId: fc.option(ids), service: fc.option(fc.constantFrom('s1', 's2')), kind: fc.nat(5), startNs: fc.bigInt(0n, 5_000_000_000n), durationNs: fc.bigInt(0n, 1_000_000_000n),
    statusCode: fc.nat(2), operation: fc.option(fc.constantFrom('send' as const, 'receive' as const, 'process' as const)), topic: fc.option(fc.constantFrom('orders', 'orders.DLT')), partition: fc.option(fc.nat(1)), offset: fc.option(fc.bigInt(0n, 2n)),
    group: fc.option(fc.constantFrom('g1', 'g2')), journeyKey: fc.option(fc.constantFrom('k1', 'k2')), journeyKeyBy: fc.constantFrom('by', 'other'), batch: fc.boolean(),
    links: fc.array(fc.record({ traceId: fc.constantFrom('t', 'u'), spanId: ids }), { maxLength: 3 }),
  }).map((change) => span('a', change));
  fc.assert(fc.property(fc.array(any, { maxLength: 14 }), fc.array(fc.record({ originOffset: fc.option(fc.bigInt(0n, 2n)), correlationId: fc.option(fc.constantFrom('k1', 'k2')), offset: fc.bigInt(0n, 2n) }), { maxLength: 3 }), (spans, letters) => {
    const deadLetters = letters.map((change) => ({ ...letter, ...change, id: `7-0-${change.offset}`, originTopic: 'orders', originPartition: 0 }));
    for (const graph of buildGraphs({ spans, deadLetters, replays: [] }, options)) {
      assert.ok(judgeJourney(graph, [], 10_000).verdict.length > 0);
      assert.ok(graph.hops.length > 0 && graph.references.length > 0);
    }
  }), { numRuns: 1_000 });
});
