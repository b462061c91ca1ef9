import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapEdgeWire, MapNodeWire, MapWire } from '#lib/operations/map-wire.ts';
import { describeNode, mapVerdict, nodeFigures, shortName } from './map-words.ts';

const figures = { hops: 0, failed: 0, failedAttempts: 0, deadLetters: 0, uncertain: 0, errorShare: null, queue: null, processing: null };
const node = (id: string, change: Partial<MapNodeWire> = {}): MapNodeWire => ({ id, kind: 'topic', name: id, cluster: 'c', traced: true, ratePerSecond: null, rateBy: null, sentPerSecond: null, status: null, lag: null, matched: true, ...figures, ...change });
const edge = (from: string, to: string, change: Partial<MapEdgeWire> = {}): MapEdgeWire => ({ id: `${from}>${to}`, from, to, kind: 'consume', traced: true, ratePerSecond: null, rateBy: null, lag: null, matchedBy: null, journeyId: null, failedJourneyId: null, ...figures, ...change });
const map = (nodes: MapNodeWire[], edges: MapEdgeWire[], total = { services: 0, topics: 1, groups: 1 }): MapWire => ({ from: '', to: '', seconds: 60, countedSince: null, tracesUpTo: null, nodes, edges, total, left: { services: 0, topics: 0, groups: 0 } });
const queue = (p95Ms: number) => ({ p50Ms: 1, p95Ms, count: 10 });

test('the sentence counts, and names the slowest queue and where most fails', () => {
  const said = mapVerdict(map([node('orders'), node('payment'), node('mails', { status: 'unread' })], [edge('orders', 'payment', { queue: queue(1_200), hops: 40, failed: 2, errorShare: 0.05 }), edge('orders', 'mails', { queue: queue(5) })], { services: 2, topics: 1, groups: 0 }));
  assert.equal(said, '2 services, 1 topic. Slowest queue: orders → payment, p95 1.2 s. Most failures: orders → payment, 5 % of 40 records. 1 topic nobody reads.');
});

test('without spans it says nothing of queues and failures; with them it says that none failed', () => {
  assert.equal(mapVerdict(map([node('orders'), node('g')], [edge('orders', 'g', { traced: false })])), '1 topic, 1 group.');
  assert.equal(mapVerdict(map([node('orders'), node('g', { kind: 'group', status: 'stopped' })], [edge('orders', 'g', { traced: false })])), '1 topic, 1 group. 1 group stopped, stalled or losing data.');
  assert.equal(mapVerdict(map([node('orders'), node('g')], [edge('orders', 'g', { queue: queue(5), hops: 3, errorShare: 0 })])), '1 topic, 1 group. Slowest queue: orders → g, p95 5 ms. No record failed for good.');
  assert.equal(mapVerdict(map([], [])), 'Nothing moved in this range.');
});

test('a node says its figures as they are known', () => {
  assert.equal(nodeFigures(node('t')), 'rate unknown');
  assert.equal(nodeFigures(node('t', { status: 'dead-letter', ratePerSecond: 0.2, rateBy: 'offsets' })), '0.2/s written · dead letters');
  assert.equal(nodeFigures(node('g', { kind: 'group', ratePerSecond: 2.4, rateBy: 'offsets', lag: '1204' })), '2.4/s read · lag 1,204');
  assert.equal(nodeFigures(node('s', { kind: 'service', sentPerSecond: 3 })), '3/s out');
  assert.equal(describeNode(node('g', { kind: 'group', status: 'falling-behind', traced: false, ratePerSecond: 2, rateBy: 'estimate' })), 'group g, about 2/s read, falling behind, not traced');
});

test('a long name keeps its beginning and more of its end', () => {
  assert.equal(shortName('orders'), 'orders');
  assert.equal(shortName('com.acme.shop.payments.captured.v2'), 'com.acm…ts.captured.v2');
  assert.equal(shortName('com.acme.shop.payments.captured.v2').length, 22);
});
