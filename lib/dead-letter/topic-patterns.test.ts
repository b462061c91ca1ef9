import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultDlqPatterns, defaultRetryPatterns, topicMatcher } from './topic-patterns.ts';

test('the default patterns find the dead-letter topics that frameworks make, and nothing else', () => {
  const isDlq = topicMatcher(defaultDlqPatterns);
  for (const topic of ['shop.orders-dlt', 'orders.DLT', 'payments-dlq', 'gift.cards-dlq', 'dead-letter-topic-in', 'order-events_poisoned', 'erp.orders.errors', 'error.orders.billing', 'pay.orders.parked']) assert.ok(isDlq(topic), topic);
  for (const topic of ['orders', 'payments-retry-200', 'dlt-orders-x', '__consumer_offsets', '__x-dlq', 'errors']) assert.ok(!isDlq(topic), topic);
  assert.ok(topicMatcher(defaultRetryPatterns)('payments-retry-200'));
  assert.ok(!topicMatcher(['*-dlq', '!secret-*'])('secret-x-dlq'));
});

test('a pattern of many stars matches in linear time and as a regular expression would', () => {
  assert.ok(!topicMatcher(['*a'.repeat(50)])('a'.repeat(249 - 40) + 'b'));
  fc.assert(fc.property(fc.stringMatching(/^[ab*]{1,8}$/u), fc.stringMatching(/^[ab]{0,10}$/u), (pattern, topic) => {
    assert.equal(topicMatcher([pattern])(topic), new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'u').test(topic));
  }), { numRuns: 2000 });
});
