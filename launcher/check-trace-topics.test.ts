import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, Rights } from '#lib/brokers/port-rights.ts';
import { missingForTraceTopics } from './check-trace-topics.ts';

const may = (...operations: Operation[]): ReadonlySet<Operation> => new Set(operations);
const wanted = { topics: ['otlp_spans', 'more'], encoding: 'otlp_proto' as const, group: 'waybill-traces' };
const rights = (change: Partial<Rights>): Rights => ({ cluster: null, topics: new Map([['otlp_spans', may('Read')], ['more', may('Read', 'Describe')]]), groups: new Map(), everyTopic: true, replayTransactions: null, ...change });

test('topics that are there and may be read are no finding, and of a group nobody joined nothing is said', () => {
  assert.deepEqual(missingForTraceTopics(wanted, rights({}), 'waybill'), []);
  assert.deepEqual(missingForTraceTopics(wanted, rights({ groups: new Map([['waybill-traces', may('Read')]]) }), null), []);
});

test('a topic that is not there, one that may not be read and a group that may not be joined are each named with their command', () => {
  const found = missingForTraceTopics(wanted, rights({ topics: new Map([['more', may('Describe')]]), groups: new Map([['waybill-traces', may('Describe')]]) }), 'waybill');
  assert.equal(found.length, 3);
  assert.match(found[0]!, /"otlp_spans" is not there.*kafka-topics --create --topic 'otlp_spans'/);
  assert.match(found[1]!, /Read on the topic "more".*'User:waybill' --operation Read --topic 'more'/);
  assert.match(found[2]!, /Read on the group "waybill-traces".*--operation Read --group 'waybill-traces'/);
});
