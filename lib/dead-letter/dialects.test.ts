import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeDeadLetter } from './decode.ts';
import { dialects } from './dialects.ts';
import { fingerprint } from './fingerprint.ts';
import type { HeaderBytes } from '#lib/model/dead-letter.ts';

const int32 = (value: number) => { const bytes = Buffer.alloc(4); bytes.writeInt32BE(value); return bytes; };
const int64 = (value: bigint) => { const bytes = Buffer.alloc(8); bytes.writeBigInt64BE(value); return bytes; };
type Header = [string, string | Buffer | null];
const decode = (topic: string, headers: Header[], timestampMs: bigint | null = null) =>
  decodeDeadLetter({ topic, timestampMs, headers: headers.map(([name, value]): HeaderBytes => [Buffer.from(name), typeof value === 'string' ? Buffer.from(value) : value]) });
const nowhere = { topic: null, partition: null, offset: null, timestampMs: null, consumerGroup: null };

test('Spring Kafka: numbers are binary, originals are appended and the newest is the last, the wrapper is looked through', () => {
  const original = (topic: string, partition: number, offset: bigint): Header[] => [
    ['kafka_dlt-original-topic', topic], ['kafka_dlt-original-partition', int32(partition)], ['kafka_dlt-original-offset', int64(offset)], ['kafka_dlt-original-timestamp', int64(1_795_000_000_000n)],
    ['kafka_dlt-original-timestamp-type', 'CreateTime'], ['kafka_dlt-original-consumer-group', 'billing'],
  ];
  const decoded = decode('orders-dlt', [
    ...original('orders-old', 1, 5n), ...original('orders', 2, 6_000_000_000n),
    ['kafka_dlt-exception-fqcn', 'org.springframework.kafka.listener.ListenerExecutionFailedException'], ['kafka_dlt-exception-cause-fqcn', 'shop.CardDeclined'],
    ['kafka_dlt-exception-message', "Listener method 'public void shop.L.on(java.lang.String)' threw exception; declined"], ['kafka_deliveryAttempt', int32(3)],
  ]);
  assert.deepEqual(decoded.origin, { topic: 'orders', partition: 2, offset: 6_000_000_000n, timestampMs: 1_795_000_000_000n, consumerGroup: 'billing' });
  assert.deepEqual([decoded.dialect, decoded.error.class, decoded.error.message, decoded.attempts], ['spring-kafka', 'shop.CardDeclined', 'declined', 3]);
});

test('Spring retry topics: the attempt is that of the next delivery, times are BigIntegers of any length, the group is in the dead-letter dialect', () => {
  const decoded = decode('orders-retry-1', [
    ['kafka_original-topic', 'orders'], ['kafka_original-partition', int32(0)], ['kafka_original-offset', int64(9n)], ['kafka_dlt-original-consumer-group', 'billing'],
    ['retry_topic-attempts', int32(2)], ['retry_topic-original-timestamp', Buffer.from([0x01, 0xa2, 0x3b, 0x4c, 0x5d, 0x6e])], ['retry_topic-attempts', int32(5)], ['kafka_exception-fqcn', 'shop.X'], ['kafka_exception-message', 'nested exception is shop.X: no; '],
  ]);
  assert.deepEqual([decoded.dialect, decoded.attempts, decoded.origin.timestampMs, decoded.origin.consumerGroup], ['spring-retry-topic', 4, 0x01a23b4c5d6en, 'billing']);
});

test('Spring Cloud Stream: error.<destination>.<group> tells the group only where the topic is that of the origin; suppressed blocks are no causes', () => {
  const stack = 'shop.A: a\n\tat shop.F.f(F.java:1)\n\tSuppressed: shop.S: s\n\t\tat shop.G.g(G.java:1)\n\tCaused by: shop.SC: sc\n\t\tat shop.H.h(H.java:1)\nCaused by: shop.Root: r\n\tat shop.I.i(I.java:1)\n';
  const headers: Header[] = [['x-original-topic', 'shop.orders'], ['x-original-partition', int32(1)], ['x-original-offset', int64(7n)], ['x-exception-fqcn', 'shop.A'], ['x-exception-message', 'a'], ['x-exception-stacktrace', stack]];
  const decoded = decode('error.shop.orders.billing', headers);
  assert.deepEqual([decoded.dialect, decoded.origin.consumerGroup, decoded.error.rootClass], ['spring-cloud-stream', 'billing', 'shop.Root']);
  assert.equal(decode('error.payments.billing', headers).origin.consumerGroup, null);
  assert.equal(decode('my-dlq', headers).origin.consumerGroup, null);
});

