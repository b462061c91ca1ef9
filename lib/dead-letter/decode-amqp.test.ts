import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeAmqpDeadLetter } from './decode-amqp.ts';

interface AmqpRecord {
  queue: string;
  exchange: string;
  routingKey: string;
  properties: { timestamp?: number };
  headersTableBase64: string;
  scenario: string;
  expected: Record<string, string | number | boolean | null>;
}
const folder = new URL('../../test/corpora/dead-letters/', import.meta.url);
const records = readdirSync(folder).filter((file) => file.startsWith('rabbitmq')).flatMap((file) => (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { records: AmqpRecord[] }).records);
const messageOf = (record: AmqpRecord, table = Buffer.from(record.headersTableBase64, 'base64')) => ({
  queue: record.queue, exchange: record.exchange, routingKey: record.routingKey, timestampSeconds: record.properties.timestamp === undefined ? null : BigInt(record.properties.timestamp), headersTable: table,
});

test('every message of RabbitMQ decodes to what the broker conveyed', (t) => {
  for (const record of records) {
    const decoded = decodeAmqpDeadLetter(messageOf(record));
    const number = (value: bigint | null | undefined) => (value === null || value === undefined ? null : Number(value));
    const [last] = decoded.deaths;
    const first = decoded.deaths.at(-1);
    const all: Record<string, unknown> = {
      originalTopic: decoded.origin.topic, originalPartition: decoded.origin.partition, originalOffset: number(decoded.origin.offset), originalTimestamp: number(decoded.origin.timestampMs), consumerGroup: decoded.origin.consumerGroup,
      exceptionClass: decoded.error.class, rootExceptionClass: decoded.error.rootClass, exceptionMessage: decoded.error.message, attempts: decoded.attempts, hasStacktrace: decoded.error.stack !== null,
      originalExchange: decoded.originalExchange, originalRoutingKey: decoded.originalRoutingKey, originalExpiration: decoded.originalExpiration,
      lastDeathQueue: last?.queue, lastDeathReason: last?.reason, lastDeathCount: number(last?.count), firstDeathQueue: first?.queue, firstDeathReason: first?.reason, firstDeathCount: number(first?.count),
    };
    const { originalKeyBase64: _key, originalValueBase64: _value, ...expected } = record.expected;
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, all[name]])), expected, record.scenario);
    assert.equal(decoded.dialect, 'rabbitmq');
  }
  t.diagnostic(`${records.length} of ${records.length} messages met their expected`);
  assert.ok(records.length >= 8);
});

test('a header table that is cut off or made of anything never makes the decoder throw', () => {
  for (const record of records) {
    const table = Buffer.from(record.headersTableBase64, 'base64');
    for (let length = 0; length < table.length; length++) decodeAmqpDeadLetter(messageOf(record, table.subarray(0, length)));
  }
  const [sample] = records;
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (table) => {
    decodeAmqpDeadLetter(messageOf(sample!, Buffer.from(table)));
  }), { numRuns: 2_000 });
  // 3 bytes a level: nested until the depth ends it.
  const deep = Buffer.concat(Array.from({ length: 5_000 }, (_, level) => Buffer.from([1, 97, 70, 0, 0, 0xff & ((5_000 - level) >> 8), 0xff & (5_000 - level)])));
  assert.deepEqual(decodeAmqpDeadLetter(messageOf(sample!, deep)).deaths, []);
});
