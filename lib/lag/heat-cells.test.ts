import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heatCells } from './heat-cells.ts';

const at = (...changes: [number, number | null][]) => changes.map(([atMs, offset]) => ({ atMs, offset: offset === null ? null : BigInt(offset) }));
const range = { fromMs: 0, toMs: 400, count: 4 };

test('each cell has the highest lag that stood in it, and what stood before the range goes on into it', () => {
  assert.deepEqual(heatCells(at([-50, 100], [120, 180], [150, 190]), at([-50, 90], [160, 190]), range, () => true), [10n, 100n, 0n, 0n]);
});

test('a reading that moves both ends at once makes no lag in between', () => {
  assert.deepEqual(heatCells(at([0, 100], [150, 200]), at([0, 100], [150, 200]), range, () => true), [0n, 0n, 0n, 0n]);
});

test('a cell is unknown before the first figure, without a commit, and where nobody read', () => {
  assert.deepEqual(heatCells(at([150, 7]), at([0, 0]), range, () => true), [null, 7n, 7n, 7n]);
  assert.deepEqual(heatCells(at([0, 7]), at([0, 5], [200, null]), range, (from) => from !== 100), [2n, null, 2n, null]);
});
