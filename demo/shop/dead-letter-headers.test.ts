import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyHeaders, homeMadeHeaders, springHeaders } from './dead-letter-headers.ts';

const origin = { topic: 'orders', partition: 2, offset: 9_007_199_254_740_993n, timestamp: 1_795_226_372_847n, group: 'payment-service' };

class ProviderUnavailableError extends Error {}

function bytes(value: unknown): Buffer {
  assert.ok(Buffer.isBuffer(value));
  return value;
}

test('Spring headers carry partition as int32 and offset and timestamp as int64, big-endian', () => {
  const headers = springHeaders({}, origin, new ProviderUnavailableError('no answer'));
  assert.equal(bytes(headers['kafka_dlt-original-partition']).toString('hex'), '00000002');
  assert.equal(bytes(headers['kafka_dlt-original-offset']).readBigInt64BE(), 9_007_199_254_740_993n);
  assert.equal(bytes(headers['kafka_dlt-original-timestamp']).readBigInt64BE(), 1_795_226_372_847n);
  assert.equal(bytes(headers['kafka_dlt-original-timestamp-type']).toString(), 'CreateTime');
  assert.equal(bytes(headers['kafka_dlt-original-consumer-group']).toString(), 'payment-service');
});

test('Spring headers wrap the exception as Spring does, with the cause in its own header and in the stack trace', () => {
  const headers = springHeaders({}, origin, new ProviderUnavailableError('no answer'));
  assert.equal(bytes(headers['kafka_dlt-exception-fqcn']).toString(), 'org.springframework.kafka.listener.ListenerExecutionFailedException');
  assert.equal(bytes(headers['kafka_dlt-exception-cause-fqcn']).toString(), 'com.example.shop.ProviderUnavailableError');
  assert.equal(bytes(headers['kafka_dlt-exception-message']).toString(), 'Listener failed; no answer');
  const stack = bytes(headers['kafka_dlt-exception-stacktrace']).toString();
  assert.match(stack, /^org\.springframework\.kafka\.listener\.ListenerExecutionFailedException: Listener failed\n\tat /);
  assert.match(stack, /\nCaused by: com\.example\.shop\.ProviderUnavailableError: no answer\n\tat com\.example\.shop\.\S+\(\S+:\d+\)/);
});

test('Spring headers come in the order in which Spring Kafka 3.3 writes them, after those of the record', () => {
  const headers = springHeaders({ 'correlation-id': Buffer.from('chk-1'), 'replay-id': Buffer.from('r:1:1') }, origin, new Error('x'));
  assert.deepEqual(Object.keys(headers), [
    'correlation-id', 'replay-id',
    'kafka_dlt-exception-fqcn', 'kafka_dlt-exception-cause-fqcn', 'kafka_dlt-exception-message', 'kafka_dlt-exception-stacktrace',
    'kafka_dlt-original-topic', 'kafka_dlt-original-partition', 'kafka_dlt-original-offset', 'kafka_dlt-original-timestamp', 'kafka_dlt-original-timestamp-type', 'kafka_dlt-original-consumer-group',
  ]);
});

test('a second failure appends its origin, newest last, and replaces the exception', () => {
  const first = springHeaders({}, origin, new Error('first'));
  const second = springHeaders(first, { ...origin, offset: 7n }, new Error('second'));
  const offsets = second['kafka_dlt-original-offset'];
  assert.ok(Array.isArray(offsets));
  assert.deepEqual(offsets.map((value) => bytes(value).readBigInt64BE()), [9_007_199_254_740_993n, 7n]);
  assert.equal(bytes(second['kafka_dlt-exception-message']).toString(), 'Listener failed; second');
});

test('home-made headers are all text and keep what the service does not know', () => {
  const headers = homeMadeHeaders({ 'replay-id': Buffer.from('r:1:1') }, origin, new SyntaxError('Unexpected end of JSON input'), 3, new Date(1_795_235_323_813));
  assert.equal(bytes(headers['replay-id']).toString(), 'r:1:1');
  const { 'error-stack': stack, 'replay-id': _, ...rest } = headers;
  assert.match(String(stack), /^SyntaxError: Unexpected end of JSON input\n\s+at /);
  assert.deepEqual(rest, {
    error: 'Unexpected end of JSON input', 'error-name': 'SyntaxError', 'original-topic': 'orders', 'original-partition': '2', 'original-offset': '9007199254740993',
    'original-timestamp': '1795226372847', 'consumer-group': 'payment-service', 'retry-count': '3', 'failed-at': '1795235323813',
  });
});

test('something thrown that is no Error has a message but no stack', () => {
  const headers = homeMadeHeaders(undefined, origin, 'a string, not an Error', 1, new Date(0));
  assert.equal(headers['error'], 'a string, not an Error');
  assert.equal(headers['error-name'], 'Error');
  assert.equal(headers['error-stack'], '');
});

test('repeated headers stay repeated and in order; null, which kafkajs cannot send, becomes empty', () => {
  const read = { tag: [Buffer.from('a'), Buffer.from('b')], none: null } as unknown as Parameters<typeof copyHeaders>[0];
  const copy = copyHeaders(read);
  assert.deepEqual(copy, { tag: [Buffer.from('a'), Buffer.from('b')], none: Buffer.alloc(0) });
});
