import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import type { DecodedTraces } from '#lib/model/span.ts';
import { decodeTraces } from './decode-traces.ts';
import { encodeResponse, encodeStatus } from './encode-response.ts';
import { encodingOf } from './encoding.ts';
import { limits } from './limits.ts';
import { OtlpRefusal } from './refusal.ts';

const corpora = new URL('../../test/corpora/otlp/', import.meta.url);

function bodies(): { name: string; body: Buffer; encoding: 'json' | 'protobuf' }[] {
  return readdirSync(corpora, { withFileTypes: true }).filter((entry) => entry.isDirectory()).flatMap((folder) =>
    readdirSync(new URL(`${folder.name}/`, corpora)).filter((file) => /^\d+\.(json|pb)$/.test(file)).map((file) => ({
      name: `${folder.name}/${file}`,
      body: readFileSync(new URL(`${folder.name}/${file}`, corpora)),
      encoding: file.endsWith('.json') ? 'json' as const : 'protobuf' as const,
    })));
}

function spansOf(traces: DecodedTraces) {
  return traces.resources.flatMap((resource) => resource.scopes.flatMap((scope) => scope.spans));
}

test('every body of the corpora decodes to spans with valid ids, a service and times', () => {
  const all = bodies();
  assert.equal(all.length, 67);
  for (const { name, body, encoding } of all) {
    const traces = decodeTraces(body, encoding);
    const spans = spansOf(traces);
    assert.ok(spans.length > 0, name);
    assert.equal(spans.length, traces.spanCount);
    for (const resource of traces.resources) assert.ok(resource.attributes.some((attribute) => attribute.key === 'service.name'), name);
    for (const span of spans) {
      assert.match(span.traceId, /^[0-9a-f]{32}$/, name);
      assert.match(span.spanId, /^[0-9a-f]{16}$/, name);
      assert.ok(span.endNs >= span.startNs && span.startNs > 1_700_000_000_000_000_000n, name);
      assert.equal(span.leftOut, 0);
    }
  }
});

test('a body cut off at any place is a refusal or a shorter request, never another error', () => {
  const { body } = bodies().find((each) => each.name === 'python-confluent/001.pb')!;
  for (let length = 0; length < body.length; length++) expectRefusalOrTraces(body.subarray(0, length), 'protobuf');
});

test('any bytes give a typed refusal or a request', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom('protobuf' as const, 'json' as const), (bytes, encoding) => {
    expectRefusalOrTraces(Buffer.from(bytes), encoding);
  }), { numRuns: 2_000 });
});

test('a real body with bytes changed anywhere gives a typed refusal or a request', () => {
  const all = bodies().filter((each) => each.body.length < 20_000);
  fc.assert(fc.property(fc.nat(all.length - 1), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), (pick, changes) => {
    const { body, encoding } = all[pick]!;
    const changed = Buffer.from(body);
    for (const [at, byte] of changes) changed[at % changed.length] = byte;
    expectRefusalOrTraces(changed, encoding);
  }), { numRuns: 1_000 });
});

test('any JSON value is a refusal or a request', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom('resourceSpans', 'scopeSpans', 'spans', 'attributes', 'value'), (value, at) => {
    const inner = at === 'resourceSpans' ? value : [{ scopeSpans: at === 'scopeSpans' ? value : [{ spans: at === 'spans' ? value : [{ attributes: at === 'attributes' ? value : [{ key: 'k', value }] }] }] }];
    expectRefusalOrTraces(Buffer.from(JSON.stringify({ resourceSpans: inner })), 'json');
  }), { numRuns: 1_000 });
});

test('JSON: ids of any case, integers as text or number, unknown and snake_case fields ignored', () => {
  const [span] = spansOf(decodeTraces(Buffer.from(JSON.stringify({
    resource_spans: 'ignored', later: {},
    resourceSpans: [{ scopeSpans: [{ spans: [{
      traceId: 'ABCDEF0123456789ABCDEF0123456789', spanId: 'ABCDEF0123456789', name: 'a', kind: 4, flags: 769, newField: [],
      startTimeUnixNano: '1795233412465000000', endTimeUnixNano: 1795233412, status: null,
      attributes: [
        { key: 'text', value: { intValue: '9007199254740993' } }, { key: 'number', value: { intValue: 3 } },
        { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }] } } }, { key: 'empty', value: {} },
        { key: 'bytes', value: { bytesValue: 'AAEC' } }, { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: { boolValue: false } }] } } },
      ],
    }] }] }],
  })), 'json'));
  assert.equal(span!.traceId, 'abcdef0123456789abcdef0123456789');
  assert.equal(span!.startNs, 1795233412465000000n);
  assert.deepEqual(span!.attributes.map((attribute) => attribute.value), [9007199254740993n, 3, ['x'], null, Buffer.from([0, 1, 2]), { entries: [{ key: 'k', value: false }] }]);
});

