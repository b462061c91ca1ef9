import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildMap } from './build-map.ts';
import type { MapFacts, MapGraph, MapGroup, MapTopic, WayFigures } from './map-facts.ts';
import { matchGroups } from './match-groups.ts';
import { type MapFilter, narrowMap } from './narrow-map.ts';
import { emptyHistogram } from './time-histogram.ts';

const way = (change: Partial<WayFigures>): WayFigures => ({
  cluster: 'c', kind: 'process', service: null, topic: 't', group: null, hops: 60, failed: 0, failedAttempts: 0, deadLetters: 0, uncertain: 0, queue: emptyHistogram(), processing: emptyHistogram(), journeyId: null, failedJourneyId: null, ...change,
});
const topic = (name: string, change: Partial<MapTopic> = {}): MapTopic => ({ cluster: 'c', name, role: null, internal: false, producedPerSecond: 1, readersKnown: true, ...change });
const group = (name: string, change: Partial<MapGroup> = {}): MapGroup => ({ cluster: 'c', name, status: 'ok', consumedPerSecond: 1, lag: 0n, ...change });
const reader = (topicName: string, name: string) => ({ cluster: 'c', topic: topicName, group: name, lag: 5n });
const build = (facts: Partial<MapFacts>) => buildMap({ ways: [], topics: [], groups: [], readers: [], seconds: 60, ...facts });
const drawn = (map: MapGraph) => map.edges.map((edge) => `${edge.from.split(':').at(-1)} ${edge.kind}${edge.traced ? '' : '?'} ${edge.to.split(':').at(-1)}`);
const node = (map: MapGraph, name: string) => map.nodes.find((each) => each.name === name)!;
const everything: MapFilter = { search: '', service: null, topic: null, group: null };

test('a cluster without any span is its topics and groups, with what offsets say', () => {
  const map = build({ topics: [topic('orders', { producedPerSecond: 4 }), topic('mails'), topic('idle', { producedPerSecond: 0 })], groups: [group('billing', { consumedPerSecond: 4 })], readers: [reader('orders', 'billing')] });
  assert.deepEqual(drawn(map), ['orders consume? billing']);
  assert.deepEqual(map.nodes.map((each) => [each.name, each.traced, each.ratePerSecond, each.rateBy]), [['billing', false, 4, 'offsets'], ['mails', false, 1, 'offsets'], ['orders', false, 4, 'offsets']]);
  assert.deepEqual([map.edges[0]!.ratePerSecond, map.edges[0]!.lag], [4, 5n]);
  assert.deepEqual([node(map, 'mails').status, node(map, 'orders').status], ['unread', null]);
});

test('that nobody reads a topic is said only where all groups were read', () => {
  assert.equal(node(build({ topics: [topic('mails', { readersKnown: false })] }), 'mails').status, null);
});

test('a group of several topics is divided among them as they are written, and says so', () => {
  const facts = { topics: [topic('a', { producedPerSecond: 3 }), topic('b', { producedPerSecond: 1 })], groups: [group('g', { consumedPerSecond: 8 })], readers: [reader('a', 'g'), reader('b', 'g')] };
  assert.deepEqual(build(facts).edges.map((edge) => [edge.ratePerSecond, edge.rateBy]), [[6, 'estimate'], [2, 'estimate']]);
  assert.deepEqual(build({ ...facts, topics: [topic('a'), topic('b', { producedPerSecond: null })] }).edges.map((edge) => edge.ratePerSecond), [null, null], 'what is not known is no figure');
});

test('one reading that spans and commits both tell of is drawn once, with the group between', () => {
  const map = build({
    ways: [way({ kind: 'send', service: 'shop' }), way({ service: 'payment-service', group: 'payment-service', failed: 6, uncertain: 12 })],
    topics: [topic('t')], groups: [group('payment-service')], readers: [reader('t', 'payment-service')],
  });
  assert.deepEqual(drawn(map), ['payment-service runs payment-service', 'shop send t', 't consume payment-service']);
  assert.deepEqual(map.nodes.filter((each) => each.name === 'payment-service').map((each) => [each.kind, each.figures.hops, each.figures.failed, each.ratePerSecond]), [['group', 60, 6, 1], ['service', 60, 6, 1]]);
  assert.deepEqual(node(map, 't').figures.hops, 60, 'what was sent is not what was handled');
  assert.equal(node(map, 'shop').sentPerSecond, 1);
});

