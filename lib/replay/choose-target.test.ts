import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseTarget, type TargetChoice } from './choose-target.ts';
import { javaPartition } from './java-partition.ts';

const key = Buffer.from('order-7');
const base: TargetChoice = {
  origin: { topic: 'orders', partition: 2 },
  key,
  offset: 5n,
  targetTopic: null,
  partitioning: 'origin',
  partitionCountNow: (topic) => ({ orders: 6, other: 3, same: 6 })[topic],
  partitionCountBefore: (topic) => ({ orders: 6 })[topic],
};

test('a record goes back to the partition it came from', () => {
  assert.deepEqual(chooseTarget(base), { topic: 'orders', partition: 2 });
  assert.deepEqual(chooseTarget({ ...base, targetTopic: 'same' }), { topic: 'same', partition: 2 });
});

test('where the partition count differs the key decides', () => {
  assert.deepEqual(chooseTarget({ ...base, partitionCountBefore: () => 4 }), { topic: 'orders', partition: javaPartition(key, 6) });
  assert.deepEqual(chooseTarget({ ...base, targetTopic: 'other' }), { topic: 'other', partition: javaPartition(key, 3) });
  assert.deepEqual(chooseTarget({ ...base, partitioning: 'key' }), { topic: 'orders', partition: javaPartition(key, 6) });
  assert.deepEqual(chooseTarget({ ...base, partitioning: 'key', key: null }), { topic: 'orders', partition: 5 });
});

test('what has no valid place is refused with the reason, not sent somewhere', () => {
  assert.deepEqual(chooseTarget({ ...base, origin: { topic: null, partition: null } }), { code: 'origin-unknown', detail: {} });
  assert.deepEqual(chooseTarget({ ...base, targetTopic: 'gone' }), { code: 'target-missing', detail: { topic: 'gone' } });
  assert.deepEqual(chooseTarget({ ...base, partitioning: 6 }), { code: 'partition-out-of-range', detail: { topic: 'orders', partition: 6, partitionCount: 6 } });
});
