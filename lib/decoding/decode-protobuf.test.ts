import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { compileProtobuf } from './decode-protobuf.ts';
import { toJsonText } from './to-json-text.ts';

const ORDER = `syntax = "proto3"; package shop;
import "google/protobuf/timestamp.proto"; import "common/money.proto";
message Other { string x = 1; }
message Order {
  enum State { NEW = 0; DONE = 1; }
  message Line { string sku = 1; sint32 delta = 2; repeated fixed32 codes = 3; }
  int64 id = 1; double amount = 2; bool paid = 3; string note_text = 4; State state = 5; repeated Line lines = 6; map<string, int64> labels = 7;
  bytes raw = 8; optional string maybe = 9; google.protobuf.Timestamp at = 10; shop.common.Money price = 11; oneof how { string card = 12; uint64 cash = 13; } float ratio = 14; sfixed64 far = 15;
}`;
const MONEY = 'syntax = "proto3"; package shop.common; message Money { int64 cents = 1; string currency = 2; }';
const references = [{ name: 'common/money.proto', schema: MONEY }];

function encoder(): protobuf.Type {
  const root = new protobuf.Root();
  protobuf.parse(MONEY, root, { keepCase: true });
  protobuf.parse(ORDER, root, { keepCase: true });
  root.addJSON((protobuf.common.get('google/protobuf/timestamp.proto') as { nested: Record<string, protobuf.AnyNestedObject> }).nested);
  return root.resolveAll().lookupType('shop.Order');
}
const framed = (bytes: Uint8Array, indexes: number[] = [2, 2]) => Buffer.concat([Buffer.from(indexes), bytes]);

