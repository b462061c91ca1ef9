import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aGraph, anOrder, type GivenHop } from '#test/journeys/a-graph.ts';
import { derivePath, withEdits } from './derive-path.ts';
import { describePath } from './describe-path.ts';
import { commitsByPlace, judgePath, LEAST_ALLOWANCE_MS } from './judge-path.ts';
import { addStats, noStats, statsOf } from './path-stats.ts';

const START_MS = 1_000_000;
const LATER_MS = START_MS + 3_600_000;
const none = new Map();

function learned(graphs = Array.from({ length: 30 }, () => anOrder())) {
  const stats = noStats();
  for (const graph of graphs) addStats(stats, statsOf(graph));
  return derivePath(stats, { entryType: 'orders', version: 1, sinceMs: 0 });
}

test('a journey that does what all did has no deviation', () => {
  const services = ['a', 'b', 'c'];
  const hop = fc.record({ kind: fc.constantFrom('send' as const, 'process' as const), service: fc.constantFrom(...services), topic: fc.constantFrom('t', 'u'), tookMs: fc.nat(5_000), gapMs: fc.nat(5_000), cause: fc.nat(10) });
  fc.assert(
    fc.property(fc.array(hop, { minLength: 1, maxLength: 5 }), (given) => {
      let atMs = 0;
      const graph = aGraph(given.map(({ gapMs, cause, ...each }, place): GivenHop => ({ ...each, atMs: place === 0 ? 0 : (atMs += gapMs), ...(place === 0 ? {} : { after: cause % place }) })), START_MS);
      const judgement = judgePath(graph, learned(Array.from({ length: 20 }, () => graph)), none, LATER_MS)!;
      assert.deepEqual([judgement.missing, judgement.awaited, judgement.extra, judgement.slow, judgement.nextCheckAtMs], [[], [], [], [], null]);
      assert.equal(judgement.done, judgement.expected);
      assert.match(describePath(judgement), /^(All \d+ expected hops|The one expected hop)\.$/);
    }),
    { numRuns: 100 },
  );
});

test('a path of too few journeys judges nobody', () => {
  assert.equal(judgePath(anOrder(), learned(Array.from({ length: 19 }, () => anOrder())), none, LATER_MS), null);
});

test('a required hop is awaited until its time after the hop it follows is over, and missing from then on', () => {
  const path = learned();
  const graph = anOrder({ without: ['process notification'] });
  const sent = START_MS + 110; // when payment published what notification reads
  const before = judgePath(graph, path, none, sent + LEAST_ALLOWANCE_MS - 1)!;
  assert.deepEqual([before.missing.length, before.awaited.map((each) => each.step.id), before.nextCheckAtMs], [0, ['process notification payments'], sent + LEAST_ALLOWANCE_MS]);
  assert.equal(describePath(before), '3 of 4 hops; the others still have time.');
  const after = judgePath(graph, path, none, before.nextCheckAtMs!)!;
  assert.deepEqual([after.missing.map((each) => [each.step.id, each.after, each.behind]), after.nextCheckAtMs], [[['process notification payments', 'send payment payments', false]], null]);
  assert.equal(describePath(after), '3 of 4 hops; missing: notification on payments.');
});

test('the allowance grows with how long the hop usually takes', () => {
  const slow = learned(Array.from({ length: 30 }, () => anOrder({ slowMs: 60_000 })));
  const judged = judgePath(anOrder({ without: ['process payment', 'send payment', 'process notification'] }), slow, none, START_MS + 150_000)!;
  assert.equal(judged.missing.length, 0, 'payment usually takes a minute: two and a half are no loss');
  const [first] = judged.awaited;
  assert.ok(first!.dueMs >= START_MS + 3 * 60_000 && first!.dueMs < START_MS + 3 * 67_000);
});

test('where the path breaks off comes first; what follows from that comes behind it, later', () => {
  const judged = judgePath(anOrder({ without: ['process payment', 'send payment', 'process notification'] }), learned(), none, LATER_MS)!;
  assert.deepEqual(judged.missing.map((each) => [each.step.id, each.behind]), [['process payment orders', false], ['send payment payments', true], ['process notification payments', true]]);
  assert.equal(describePath(judged), '1 of 4 hops; missing: payment on orders and 2 more after it.');
  const [first, second] = judged.missing;
  assert.ok(second!.dueMs > first!.dueMs);
});