test('spans that name no group are taken for the group of their name, or for the only one left', () => {
  const facts = { topics: [topic('t')], groups: [group('x.payment'), group('ledger')], readers: [reader('t', 'x.payment'), reader('t', 'ledger')] };
  const map = build({ ...facts, ways: [way({ service: 'payment' }), way({ service: 'books' })] });
  assert.deepEqual(map.edges.filter((edge) => edge.kind === 'runs').map((edge) => [edge.from, edge.to, edge.matchedBy]), [['group:c:ledger', 'service:books', 'alone'], ['group:c:x.payment', 'service:payment', 'name']]);
  const open = build({ ...facts, ways: [way({ service: 'one' }), way({ service: 'two' })] });
  assert.deepEqual(drawn(open), ['t consume? ledger', 't consume? x.payment', 't consume one', 't consume two'], 'a wrong pair is worse than none');
});

test('names pair only where neither has another candidate', () => {
  assert.deepEqual([...matchGroups(['pay'], ['a.pay', 'b.pay'])], []);
  assert.deepEqual(matchGroups(['pay', 'b.pay'], ['a.pay', 'b.pay']), new Map([['b.pay', { group: 'b.pay', by: 'name' }], ['pay', { group: 'a.pay', by: 'name' }]]));
  assert.deepEqual([...matchGroups(['pay', 'x'], ['payments', 'y'])], []);
});

test('spans without a cluster belong to the only cluster with such a topic, and to none where there are two', () => {
  const sent = [way({ kind: 'send', service: 's', cluster: null })];
  assert.equal(build({ ways: sent, topics: [topic('t')] }).edges[0]!.to, 'topic:c:t');
  assert.equal(build({ ways: sent, topics: [topic('t'), topic('t', { cluster: 'd' })] }).edges[0]!.to, 'topic::t');
});

test('dead letters that only headers tell of count, and make no share of errors', () => {
  const map = build({ ways: [way({ group: 'g', hops: 0, deadLetters: 2 }), way({ kind: 'send', group: 'g', topic: 't.DLT', hops: 0, deadLetters: 2 })], topics: [topic('t'), topic('t.DLT', { role: 'dead-letter' })], groups: [group('g')], readers: [reader('t', 'g')] });
  assert.deepEqual(drawn(map), ['g dead-letter? t.DLT', 't consume? g']);
  assert.deepEqual([node(map, 'g').figures.deadLetters, node(map, 'g').figures.hops], [2, 0]);
});

test('a group that headers of dead letters name can still be the group of spans that name none, and its dead letters go with what the service sends', () => {
  const map = build({
    ways: [way({ service: 'mailer' }), way({ group: 'x.mailer', hops: 0, deadLetters: 1 }), way({ kind: 'send', service: 'mailer', topic: 'd', deadLetters: 3 }), way({ kind: 'send', group: 'x.mailer', topic: 'd', hops: 0, deadLetters: 1 })],
    topics: [topic('t'), topic('d')], groups: [group('x.mailer')], readers: [reader('t', 'x.mailer')],
  });
  assert.deepEqual(drawn(map), ['x.mailer runs mailer', 'mailer send d', 't consume x.mailer']);
  assert.deepEqual(map.edges.map((edge) => edge.figures.deadLetters), [0, 4, 1]);
});

test('a filter keeps what it names, what leads there and what goes on from there', () => {
  const map = build({
    ways: [way({ kind: 'send', service: 'a', topic: 't1' }), way({ service: 'b', topic: 't1', group: 'gb' }), way({ kind: 'send', service: 'b', topic: 't2' }), way({ service: 'c', topic: 't2', group: 'gc' }), way({ kind: 'send', service: 'z', topic: 't9' })],
    topics: [topic('t1'), topic('t2'), topic('t9')],
  });
  const names = (filter: Partial<MapFilter>) => narrowMap(map, { ...everything, ...filter }, 300).nodes.map((each) => each.name).toSorted();
  assert.deepEqual(names({ topic: 't2' }), ['b', 'c', 'gb', 'gc', 't1', 't2']);
  assert.deepEqual(names({ search: 'Z' }), ['t9', 'z']);
  assert.deepEqual(names({ search: 'nothing-like-it' }), []);
  assert.equal(narrowMap(map, { ...everything, service: 'b' }, 300).matched!.size, 1);
});

test('more than has room is left out from the least busy end, and counted', () => {
  const many = Array.from({ length: 50 }, (_, place) => `t${place}`);
  const map = build({ topics: many.map((name, place) => topic(name, { producedPerSecond: place + 1 })), groups: many.map((name) => group(`g-${name}`)), readers: many.map((name) => reader(name, `g-${name}`)) });
  const narrowed = narrowMap(map, everything, 20);
  assert.equal(narrowed.nodes.length, 20);
  assert.deepEqual(narrowed.left, { services: 0, topics: 40, groups: 40 });
  assert.ok(narrowed.nodes.some((each) => each.name === 't49') && narrowed.nodes.some((each) => each.name === 'g-t49'));
});
