import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AttributeValue, SpanKind } from '#lib/model/span.ts';
import { canonicalAttributes } from './canonical-attributes.ts';

function canonical(attributes: Record<string, AttributeValue>, kind: SpanKind = 5, name = 'a span', linkCount = 0) {
  return canonicalAttributes({ name, kind, linkCount, attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })) });
}

test('three generations of attribute names mean the same', () => {
  const expected = { system: 'kafka', topic: 'orders', operation: 'process', partition: 7, offset: 88123n, messageKey: 'c-1', group: 'billing', client: 'billing-1', clusterId: 'abc' };
  const newest = canonical({ 'messaging.system': 'kafka', 'messaging.destination.name': 'orders', 'messaging.operation.type': 'process', 'messaging.destination.partition.id': '7', 'messaging.kafka.offset': 88123, 'messaging.kafka.message.key': 'c-1', 'messaging.consumer.group.name': 'billing', 'messaging.client.id': 'billing-1', 'messaging.kafka.cluster.id': 'abc' });
  const middle = canonical({ 'messaging.system': 'kafka', 'messaging.source.name': 'orders', 'messaging.operation': 'process', 'messaging.kafka.source.partition': '7', 'messaging.kafka.message.offset': '88123', 'messaging.kafka.message.key': 'c-1', 'messaging.kafka.consumer.group': 'billing', 'messaging.client_id': 'billing-1', 'peer.service': 'Apache Kafka: abc' });
  const oldest = canonical({ 'messaging.system': 'kafka', 'messaging.destination': 'orders', 'messaging.operation': 'process', 'messaging.kafka.partition': 7, 'kafka.offset': 88123, 'messaging.kafka.message_key': 'c-1', 'messaging.kafka.consumer.group': 'billing', 'messaging.kafka.client_id': 'billing-1', 'kafka.cluster.id': 'abc' });
  for (const found of [newest, middle, oldest]) assert.deepEqual({ ...found, journeyKey: undefined, journeyKeyBy: undefined, eventId: undefined, causationId: undefined, batch: undefined }, { ...expected, journeyKey: undefined, journeyKeyBy: undefined, eventId: undefined, causationId: undefined, batch: undefined });
});

test('a message id gives the coordinate, parsed from the right because topics hold dots', () => {
  const found = canonical({ 'messaging.system': 'kafka', 'messaging.message.id': 'orders.DLT.0.3' });
  assert.deepEqual([found.topic, found.partition, found.offset], ['orders.DLT', 0, 3n]);
  assert.equal(canonical({ 'messaging.system': 'kafka', 'messaging.message.id': '6f1c-22' }).offset, null);
});

test('a span name that is only the topic is the last resort', () => {
  assert.equal(canonical({ 'messaging.system': 'kafka' }, 4, 'orders').topic, 'orders');
  assert.equal(canonical({ 'messaging.system': 'kafka', 'messaging.destination': 'real' }, 4, 'orders').topic, 'real');
  assert.equal(canonical({}, 4, 'orders').topic, null);
});

test('the key follows the order of preference, not the order of arrival', () => {
  const found = canonical({ 'http.request.header.x-correlation-id': ['request'], 'messaging.header.correlation_id': ['order'] });
  assert.deepEqual([found.journeyKey, found.journeyKeyBy], ['order', 'messaging.header.correlation_id']);
  assert.equal(canonical({ correlation_id: 'b', 'messaging.message.conversation_id': 'a' }).journeyKey, 'a');
});

test('an array with more than one value is a batch, never a key', () => {
  const found = canonical({ 'messaging.header.correlation_id': ['a', 'b'], 'messaging.destination.name': 'orders' });
  assert.equal(found.journeyKey, null);
  assert.equal(found.batch, true);
  assert.equal(canonical({}, 5, 'x', 2).batch, true);
  assert.equal(canonical({ 'messaging.batch.message_count': 1 }).batch, false);
});

test('an event and its cause are named by CloudEvents, NServiceBus, MassTransit and captured headers', () => {
  const named = (attributes: Record<string, AttributeValue>) => {
    const found = canonical({ 'messaging.destination.name': 'orders', ...attributes });
    return [found.eventId, found.causationId];
  };
  assert.deepEqual(named({ 'cloudevents.event_id': 'e-2', 'cloudevents.causationid': 'e-1' }), ['e-2', 'e-1']);
  assert.deepEqual(named({ 'nservicebus.message_id': 'e-2', 'nservicebus.related_to': 'e-1' }), ['e-2', 'e-1']);
  assert.deepEqual(named({ 'messaging.masstransit.message_id': 'm-2', 'messaging.masstransit.initiator_id': 'e-1' }), ['m-2', 'e-1']);
  // An InitiatorId holds the causing message's CorrelationId where it had one.
  assert.deepEqual(named({ 'messaging.masstransit.message_id': 'm-1', 'messaging.masstransit.correlation_id': 'e-1' }), ['e-1', null]);
  assert.deepEqual(named({ 'messaging.header.ce_id': ['e-2'], 'messaging.header.ce_causationid': ['e-1'] }), ['e-2', 'e-1']);
  assert.deepEqual(named({ 'messaging.message.id': '6f1c-22' }), ['6f1c-22', null]);
  assert.deepEqual(named({ 'messaging.message.id': 'orders.0.3' }), [null, null], 'a coordinate is no event id');
  assert.deepEqual(named({ 'messaging.header.causation_id': ['e-1', 'e-2'] }), [null, null], 'several values are a batch');
});

test('request/reply correlation is not a journey key by default', () => {
  assert.equal(canonical({ kafka_correlationId: 'x' }).journeyKey, null);
});

test('figures out of range are unknown, never wrapped', () => {
  const found = canonical({ 'messaging.destination.partition.id': '99999999999', 'messaging.kafka.offset': '99999999999999999999', 'messaging.destination.name': 'orders' });
  assert.deepEqual([found.partition, found.offset], [null, null]);
  assert.equal(canonical({ 'messaging.kafka.offset': -1, 'messaging.destination.name': 'orders' }).offset, null);
  assert.equal(canonical({ 'messaging.kafka.offset': 9007199254740993n, 'messaging.destination.name': 'orders' }).offset, 9007199254740993n);
});

test('any attributes at all are taken without a throw', () => {
  const value: fc.Arbitrary<AttributeValue> = fc.oneof(fc.string(), fc.double(), fc.bigInt(), fc.boolean(), fc.constant(null), fc.array(fc.string()), fc.constant<AttributeValue>({ entries: [] }));
  const name = fc.oneof(fc.constantFrom('messaging.destination.name', 'messaging.kafka.offset', 'messaging.message.id', 'messaging.operation', 'correlation_id', 'messaging.destination.partition.id', '__proto__'), fc.string());
  fc.assert(fc.property(fc.array(fc.record({ key: name, value })), fc.constantFrom<SpanKind>(0, 1, 2, 3, 4, 5), (attributes, kind) => {
    const found = canonicalAttributes({ name: 'n', kind, linkCount: 0, attributes });
    assert.ok(found.partition === null || found.partition >= 0);
    assert.ok(found.offset === null || found.offset >= 0n);
  }));
});
