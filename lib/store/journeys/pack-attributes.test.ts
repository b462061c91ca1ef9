import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Attribute, AttributeValue, DecodedSpan } from '#lib/model/span.ts';
import { longName, shortName } from './attribute-places.ts';
import { packAttributes, type SpanColumns, unpackAttributes } from './pack-attributes.ts';
import { packChunk, readChunk } from './span-chunk.ts';

const key = fc.oneof(fc.constantFrom('messaging.kafka.offset', 'messaging.destination.name', 'messaging.kafka.message.key', '#3', ''), fc.string());
// Those that a column may hold as well, and what looks like them.
const text = fc.oneof(fc.constantFrom('order-1', 'customer-1', '0', '7', '-7', '00', '9007199254740993'), fc.string({ unit: 'grapheme' }));
const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' }, text, fc.double(), fc.integer(), fc.bigInt(), fc.boolean(), fc.constant(null), fc.uint8Array().map((bytes) => Buffer.from(bytes)), fc.array(tie('value')),
    fc.array(fc.record({ key, value: tie('value') }, { noNullPrototype: true })).map((entries) => ({ entries }))),
}));
const attributes: fc.Arbitrary<Attribute[]> = fc.array(fc.record({ key, value }, { noNullPrototype: true }));
const columns: fc.Arbitrary<SpanColumns> = fc.record({
  journeyKey: fc.option(text), messageKey: fc.option(text), partition: fc.option(fc.constantFrom(0, 7, 12)), offset: fc.option(fc.constantFrom(0n, 7n, 9_007_199_254_740_993n)),
});

function span(given: Pick<DecodedSpan, 'attributes' | 'events' | 'leftOut'>): DecodedSpan {
  return { traceId: '', spanId: '', parentSpanId: '', name: 'work', kind: 1, startNs: 0n, endNs: 0n, statusCode: 0, statusMessage: '', links: [], ...given };
}

test('whatever a span carries comes back as it was, with what its columns hold taken from there', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ attributes, columns, events: fc.array(fc.record({ name: text, timeNs: fc.bigInt({ min: 0n }), attributes }, { noNullPrototype: true })), leftOut: fc.nat(), resourceId: fc.bigInt({ min: 1n, max: 3n }) }), { minLength: 1, maxLength: 6 }), async (spans) => {
    const chunk = await packChunk(spans.map((each) => [1, each.resourceId]), spans.map((each) => Buffer.from(`\n${packAttributes(span(each), 'scope', '1.0', each.columns)}`)));
    for (const [place, each] of spans.entries()) {
      const line = await readChunk(chunk, place);
      assert.equal(line.resourceId, each.resourceId);
      assert.deepEqual(unpackAttributes(line.attributes, each.columns), { attributes: each.attributes, events: each.events, scope: 'scope', scopeVersion: '1.0', leftOut: each.leftOut });
    }
    await assert.rejects(readChunk(chunk, spans.length), /holds no span/);
  }), { numRuns: 60 });
});

test('a chunk of a newer Waybill is refused in words', async () => {
  await assert.rejects(readChunk(Buffer.from([2, 0, 0]), 0), /newer Waybill \(format 2\)/);
});

test('a name of a column comes back, known or not, whatever it begins with', () => {
  fc.assert(fc.property(fc.oneof(fc.constantFrom('messaging.message.conversation_id', '#3', '##', '#', 'x-order-id'), fc.string()), (name) => longName(shortName(name)) === name));
  assert.equal(longName('x-order-id'), 'x-order-id', 'as rows of before have it');
});
