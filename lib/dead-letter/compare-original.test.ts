import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareOriginal } from './compare-original.ts';

const compare = (here: string | null, there: string | null) => compareOriginal(here === null ? null : Buffer.from(here), there === null ? null : Buffer.from(there));

test('null, empty and equal bytes are told apart', () => {
  assert.equal(compare(null, null), 'same');
  assert.equal(compare('', ''), 'same');
  assert.equal(compare('a', 'a'), 'same');
  assert.equal(compare(null, ''), 'missing-here');
  assert.equal(compare('', null), 'missing-there');
  assert.equal(compare(null, 'a'), 'missing-here');
  assert.equal(compare('', 'a'), 'missing-here');
  assert.equal(compare('a', ''), 'missing-there');
  assert.equal(compare('a', 'b'), 'differs');
});

test('JSON that was written anew is the same, whatever the order of keys and the spacing', () => {
  assert.equal(compare('{"b":[1,2],"a":"x"}', '{ "a": "x", "b": [1, 2] }'), 'same-json');
  assert.equal(compare('{"total":12.50}', '{"total":12.5}'), 'same-json');
  assert.equal(compare('[1,2]', '[2,1]'), 'differs');
  assert.equal(compare('{"a":null}', '{}'), 'differs');
});

test('ids that a double would round are never taken for equal', () => {
  assert.equal(compare('{"id":12345678901234567890}', '{ "id": 12345678901234567891 }'), 'differs');
  assert.equal(compare('{"id":12345678901234567890}', '{ "id": 12345678901234567890 }'), 'same-json');
});

test('bytes that are no JSON, or nested without end, are compared as bytes', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  assert.equal(compare(deep, `${deep} `), 'differs');
  assert.equal(compareOriginal(Buffer.from([0xff]), Buffer.from([0xfe])), 'differs');
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      const equal = Buffer.compare(a, b) === 0;
      assert.equal(compareOriginal(a, b) === 'same', equal);
      assert.equal(compareOriginal(a, a), 'same');
    }),
  );
});
