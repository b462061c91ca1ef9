import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layOutSequence } from './lay-out-sequence.ts';

test('lanes stand in the order of the story, and a step goes from who published to the topic to who handled', () => {
  const { lanes, steps } = layOutSequence([
    { id: '1', kind: 'send', who: 'shop', topic: 'orders' },
    { id: '2', kind: 'process', who: 'payment', topic: 'orders' },
    { id: '3', kind: 'dead-letter', who: 'payment', topic: 'orders.dlq' },
    { id: '4', kind: 'replay', who: 'ana', topic: 'orders' },
    { id: '5', kind: 'process', who: 'orders', topic: 'orders' },
  ]);
  assert.deepEqual(lanes.map((lane) => `${lane.kind} ${lane.name}`), ['participant shop', 'topic orders', 'participant payment', 'topic orders.dlq', 'participant ana', 'participant orders']);
  assert.deepEqual(steps.map(({ from, to }) => [from, to]), [[0, 1], [1, 2], [2, 3], [4, 1], [1, 5]]);
});

test('what is not known has a lane of its own or none, and never somebody else’s', () => {
  const { lanes, steps } = layOutSequence([
    { id: '1', kind: 'dead-letter', who: null, topic: 'orders.dlq' },
    { id: '2', kind: 'process', who: null, topic: 'orders' },
    { id: '3', kind: 'process', who: null, topic: null },
  ]);
  assert.deepEqual(lanes.map((lane) => `${lane.kind} ${lane.name}`), ['topic orders.dlq', 'topic orders', 'unknown unknown']);
  assert.deepEqual(steps.map(({ from, to }) => [from, to]), [[0, 0], [1, 2], [2, 2]]);
});
