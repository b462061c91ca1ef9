import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeDeadLetter } from './decode.ts';
import type { HeaderBytes } from '#lib/model/dead-letter.ts';

interface CorpusRecord {
  topic: string;
  timestamp: number;
  headers: [string, string | null][];
  scenario: string;
  expected: Record<string, string | number | boolean | null>;
}
const folder = new URL('../../test/corpora/dead-letters/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.json') && !file.startsWith('rabbitmq'));
const bytes = (text: string) => new TextEncoder().encode(text);

function read(record: CorpusRecord) {
  const headers = record.headers.map(([name, value]): HeaderBytes => [bytes(name), value === null ? null : Buffer.from(value, 'base64')]);
  const decoded = decodeDeadLetter({ topic: record.topic, timestampMs: BigInt(record.timestamp), headers });
  return {
    originalTopic: decoded.origin.topic,
    originalPartition: decoded.origin.partition,
    originalOffset: decoded.origin.offset === null ? null : Number(decoded.origin.offset),
    originalTimestamp: decoded.origin.timestampMs === null ? null : Number(decoded.origin.timestampMs),
    consumerGroup: decoded.origin.consumerGroup,
    exceptionClass: decoded.error.class,
    rootExceptionClass: decoded.error.rootClass,
    exceptionMessage: decoded.error.message,
    attempts: decoded.attempts,
    hasStacktrace: decoded.error.stack !== null,
  };
}

let met = 0;
let all = 0;
for (const file of files) {
  test(`every record of ${file} decodes to what its framework conveyed`, () => {
    const corpus = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { records: CorpusRecord[] };
    for (const record of corpus.records) {
      all++;
      const { originalKeyBase64: _key, originalValueBase64: _value, ...expected } = record.expected;
      assert.deepEqual(read(record), expected, `${record.topic} ${record.scenario}`);
      met++;
    }
  });
}
test('the corpora were read whole', (t) => {
  t.diagnostic(`${met} of ${all} records met their expected`);
  assert.ok(all > 100);
});

const header = (name: string, value: string | Uint8Array | null): HeaderBytes => [bytes(name), typeof value === 'string' ? bytes(value) : value];

test('a record without a known dialect has an unknown origin and nothing is guessed', () => {
  const decoded = decodeDeadLetter({ topic: 'orders.DLT', timestampMs: 1n, headers: [header('error', 'boom'), header('correlation-id', 'order-1')] });
  assert.equal(decoded.dialect, null);
  assert.deepEqual(decoded.origin, { topic: null, partition: null, offset: null, timestampMs: null, consumerGroup: null });
  assert.deepEqual(decoded.error, { class: null, rootClass: null, message: null, stack: null });
  assert.equal(decoded.correlationId, 'order-1');
});

test('the small home-made dialect tells where the record lay and what was thrown', () => {
  const headers = [header('correlation-id', 'order-7'), header('x-original-topic', 'orders'), header('x-original-partition', '2'), header('x-original-offset', '41'), header('x-error', 'CardDeclinedError: card of order 7 was declined')];
  const decoded = decodeDeadLetter({ topic: 'orders.DLT', timestampMs: 1n, headers });
  assert.equal(decoded.dialect, 'x-original');
  assert.deepEqual(decoded.origin, { topic: 'orders', partition: 2, offset: 41n, timestampMs: null, consumerGroup: null });
  assert.deepEqual(decoded.error, { class: 'CardDeclinedError', rootClass: null, message: 'card of order 7 was declined', stack: null });
  assert.equal(decodeDeadLetter({ topic: 'x', timestampMs: null, headers: [header('x-original-topic', 'orders'), header('x-error', 'no luck: try again')] }).error.message, 'no luck: try again');
});

test('a failure without a cause does not take the cause of an older failure', () => {
  const headers = [
    header('dead-letter-exception-class-name', 'a.New'), header('dead-letter-reason', 'new'), header('dead-letter-topic', 't'),
    header('dead-letter-exception-class-name', 'a.Old'), header('dead-letter-reason', 'old'), header('dead-letter-cause-class-name', 'a.OldCause'), header('dead-letter-cause', 'x'),
  ];
  const { error } = decodeDeadLetter({ topic: 'dead-letter-topic-in', timestampMs: null, headers });
  assert.deepEqual([error.class, error.rootClass, error.message], ['a.New', 'a.New', 'new']);
});

test('binary numbers of another length are not conveyed rather than misread', () => {
  for (const length of [0, 1, 3, 5, 7, 9, 200]) {
    const value = new Uint8Array(length).fill(1);
    const decoded = decodeDeadLetter({ topic: 't-dlt', timestampMs: null, headers: [header('kafka_dlt-original-topic', 't'), header('kafka_dlt-original-partition', value), header('kafka_dlt-original-offset', value)] });
    assert.equal(decoded.origin.partition, null);
    assert.equal(decoded.origin.offset, null);
  }
});