test('a group that committed past the record has passed, also where it left no span', () => {
  const graph = anOrder({ without: ['process notification'] });
  const commits = (committedOffset: bigint, name = 'notification') => commitsByPlace([{ topic: 'payments', partition: 0, offset: 2n, groups: [{ name, committedOffset, watchedSinceNs: 0n }] }]);
  const passed = judgePath(graph, learned(), commits(3n), LATER_MS)!;
  assert.deepEqual([passed.missing, passed.unseen.map((step) => step.id), passed.done, passed.expected], [[], ['process notification payments'], 4, 4]);
  assert.equal(describePath(passed), 'All 4 expected hops; 1 known from commits alone.');
  assert.equal(judgePath(graph, learned(), commits(2n), LATER_MS)!.missing.length, 1, 'it has not passed the record');
  assert.equal(judgePath(graph, learned(), commits(3n, 'payment-group'), LATER_MS)!.missing.length, 1, 'another consumer of the path is not this one');
});

test('a failed handling is no hop done, and is called what it is', () => {
  const graph = anOrder({ without: ['send payment', 'process notification'] });
  graph.hops[1]!.error = 'card declined';
  const judged = judgePath(graph, learned(), none, LATER_MS)!;
  assert.equal(describePath(judged), '1 of 4 hops; missing: payment on orders (it failed) and 2 more after it.');
});

test('a handling that failed and was done after all is done once', () => {
  const graph = aGraph([
    { kind: 'send', service: 'checkout', topic: 'orders', atMs: 0 },
    { kind: 'process', service: 'payment', topic: 'orders', atMs: 20, after: 0, error: 'no answer' },
    { kind: 'process', service: 'payment', topic: 'orders', atMs: 900, after: 0 },
    { kind: 'send', service: 'payment', topic: 'payments', atMs: 950, after: 2 },
    { kind: 'process', service: 'notification', topic: 'payments', atMs: 990, after: 3 },
  ]);
  const judged = judgePath(graph, learned(), none, LATER_MS)!;
  assert.deepEqual([judged.done, judged.expected, judged.missing, judged.extra], [4, 4, [], []]);
  assert.equal(statsOf(graph).steps['process payment orders']!.occurrences.length, 1);
});

test('a hop that no journey of the path had is unusual, and so is one too many', () => {
  const strange = aGraph([
    ...anOrder().hops.map((hop, place): GivenHop => ({ kind: hop.kind, service: hop.service, topic: hop.topic!, atMs: place * 30, ...(place === 0 ? {} : { after: place - 1 }) })),
    { kind: 'process', service: 'fraud', topic: 'orders', atMs: 30, after: 0 },
    { kind: 'process', service: 'payment', topic: 'orders', atMs: 50, after: 0 },
  ]);
  assert.deepEqual(judgePath(strange, learned(), none, LATER_MS)!.extra.map((each) => each.step.id), ['process fraud orders', 'process payment orders']);
  assert.deepEqual(judgePath(strange, { ...learned(), incomplete: true }, none, LATER_MS)!.extra.map((each) => each.step.id), ['process payment orders'], 'where steps were left out, none is called new');
});

test('a slow hop says by how much it is over its p95', () => {
  const judged = judgePath(anOrder({ slowMs: 4_000 }), learned(), none, LATER_MS)!;
  assert.deepEqual(judged.slow.map((each) => each.step.id), ['process payment orders'], 'what the slow handler publishes at its end is not slow once more');
  const [slowest] = judged.slow;
  assert.equal(slowest!.tookMs, 4_120);
  assert.ok(Math.abs(slowest!.overMs - (4_120 - slowest!.p95Ms)) < 1e-6);
  assert.match(describePath(judged), /slow: payment on orders, 4\.0 s over its p95 of 1\d\d ms\.$/);
});

test('an ignored step is neither missing nor unusual nor slow; an optional one is not missing', () => {
  const path = learned();
  const say = (requirement: 'ignored' | 'optional', id: string) => withEdits(path, [{ ...path.steps.find((step) => step.id === id)!, requirement, by: 'ana', atMs: 0 }]);
  assert.deepEqual(judgePath(anOrder({ without: ['process notification'] }), say('optional', 'process notification payments'), none, LATER_MS)!.missing, []);
  const judged = judgePath(anOrder({ slowMs: 4_000 }), say('ignored', 'process payment orders'), none, LATER_MS)!;
  assert.deepEqual(judged.slow.map((each) => each.step.id), ['send payment payments']);
});
