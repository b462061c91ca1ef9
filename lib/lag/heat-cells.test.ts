import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { heatCells, heatCellsOfHours } from './heat-cells.ts';
import { heatHour } from './heat-hour.ts';
import { eachHeat, packHeat, unpackHeat } from './pack-heat.ts';

const HOUR = 3_600_000;
const at = (...changes: [number, number | null][]) => changes.map(([atMs, offset]) => ({ atMs, offset }));
const range = { fromMs: 0, toMs: 400, count: 4 };

test('each cell has the highest lag that stood in it, and what stood before the range goes on into it', () => {
  assert.deepEqual(heatCells(at([-50, 100], [120, 180], [150, 190]), at([-50, 90], [160, 190]), range, () => true), [10, 100, 0, 0]);
});

test('a reading that moves both ends at once makes no lag in between', () => {
  assert.deepEqual(heatCells(at([0, 100], [150, 200]), at([0, 100], [150, 200]), range, () => true), [0, 0, 0, 0]);
});

test('a cell is unknown before the first figure, without a commit, and where nobody read', () => {
  assert.deepEqual(heatCells(at([150, 7]), at([0, 0]), range, () => true), [null, 7, 7, 7]);
  assert.deepEqual(heatCells(at([0, 7]), at([0, 5], [200, null]), range, (from) => from !== 100), [2, null, 2, null]);
});

test('an hour has its highest lag in each cell it shares time with; one in which nothing moved stands as the one before ended', () => {
  const figures = [{ hourMs: -5 * HOUR, highest: 90, last: 4 }, { hourMs: HOUR, highest: 50, last: 6 }];
  const cells = heatCellsOfHours(figures, { fromMs: 0, toMs: 4 * HOUR, count: 8 }, (hour) => hour !== 2 * HOUR, 4 * HOUR);
  assert.deepEqual(cells, [4, 4, 50, 50, null, null, 6, 6]);
});

test('cells of several hours have the highest of them; hours that are not known yet and the time before the first are unknown', () => {
  const cells = heatCellsOfHours([{ hourMs: 2 * HOUR, highest: 9, last: 1 }, { hourMs: 3 * HOUR, highest: 20, last: 2 }], { fromMs: 0, toMs: 8 * HOUR, count: 4 }, () => true, 5 * HOUR);
  assert.deepEqual(cells, [null, 20, 2, null]);
});

const offset = fc.option(fc.bigInt({ min: 0n, max: 10_000n }), { nil: null });
const moments = (count: number) => fc.uniqueArray(fc.integer({ min: 1, max: 3_500 }), { maxLength: count }).map((seconds) => seconds.toSorted((a, b) => a - b));

test('the hour that is rolled up says the same as its readings', () => {
  fc.assert(
    fc.property(moments(12), moments(12), fc.array(offset, { minLength: 12, maxLength: 12 }), fc.array(offset, { minLength: 12, maxLength: 12 }), offset, offset, (commitAt, endAt, commitOf, endOf, committed, end) => {
      const commits = commitAt.map((second, i) => ({ atMs: second * 1_000, committedOffset: commitOf[i] ?? null }));
      const ends = endAt.map((second, i) => ({ atMs: second * 1_000, highWatermark: endOf[i] ?? null, lastStableOffset: null, logStartOffset: null }));
      const rolled = heatHour({ topicId: 1, partition: 0, committed, end, commits, ends });
      const number = (value: bigint | null) => (value === null ? null : Number(value));
      const changes = (before: bigint | null, points: { atMs: number; offset: bigint | null }[]) => [{ atMs: 0, offset: number(before) }, ...points.map((point) => ({ atMs: point.atMs, offset: number(point.offset) }))];
      const [drawn] = heatCells(changes(end, ends.map((one) => ({ atMs: one.atMs, offset: one.highWatermark }))), changes(committed, commits.map((one) => ({ atMs: one.atMs, offset: one.committedOffset }))), { fromMs: 0, toMs: HOUR, count: 1 }, () => true);
      assert.equal(number(rolled.highest), drawn);
    }),
  );
});

test('a row gives back what went in, null apart from 0', () => {
  const entry = fc.record({ topicId: fc.nat(1_000_000), partition: fc.nat(10_000), highest: offset, last: offset, committed: fc.option(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), { nil: null }), end: offset }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
      assert.deepEqual(unpackHeat(packHeat(entries)), entries);
      const drawn: unknown[] = [];
      eachHeat(packHeat(entries), (...figures) => drawn.push(figures));
      assert.deepEqual(drawn, entries.map(({ topicId, partition, highest, last }) => [topicId, partition, highest === null ? null : Number(highest), last === null ? null : Number(last)]));
    }),
  );
  assert.throws(() => unpackHeat(Buffer.from([9])), RangeError);
});
