import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sortRows, type CellValue } from './sort-rows.ts';

const order = (values: CellValue[], desc: boolean) => sortRows(values.map((value, index) => ({ value, index })), (row) => String(row.index), (row) => row.value, desc).map((row) => row.original);

test('unknown comes last upwards and downwards', () => {
  assert.deepEqual(order([null, 3, 1, null, 2], false).map((row) => row.value), [1, 2, 3, null, null]);
  assert.deepEqual(order([null, 3, 1, null, 2], true).map((row) => row.value), [3, 2, 1, null, null]);
});

test('words sort as people read them', () => {
  assert.deepEqual(order(['p10', 'p2', 'p1'], false).map((row) => row.value), ['p1', 'p2', 'p10']);
});

test('figures beyond 2^53 are told apart, and equal rows keep their order either way', () => {
  assert.deepEqual(order([9_007_199_254_740_993n, 9_007_199_254_740_992n], false).map((row) => row.index), [1, 0]);
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 3 }))), fc.boolean(), (values, desc) => {
      const sorted = order(values, desc);
      assert.equal(sorted.length, values.length);
      sorted.forEach((row, index) => {
        const before = sorted[index - 1];
        if (before && before.value === row.value) assert.ok(before.index < row.index);
      });
    }),
  );
});

test('without a value rows stay as they came', () => {
  assert.deepEqual(sortRows(['b', 'a'], (row) => row, undefined, true).map((row) => row.id), ['b', 'a']);
});