test('JSON: an enum by name is refused with the field in the sentence', () => {
  const body = Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_SERVER"}]}]}]}');
  assert.throws(() => decodeTraces(body, 'json'), (error) => error instanceof OtlpRefusal && error.httpStatus === 400 && error.message.includes('kind must be an integer'));
});

test('nesting of 10,000 is refused in both encodings', () => {
  const deep = `{"resourceSpans":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  assert.throws(() => decodeTraces(Buffer.from(deep), 'json'), (error) => error instanceof OtlpRefusal && error.httpStatus === 400);
  // brackets inside of text do not count
  decodeTraces(Buffer.from(JSON.stringify({ note: `\\"${'['.repeat(10_000)}` })), 'json');

  let value: Buffer = Buffer.from([0x0a, 1, 0x78]);
  for (let depth = 0; depth < 10_000; depth++) {
    value = wrap(10, value); // ArrayValue.values
    value = wrap(42, value); // AnyValue.array_value
  }
  const attribute = Buffer.concat([wrap(10, Buffer.from('k')), wrap(18, value)]);
  const body = wrap(10, wrap(18, wrap(18, wrap(74, attribute))));
  assert.throws(() => decodeTraces(body, 'protobuf'), (error) => error instanceof OtlpRefusal && error.httpStatus === 400);
});

test('millions of empty spans in a small body are refused before they take memory', () => {
  const spans = Buffer.alloc(2 * (limits.messages + 10));
  for (let index = 0; index < spans.length; index += 2) spans[index] = 18;
  assert.throws(() => decodeTraces(wrap(10, wrap(18, spans)), 'protobuf'), (error) => error instanceof OtlpRefusal && error.httpStatus === 413);
  const json = Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${'{},'.repeat(limits.messages + 10)}{}]}]}]}`);
  assert.throws(() => decodeTraces(json, 'json'), (error) => error instanceof OtlpRefusal && error.httpStatus === 413);
});

test('too many attributes are left out and counted', () => {
  const attributes = Array.from({ length: limits.attributes + 5 }, (_, index) => ({ key: `k${index}`, value: { intValue: index } }));
  const [span] = spansOf(decodeTraces(Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ attributes }] }] }] })), 'json'));
  assert.equal(span!.attributes.length, limits.attributes);
  assert.equal(span!.leftOut, 5);
});

test('text that PostgreSQL cannot store is made storable', () => {
  const [span] = spansOf(decodeTraces(Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a\\u0000b\\ud800"}]}]}]}'), 'json'));
  assert.equal(span!.name, 'a\uFFFDb\uFFFD');
});

test('full success is an empty message, partial success carries the count and the sentence', () => {
  assert.equal(encodeResponse('json', 0, '').toString(), '{}');
  assert.equal(encodeResponse('protobuf', 0, '').length, 0);
  assert.deepEqual(JSON.parse(encodeResponse('json', 2, 'why').toString()), { partialSuccess: { rejectedSpans: '2', errorMessage: 'why' } });
  assert.deepEqual([...encodeResponse('protobuf', 300, 'why')], [10, 8, 8, 0xac, 2, 18, 3, 0x77, 0x68, 0x79]);
  assert.deepEqual([...encodeStatus('protobuf', 3, 'no')], [8, 3, 18, 2, 0x6e, 0x6f]);
});

test('a media type is read whatever its case and parameters', () => {
  assert.equal(encodingOf('Application/JSON; charset=utf-8'), 'json');
  assert.equal(encodingOf(' application/x-protobuf ;v=1'), 'protobuf');
  assert.equal(encodingOf('text/json'), undefined);
  assert.equal(encodingOf(undefined), undefined);
});

function wrap(tag: number, content: Buffer): Buffer {
  return Buffer.concat([protobuf.Writer.create().uint32(tag).uint32(content.length).finish(), content]);
}

function expectRefusalOrTraces(body: Buffer, encoding: 'json' | 'protobuf'): void {
  try {
    decodeTraces(body, encoding);
  } catch (error) {
    assert.ok(error instanceof OtlpRefusal, String(error));
  }
}
