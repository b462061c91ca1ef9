import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configuredDialect } from './configured-dialect.ts';
import type { ConfiguredHeaders } from '#lib/model/header-mapping.ts';
import { decodeDeadLetter } from './decode.ts';
import { parseJsonPlace } from './read-json-place.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const decode = (mapping: ConfiguredHeaders, headers: Record<string, string | Uint8Array>) =>
  decodeDeadLetter({ topic: 'x', timestampMs: null, headers: Object.entries(headers).map(([name, value]) => [bytes(name), typeof value === 'string' ? bytes(value) : value]) }, { dialects: [configuredDialect(mapping)] });

describe('home-made headers', () => {
  it('are read as text, as big-endian numbers of any length, and from places in JSON', () => {
    const mapping: ConfiguredHeaders = {
      topic: { header: 'failure', path: '$.from.topic' }, partition: { header: 'p', format: 'binary' }, offset: { header: 'o', format: 'binary' }, timestamp: { header: 'failure', path: '$.at' },
      errorClass: { header: 'failure', path: '$.causes[0].type' }, errorMessage: { header: 'failure', path: "$['the text']" }, attempts: 'tries', correlationId: 'business-key',
    };
    const failure = JSON.stringify({ from: { topic: 'orders' }, at: 1790000000000, causes: [{ type: 'shop.Declined' }], 'the text': 'no luck' }).replace('1790000000000', '1790000000001');
    const decoded = decode(mapping, { failure, p: new Uint8Array([0, 3]), o: new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0]), tries: '4', 'business-key': 'order-7', 'correlation-id': 'trace-1' });
    assert.deepEqual(decoded.origin, { topic: 'orders', partition: 3, offset: 4_294_967_296n, timestampMs: 1_790_000_000_001n, consumerGroup: null });
    assert.deepEqual([decoded.error.class, decoded.error.message, decoded.attempts, decoded.correlationId], ['shop.Declined', 'no luck', 4, 'order-7']);
    assert.ok(!configuredDialect(mapping).strip.includes('business-key'), 'the correlation id goes on with a replayed record');
    assert.deepEqual(configuredDialect(mapping).strip, ['failure', 'p', 'o', 'tries']);
  });

  it('say nothing where the JSON is broken or the place is empty, and are recognised by an error where no topic is mapped', () => {
    for (const failure of ['{', '[]', '{"from":{"topic":null}}', '{"from":{"topic":{"x":1}}}', '{"__proto__":{"topic":"x"}}', '']) assert.equal(decode({ topic: { header: 'failure', path: '$.from.topic' } }, { failure }).origin.topic, null, failure);
    const decoded = decode({ errorMessage: 'why' }, { why: 'no luck' });
    assert.deepEqual([decoded.dialect, decoded.origin.topic, decoded.error.message], ['configured', null, 'no luck']);
    assert.equal(decode({ errorMessage: 'why' }, { other: 'x' }).dialect, null);
  });

  it('name one place, else the configuration is refused', () => {
    for (const path of ['', 'a', '$', '$.*', '$..a', '$[*]', '$.a b', '$[-1]']) assert.throws(() => parseJsonPlace(path), /names no single place/u, path);
  });
});
