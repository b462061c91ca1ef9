import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { judgeSample } from './judge-sample.ts';

const corpora = new URL('../../test/corpora/dead-letters/', import.meta.url);
type Raw = { topic: string; timestamp: number; kind?: 'retry'; headers: [string, string | null][] };
const read = (file: string) => (JSON.parse(readFileSync(new URL(file, corpora), 'utf8')) as { records: Raw[] }).records;
const toRecord = (raw: Pick<Raw, 'timestamp' | 'headers'>) => ({ timestampMs: BigInt(raw.timestamp), headers: raw.headers.map(([name, value]) => [Buffer.from(name), value === null ? null : Buffer.from(value, 'base64')] as const) });
const plain = (headers: Record<string, string>) => ({ timestampMs: null, headers: Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const) });
const anyTopic = () => true;

describe('what a few records say about their topic', () => {
  const files = readdirSync(corpora).filter((name) => name.endsWith('.json') && !name.startsWith('rabbitmq'));

  it('finds every dead-letter and retry topic of the corpora by headers, whatever its name, with the origin it belongs to', () => {
    let topics = 0;
    for (const file of files) {
      const byTopic = Map.groupBy(read(file), (record) => record.topic);
      for (const [topic, records] of byTopic) {
        const evidence = judgeSample(topic, records.slice(-5).map(toRecord), anyTopic);
        assert.ok(evidence, `${file} ${topic}`);
        assert.equal(evidence.role, records[0]!.kind ?? 'dead-letter', `${file} ${topic}`);
        assert.ok(evidence.headers.length > 0 && evidence.origins.length > 0, `${file} ${topic}`);
        assert.ok(!evidence.origins.some((origin) => origin.topic === topic));
        if (records[0]!.kind !== 'retry') assert.ok(judgeSample('anything.else', records.slice(-5).map(toRecord), anyTopic), `${file} under a name that says nothing`);
        topics += 1;
      }
    }
    assert.ok(topics >= 15, `${topics} topics`);
  });

  it('takes no business record for one: correlation ids, traces, CloudEvents, replication, stray names', () => {
    const business = [
      { 'correlation-id': 'order-1' }, { 'x-correlation-id': 'order-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, { correlationId: 'a', messageId: 'b', 'content-type': 'application/json' },
      { ce_id: '1', ce_type: 'order.placed', ce_source: '/shop' }, { source_topic: 'orders' }, { 'original-topic': 'orders' }, { error: '' }, { 'retry-count': '3' }, { 'x-retry-count': '1', 'correlation-id': 'x' },
      { kafka_correlationId: 'x', kafka_replyTopic: 'answers' }, { __TypeId__: 'shop.Order', spring_json_header_types: '{}' }, { 'x-original-topic': 'eu.orders', 'x-original-partition': '1' }, { 'exception-type': 'x' },
      { 'replay-id': 'r', 'replay-count': '1', 'correlation-id': 'x' }, { 'mirror.source.topic': 'orders', source_topic: 'orders' },
    ];
    for (const headers of business) assert.equal(judgeSample('orders', Array.from({ length: 5 }, () => plain(headers)), anyTopic), null, JSON.stringify(headers));
    assert.equal(judgeSample('orders', Array.from({ length: 5 }, () => plain({})), anyTopic), null);
    assert.equal(judgeSample('orders', [], anyTopic), null);
  });

  it('does not take an origin topic for one because replayed records kept their headers there', () => {
    for (const file of files) {
      for (const record of read(file)) {
        const origin = judgeSample('anything.else', [toRecord(record)], anyTopic)?.origins[0]?.topic;
        if (origin !== undefined) assert.equal(judgeSample(origin, [toRecord(record)], anyTopic), null, `${file} on ${origin}`);
      }
    }
    const [letter] = read('spring-kafka-3.3-dlt.json');
    const others = Array.from({ length: 4 }, () => plain({ 'correlation-id': 'x' }));
    assert.equal(judgeSample('shop.other', [toRecord(letter!), ...others], anyTopic), null, 'one of five is a stray');
  });

  it('is certain only of what can be nothing else, and asks for an origin that exists where names are common', () => {
    const spring = read('spring-kafka-3.3-dlt.json').slice(0, 3).map(toRecord);
    assert.equal(judgeSample('failed', spring, anyTopic)?.certain, true);
    assert.equal(judgeSample('failed', spring.slice(0, 2), anyTopic)?.certain, false, 'two are too few');
    const homeMade = read('kafkajs-home-made.json').slice(0, 3).map(toRecord);
    assert.equal(judgeSample('failed', homeMade, anyTopic)?.certain, false);
    assert.equal(judgeSample('failed', homeMade, () => false), null);
    const retries = read('spring-kafka-3.3-retry-topics.json').filter((record) => record.kind === 'retry').slice(0, 3).map(toRecord);
    assert.deepEqual([judgeSample('payments-retry-0', retries, anyTopic)?.certain, judgeSample('payments.again', retries, anyTopic)?.certain], [true, false]);
  });
});
