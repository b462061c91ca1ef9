import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withGaps } from './with-gaps.ts';

const at = (minute: number) => ({ at: new Date(Date.UTC(2026, 10, 21, 10, minute)).toISOString(), values: { lag: minute } });

test('minutes that nobody read break the line of a chart', () => {
  assert.deepEqual(withGaps([at(0), at(1), at(20), at(21)], 60_000), [at(0), at(1), { ...at(2), values: {} }, at(20), at(21)]);
});

test('a chart without missing minutes stays as it is', () => {
  assert.deepEqual(withGaps([at(0), at(1), at(2)], 60_000), [at(0), at(1), at(2)]);
  assert.deepEqual(withGaps([], 60_000), []);
});