describe('Protobuf', () => {
  it('decodes what protobufjs encodes, field by field, at full 64 bits', () => {
    const type = encoder();
    const decode = compileProtobuf(ORDER, references);
    fc.assert(fc.property(fc.record({ id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), amount: fc.double({ noNaN: true }), paid: fc.boolean(), note_text: fc.string(), state: fc.constantFrom('NEW', 'DONE'), lines: fc.array(fc.record({ sku: fc.string(), delta: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), codes: fc.array(fc.nat(), { maxLength: 3 }) }), { maxLength: 3 }), labels: fc.dictionary(fc.string().filter((key) => key !== '__proto__'), fc.integer(), { maxKeys: 3, noNullPrototype: true }) }), (order) => {
      const { value, name } = decode(framed(type.encode(type.fromObject({ ...order, id: order.id.toString(), maybe: 'x', price: { cents: '5', currency: 'EUR' }, cash: '7' })).finish()));
      const found = value as Map<string, unknown>;
      assert.equal(name, 'shop.Order');
      assert.deepEqual([found.get('id'), found.get('amount') , found.get('paid'), found.get('note_text'), found.get('state')], [order.id, order.amount, order.paid, order.note_text, order.state]);
      assert.deepEqual((found.get('lines') as Map<string, unknown>[]).map((line) => [line.get('sku'), line.get('delta'), line.get('codes')]), order.lines.map((line) => [line.sku, BigInt(line.delta), line.codes.map(BigInt)]));
      assert.deepEqual(Object.fromEntries(found.get('labels') as Map<string, bigint>), Object.fromEntries(Object.entries(order.labels).map(([key, item]) => [key, BigInt(item)])));
      assert.deepEqual([found.get('maybe'), found.get('cash'), found.has('card'), found.get('far')], ['x', 7n, false, 0n]);
    }), { numRuns: 100 });
  });

  it('finds the message that the indexes name: the first, a later one, a nested one', () => {
    const decode = compileProtobuf(ORDER, references);
    assert.equal(decode(Buffer.from([0])).name, 'shop.Other');
    assert.equal(decode(Buffer.from([2, 2])).name, 'shop.Order');
    assert.equal(decode(Buffer.from([4, 2, 0, 0x0a, 1, 0x61])).name, 'shop.Order.Line');
    assert.equal(toJsonText(decode(Buffer.from([4, 2, 0, 0x0a, 1, 0x61])).value, 100).json, '{"sku":"a","delta":0,"codes":[]}');
    assert.throws(() => decode(Buffer.from([2, 18])), /does not have/u);
  });

  it('reads a schema that is a serialised descriptor, as Confluent’s client for Python registers it and Apicurio gives it back', () => {
    // What confluent-kafka 2 registered of two files in Apicurio Registry 3.0.9, and the bytes that its serialiser wrote.
    const money = 'Cgttb25leS5wcm90bxIEc2hvcCIoCgVNb25leRIQCghjdXJyZW5jeRgBIAEoCRINCgVjZW50cxgCIAEoA2IGcHJvdG8z';
    const order =
      'CgtvcmRlci5wcm90bxIEc2hvcBoLbW9uZXkucHJvdG8aH2dvb2dsZS9wcm90b2J1Zi90aW1lc3RhbXAucHJvdG8aHmdvb2dsZS9wcm90b2J1Zi93cmFwcGVycy5wcm90byISCgVPdGhlchIJCgF4GAEgASgJItEDCgVPcmRlchIKCgJpZBgBIAEoAxIaCgV0b3RhbBgCIAEoCzILLnNob3AuTW9uZXkSIAoFc3RhdGUYAyABKA4yES5zaG9wLk9yZGVyLlN0YXRlEh8KBWxpbmVzGAQgAygLMhAuc2hvcC5PcmRlci5MaW5lEiMKBHRhZ3MYBSADKAsyFS5zaG9wLk9yZGVyLlRhZ3NFbnRyeRImCgJhdBgGIAEoCzIaLmdvb2dsZS5wcm90b2J1Zi5UaW1lc3RhbXASDgoEY2FyZBgHIAEoCUgAEhEKB3ZvdWNoZXIYCCABKAVIABIqCgRub3RlGAkgASgLMhwuZ29vZ2xlLnByb3RvYnVmLlN0cmluZ1ZhbHVlEgsKA3JhdxgKIAEoDBISCgVtYXliZRgLIAEoBUgBiAEBEg4KBmRlbHRhcxgMIAMoEhoyCgRMaW5lEgsKA3NrdRgBIAEoCRINCgVjb3VudBgCIAEoDRIOCgZ3ZWlnaHQYAyABKAEaKwoJVGFnc0VudHJ5EgsKA2tleRgBIAEoCRINCgV2YWx1ZRgCIAEoCToCOAEiGgoFU3RhdGUSBwoDTkVXEAASCAoEUEFJRBABQgkKB3BheW1lbnRCCAoGX21heWJlYgZwcm90bzM=';
    const decode = compileProtobuf(order, [{ name: 'money.proto', schema: money }]);
    const written = Buffer.from('AgIIgYCAgICAgBASEAoDRVVSEPv//////////wEYASISCgFzEP////8PGQAAAAAAAPg/KgYKAWESAWIyBgjAj4bYBkADSgMKAW5SAgD/YgcBgICAgIBA', 'base64');
    const { value, name } = decode(written);
    assert.equal(name, 'shop.Order');
    assert.equal(
      toJsonText(value, 1_000).json,
      '{"id":9007199254740993,"total":{"currency":"EUR","cents":-5},"state":"PAID","lines":[{"sku":"s","count":4294967295,"weight":1.5}],"tags":{"a":"b"},"at":{"seconds":1795262400,"nanos":0},"note":{"value":"n"},"raw":"AP8=","deltas":[-1,1099511627776],"voucher":3}',
    );
    assert.equal(decode(Buffer.from('BAIACgFxEAE=', 'base64')).name, 'shop.Order.Line');
    assert.throws(() => decode(Buffer.from([4, 2, 2])), /does not have/u, 'the entry of a map counts, and is no message');
    assert.throws(() => compileProtobuf(Buffer.from([0x0a, 3, 0x61, 0x3b, 0x7d, 0x22, 3, 0x0a, 1, 0x7b]).toString('base64')), /can't be read/u);
  });

  it('refuses nonsense without failing otherwise, and a schema that is none', () => {
    const decode = compileProtobuf(ORDER, references);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => { try { decode(framed(bytes)); } catch (error) { assert.equal((error as Error).name, 'DecodingError'); } }));
    assert.throws(() => compileProtobuf('message {'), /can't be read/u);
    assert.throws(() => compileProtobuf(ORDER), /can't be read/u, 'a reference is missing');
  });
});