test('Kafka Connect and Streams: dead-lettered twice, the block appended last is read, a null message stays null, the record keeps the timestamp', () => {
  for (const [name, prefix, columns] of [['kafka-connect', '__connect.errors.', ['topic', 'partition', 'offset', 'exception.class.name', 'exception.message', 'exception.stacktrace']], ['kafka-streams', '__streams.errors.', ['topic', 'partition', 'offset', 'exception', 'message', 'stacktrace']]] as const) {
    const block = (values: (string | null)[]): Header[] => columns.map((column, index) => [`${prefix}${column}`, values[index] ?? null]);
    const decoded = decode('t.errors', [...block(['old', '1', '10', 'a.Old', 'old message', 'a.Old: old message\n\tat a.b(C.java:1)\n']), ...block(['orders', '0', '12', 'a.New', null, 'a.New\n\tat a.b(C.java:1)\n'])], 77n);
    assert.equal(decoded.dialect, name);
    assert.deepEqual(decoded.origin, { topic: 'orders', partition: 0, offset: 12n, timestampMs: 77n, consumerGroup: null });
    assert.deepEqual([decoded.error.class, decoded.error.message, decoded.error.rootClass], ['a.New', null, 'a.New']);
  }
});

test('share groups (KIP-1191): the group and the delivery count are told, the error only in words', () => {
  const decoded = decode('dlq', [['__dlq.errors.topic', 'orders'], ['__dlq.errors.partition', '3'], ['__dlq.errors.offset', '41'], ['__dlq.errors.group', 'share-1'], ['__dlq.errors.delivery.count', '5'], ['__dlq.errors.message', 'rejected by client']]);
  assert.deepEqual(decoded.origin, { topic: 'orders', partition: 3, offset: 41n, timestampMs: null, consumerGroup: 'share-1' });
  assert.deepEqual([decoded.attempts, decoded.error.class, decoded.error.message], [5, null, 'rejected by client']);
});

test('SmallRye delayed retry: the newest error is the first, the origin the last, and the count is one less than the attempts', () => {
  const decoded = decode('orders-retry-2000', [
    ['delayed-retry-exception-class-name', 'a.New'], ['delayed-retry-reason', 'new'], ['delayed-retry-topic', 'orders-retry-1000'], ['delayed-retry-partition', '0'], ['delayed-retry-offset', '4'],
    ['delayed-retry-exception-class-name', 'a.Old'], ['delayed-retry-reason', 'old'], ['delayed-retry-topic', 'orders'], ['delayed-retry-partition', '2'], ['delayed-retry-offset', '40'],
    ['delayed-retry-count', '1'], ['delayed-retry-original-timestamp', '99'],
  ]);
  assert.deepEqual(decoded.origin, { topic: 'orders', partition: 2, offset: 40n, timestampMs: 99n, consumerGroup: null });
  assert.deepEqual([decoded.error.class, decoded.error.message, decoded.attempts], ['a.New', 'new', 2]);
});

test('Helidon: the stray "topic" header names the dead-letter topic and is not taken for the origin', () => {
  const decoded = decode('orders-dlq', [['dlq-error', 'shop.X'], ['dlq-error-msg', 'm'], ['dlq-orig-topic', 'orders'], ['dlq-orig-partition', '1'], ['dlq-orig-offset', '2'], ['topic', 'orders-dlq']]);
  assert.deepEqual([decoded.dialect, decoded.origin.topic, decoded.origin.offset, decoded.error.class], ['helidon', 'orders', 2n, 'shop.X']);
});

test("Camel's dead letter channel says nothing: the origin is unknown", () => {
  const decoded = decode('dead', [['kafka.TOPIC', 'orders'], ['CamelFailureEndpoint', 'x']]);
  assert.deepEqual([decoded.dialect, decoded.origin, decoded.error.class], [null, nowhere, null]);
});

test('Spring AMQP republish: no class header, so the stack trace tells it; without one only the words are known', () => {
  const headers: Header[] = [['x-exception-message', 'boom'], ['x-original-exchange', ''], ['x-original-routingKey', 'orders']];
  const bare = decode('parked', headers);
  assert.deepEqual([bare.dialect, bare.error.class, bare.error.message, bare.origin.topic], ['spring-amqp', null, 'boom', null]);
  const stack = 'org.springframework.amqp.rabbit.support.ListenerExecutionFailedException: Listener threw exception\n\tat org.springframework.A.a(A.java:1)\nCaused by: shop.X: boom\n\tat shop.F.f(F.java:2)\n';
  const full = decode('parked', [...headers, ['x-exception-stacktrace', stack]]);
  assert.deepEqual([full.error.class, full.error.rootClass], ['shop.X', 'shop.X']);
});

