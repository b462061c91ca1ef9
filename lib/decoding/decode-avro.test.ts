import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import avsc from 'avsc';
import fc from 'fast-check';
import { compileAvro } from './decode-avro.ts';
import { toJsonText } from './to-json-text.ts';

const ORDER = JSON.stringify({
  type: 'record', name: 'Order', namespace: 'shop', fields: [
    { name: 'id', type: 'long' }, { name: 'amount', type: 'double' }, { name: 'ratio', type: 'float' }, { name: 'count', type: 'int' }, { name: 'paid', type: 'boolean' }, { name: 'note', type: ['null', 'string'] },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['NEW', 'DONE'] } }, { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 4 } },
    { name: 'lines', type: { type: 'array', items: { type: 'record', name: 'Line', fields: [{ name: 'sku', type: 'string' }, { name: 'state', type: 'State' }] } } },
    { name: 'labels', type: { type: 'map', values: 'long' } }, { name: 'raw', type: 'bytes' }, { name: 'next', type: ['null', 'Order'] },
  ],
});
const plain = (value: unknown): unknown => (value instanceof Map ? Object.fromEntries([...value].map(([key, item]) => [key, plain(item)])) : Array.isArray(value) ? value.map(plain) : value instanceof Uint8Array ? [...value] : value);

describe('Avro', () => {
  it('decodes whatever avsc encodes, of every type, nested and self-referring', () => {
    const long = avsc.types.LongType.__with({
      fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
      toBuffer: (value: bigint) => { const buffer = Buffer.alloc(8); buffer.writeBigInt64LE(value); return buffer; },
      fromJSON: BigInt, toJSON: Number, isValid: (value: unknown) => typeof value === 'bigint', compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
    });
    const type = avsc.Type.forSchema(JSON.parse(ORDER), { registry: { long }, wrapUnions: false } as never);
    const decode = compileAvro(ORDER);
    const leaf = { id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), amount: fc.double({ noNaN: true }), ratio: fc.float({ noNaN: true }), count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), paid: fc.boolean(), note: fc.option(fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())), state: fc.constantFrom('NEW', 'DONE'),
      hash: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)), lines: fc.array(fc.record({ sku: fc.string(), state: fc.constantFrom('NEW', 'DONE') }), { maxLength: 5 }), labels: fc.dictionary(fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'), fc.bigInt({ min: -5n, max: 5n }), { maxKeys: 4, noNullPrototype: true }), raw: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) };
    fc.assert(fc.property(fc.record({ ...leaf, next: fc.option(fc.record({ ...leaf, next: fc.constant(null) })) }), (order) => {
      const expected = (value: typeof order | null): unknown => value && { ...value, count: BigInt(value.count), hash: [...value.hash], raw: [...value.raw], lines: value.lines.map((line) => ({ ...line })), next: expected(value.next as typeof order | null) };
      assert.deepEqual(plain(decode(type.toBuffer(order))), expected(order));
    }), { numRuns: 200 });
  });

  it('shows decimals as they are, and takes named types from references', () => {
    const decimal = compileAvro('{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}');
    assert.equal(decimal(Buffer.from([4, 0x30, 0x39])), '123.45');
    assert.equal(decimal(Buffer.from([2, 0xff])), '-0.01');
    const decode = compileAvro('{"type":"record","name":"A","fields":[{"name":"m","type":"common.Money"}]}', ['{"type":"record","name":"Money","namespace":"common","fields":[{"name":"cents","type":"long"}]}']);
    assert.equal(toJsonText(decode(Buffer.from([2])), 100).json, '{"m":{"cents":1}}');
  });

  it('refuses bytes that end early, go on, promise more than they hold, or nest without end', () => {
    const decode = compileAvro(ORDER);
    assert.throws(() => decode(Buffer.from([2, 0])), /end too early/u);
    assert.throws(() => compileAvro('"int"')(Buffer.from([2, 2])), /left over/u);
    assert.throws(() => compileAvro('"string"')(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f])), /larger than the record/u);
    // A billion nulls in six bytes.
    assert.throws(() => compileAvro('{"type":"array","items":"null"}')(Buffer.from([0x80, 0x94, 0xeb, 0xdc, 0x07, 0])), /more values/u);
    assert.throws(() => compileAvro('{"type":"record","name":"R","fields":[{"name":"r","type":["null","R"]}]}')(Buffer.alloc(5_000, 2)), /nested too deeply/u);
    assert.throws(() => compileAvro(`${'{"type":"array","items":'.repeat(500)}"int"${'}'.repeat(500)}`), /nested too deeply/u);
    assert.throws(() => compileAvro('{"type":"record","name":"R","fields":[{"name":"x","type":"Nowhere"}]}')(Buffer.from([0])), /does not define/u);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => { try { decode(bytes); } catch (error) { assert.equal((error as Error).name, 'DecodingError'); } }));
  });
});
