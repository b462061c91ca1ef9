import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import avsc from 'avsc';
import fc from 'fast-check';
import { avroToJson, jsonToAvro } from './edit-avro.ts';

const ORDER = JSON.stringify({
  type: 'record', name: 'Order', namespace: 'shop', fields: [
    { name: 'id', type: 'int' }, { name: 'amount', type: 'double' }, { name: 'ratio', type: 'float' }, { name: 'paid', type: 'boolean' }, { name: 'note', type: ['null', 'string'] },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['NEW', 'DONE'] } }, { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 4 } },
    { name: 'lines', type: { type: 'array', items: { type: 'record', name: 'Line', fields: [{ name: 'sku', type: 'string' }, { name: 'state', type: 'State' }] } } },
    { name: 'labels', type: { type: 'map', values: 'double' } }, { name: 'raw', type: 'bytes' }, { name: 'next', type: ['null', 'Order'] },
  ],
});
const schema = (text: string) => ({ text, references: [] });
const type = avsc.Type.forSchema(JSON.parse(ORDER), { wrapUnions: false } as never);
const leaf = {
  id: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), amount: fc.double(), ratio: fc.float(), paid: fc.boolean(), note: fc.option(fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())), state: fc.constantFrom('NEW', 'DONE'),
  hash: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)), lines: fc.array(fc.record({ sku: fc.string(), state: fc.constantFrom('NEW', 'DONE') }), { maxLength: 5 }),
  labels: fc.dictionary(fc.string({ minLength: 1 }).filter((key) => key !== '__proto__' && !/^\d+$/.test(key)), fc.double(), { maxKeys: 4, noNullPrototype: true }), raw: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
};
const orders = fc.record({ ...leaf, next: fc.option(fc.record({ ...leaf, next: fc.constant(null) })) });

describe('editing Avro as JSON', () => {
  it('writes again what avsc wrote, byte for byte, of every type', () => {
    fc.assert(fc.property(orders, (order) => {
      const bytes = type.toBuffer(order);
      const shown = avroToJson(schema(ORDER), bytes, 1_000_000);
      // -0 is the one number that JSON does not spell: such a value is refused, never changed.
      if ('why' in shown) return assert.ok(JSON.stringify(order, (_key, value: unknown) => (Object.is(value, -0) ? 'minus zero' : value)).includes('minus zero'), shown.why);
      const written = jsonToAvro(schema(ORDER), shown.text);
      assert.ok('bytes' in written && written.bytes.equals(bytes));
    }), { numRuns: 300 });
  });

  it('keeps 64-bit integers and decimals to the last digit, and changes only what was edited', () => {
    const money = schema('{"type":"record","name":"M","fields":[{"name":"id","type":"long"},{"name":"sum","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},{"name":"tax","type":{"type":"fixed","name":"T","size":4,"logicalType":"decimal","precision":9,"scale":2}},{"name":"note","type":["null","string"]}]}');
    const made = jsonToAvro(money, '{"id": 9007199254740993, "sum": "123.45", "tax": "-0.01", "note": null}');
    assert.ok('bytes' in made);
    const shown = avroToJson(money, made.bytes, 1_000);
    assert.deepEqual(shown, { text: '{\n  "id": 9007199254740993,\n  "sum": "123.45",\n  "tax": "-0.01",\n  "note": null\n}' });
    const edited = jsonToAvro(money, '{"id": 9007199254740993, "sum": "123.46", "tax": "-0.01", "note": "mended"}');
    assert.deepEqual('bytes' in edited && edited.bytes.toString('hex'), `${made.bytes.subarray(0, 8).toString('hex')}${'04303a'}${'ffffffff'}${'020c'}${Buffer.from('mended').toString('hex')}`);
  });

  it('says where a value does not fit, and why', () => {
    const fault = (text: string) => jsonToAvro(schema('{"type":"record","name":"R","fields":[{"name":"id","type":"int"},{"name":"kind","type":{"type":"enum","name":"K","symbols":["A","B"]}},{"name":"of","type":["null",{"type":"record","name":"S","fields":[{"name":"n","type":"long"}]}]}]}'), text);
    assert.deepEqual(fault('{"id": 3000000000, "kind": "A", "of": null}'), { at: '/id', message: 'must be a whole number of 32 bits, and is an integer' });
    assert.deepEqual(fault('{"id": 1, "kind": "C", "of": null}'), { at: '/kind', message: 'must be one of A, B, and is a string' });
    assert.deepEqual(fault('{"id": 1, "kind": "A"}'), { at: '/of', message: 'is missing: every field of the schema has to be there' });
    assert.deepEqual(fault('{"id": 1, "kind": "A", "of": {"n": "x"}}'), { at: '/of/n', message: 'must be a whole number of 64 bits, and is a string' });
    assert.deepEqual(fault('{"id": 1, "kind": "A", "of": null, "more": 1}'), { at: '/more', message: 'is no field of the schema' });
    assert.deepEqual(fault('{"id": 1, "kind": "A", "of": "x"}'), { at: '/of', message: 'fits none of the 2 types that the schema allows here: it is a string' });
  });

  it('refuses to edit what it would not write as it was', () => {
    const why = (text: string, bytes: Buffer) => { const shown = avroToJson(schema(text), bytes, 1_000); return 'why' in shown ? shown.why : null; };
    assert.match(why('["int","long"]', Buffer.from([2, 10])) ?? '', /other bytes/u);
    assert.match(why('{"type":"array","items":"int"}', Buffer.from([1, 2, 4, 0])) ?? '', /other bytes/u);
    assert.match(why('"int"', Buffer.from([2, 2])) ?? '', /left over/u);
    assert.match(why('"string"', Buffer.concat([Buffer.from([0x80, 0x20]), Buffer.alloc(2_048, 'x')])) ?? '', /larger than can be edited/u);
  });

  it('comes to an end on unions that contain themselves and never throws', () => {
    const tangled = '{"type":"record","name":"R","fields":[{"name":"a","type":["null",{"type":"array","items":["R","R"]},"R"]}]}';
    let text = '{"a":"x"}';
    for (let depth = 0; depth < 60; depth += 1) text = `{"a":[${text}]}`;
    assert.ok('message' in jsonToAvro(schema(tangled), text));
    fc.assert(fc.property(fc.json({ maxDepth: 4 }), (json) => void jsonToAvro(schema(ORDER), json)));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void avroToJson(schema(ORDER), bytes, 10_000)));
  });
});