test('RabbitMQ headers on a Kafka record tell the queue it died in first', () => {
  assert.deepEqual(decode('orders-dlq', [['x-death', '[{"queue":"retry"}]'], ['x-first-death-queue', 'orders'], ['x-first-death-exchange', '']]).origin, { ...nowhere, topic: 'orders' });
});

test('Karafka: numbers as text, the attempts as counted', () => {
  const decoded = decode('dead', [['source_topic', 'orders'], ['source_partition', '4'], ['source_offset', '88'], ['source_consumer_group', 'app'], ['source_attempts', '3'], ['source_trace_id', 'x']]);
  assert.deepEqual([decoded.origin, decoded.attempts], [{ topic: 'orders', partition: 4, offset: 88n, timestampMs: null, consumerGroup: 'app' }, 3]);
});

const dotnet = `System.InvalidOperationException: order 7 failed
 ---> Shop.CardDeclined: declined
   at Shop.Payment.Charge(Order order) in /src/Payment.cs:line 31
   at Shop.Payment.<Handle>d__4.MoveNext()
   --- End of inner exception stack trace ---
   at Shop.Handler.Handle(Order order) in /src/Handler.cs:line 12
   at Wolverine.Runtime.Handlers.Executor.InvokeAsync()`;

test('Wolverine: the destination is a URI, failed-at is no timestamp of the origin, the .NET stack is read', () => {
  const headers = (destination: string): Header[] => [['exception-type', 'System.InvalidOperationException'], ['exception-message', 'order 7 failed'], ['exception-stack', '   at Shop.Handler.Handle(Order order) in /src/Handler.cs:line 12\n   at Wolverine.R.E.InvokeAsync()'], ['failed-at', '1795228123425'], ['original-destination', destination], ['original-partition', '1'], ['original-offset', '3']];
  const decoded = decode('wolverine-dead-letter-queue', headers('kafka://topic/orders'));
  assert.deepEqual(decoded.origin, { ...nowhere, topic: 'orders', partition: 1, offset: 3n });
  assert.equal(decode('x', headers('local://durable/')).origin.topic, null);
  assert.equal(fingerprint('x', decoded, { tombstone: false, contentType: null }).title.frame, 'Shop.Handler.Handle');
});

test('NServiceBus: the .NET causes stand in the head, the root is the last of them and its frames come first', () => {
  const decoded = decode('error', [['NServiceBus.ExceptionInfo.ExceptionType', 'System.InvalidOperationException'], ['NServiceBus.ExceptionInfo.Message', 'order 7 failed'], ['NServiceBus.ExceptionInfo.StackTrace', dotnet], ['NServiceBus.FailedQ', 'orders'], ['NServiceBus.TimeOfFailure', '2026-11-21 03:56:34:694909 Z'], ['NServiceBus.CorrelationId', 'c-1']]);
  assert.deepEqual([decoded.origin, decoded.error.class, decoded.error.rootClass, decoded.correlationId], [{ ...nowhere, topic: 'orders' }, 'System.InvalidOperationException', 'Shop.CardDeclined', 'c-1']);
  assert.equal(fingerprint('error', decoded, { tombstone: false, contentType: null }).title.frame, 'Shop.Payment.Charge');
});

test('MassTransit: a fault has a class; a message that nobody consumed has only its reason', () => {
  assert.equal(decode('orders_error', [['MT-Reason', 'fault'], ['MT-Fault-ExceptionType', 'Shop.X'], ['MT-Fault-Message', 'm']]).error.class, 'Shop.X');
  const skipped = decode('orders_skipped', [['MT-Reason', 'dead-letter']]);
  assert.deepEqual([skipped.dialect, skipped.error.class, skipped.error.message], ['masstransit', null, null]);
});

test('of two dialects on one record the one whose topic it is counts, else the one written last', () => {
  const spring: Header[] = [['kafka_dlt-original-topic', 'a'], ['kafka_dlt-exception-fqcn', 'x.Spring']];
  const watermill: Header[] = [['topic_poisoned', 'b'], ['reason_poisoned', 'r']];
  assert.equal(decode('x_poisoned', [...watermill, ...spring]).dialect, 'watermill');
  assert.equal(decode('x-dlt', [...spring, ...watermill]).dialect, 'spring-kafka');
  assert.equal(decode('elsewhere', [...spring, ...watermill]).dialect, 'watermill');
});

test('no dialect is recognised by headers that another one uses alone', () => {
  const claimed = new Map<string, string>();
  for (const { name, recognise, requires } of dialects) {
    if (requires) continue;
    for (const header of recognise) {
      assert.ok(!claimed.has(header), `${header} of ${name} and ${claimed.get(header)}`);
      claimed.set(header, name);
    }
  }
});
