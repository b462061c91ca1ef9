import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionRates } from './partition-rates.ts';

const entry = (partition: number, highWatermark: bigint | null) => ({ partition, highWatermark, lastStableOffset: null, logStartOffset: null });

test('a partition moves by what its samples say, stands still where it has none, and is unknown where nobody looked', () => {
  const samples = [
    { atMs: 10_000, entries: [entry(0, 100n), entry(1, null)] },
    { atMs: 20_000, entries: [entry(0, 200n)] },
    { atMs: 60_000, entries: [entry(4, 7n)] },
  ];
  assert.deepEqual(partitionRates(samples, [600n, 5n, null, 9n, 7n], 60_000, 5_000, 0), [10, 0, null, 0, null]);
  assert.deepEqual(partitionRates([], [5n], 60_000, 5_000, 30_000), [null], 'a topic younger than the window');
  assert.deepEqual(partitionRates(samples, [50n], 60_000, 5_000, 0), [null], 'an end that went back is no negative rate');
});
