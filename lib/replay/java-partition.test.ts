import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { javaPartition } from './java-partition.ts';

test('keys fall where the Java client puts them', () => {
  // Hashes of Kafka's own UtilsTest.testMurmur2.
  const cases: [string, number][] = [['21', -973932308], ['foobar', -790332482], ['a-little-bit-long-string', -985981536], ['a-little-bit-longer-string', -1486304829], ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971], ['abc', 479470107]];
  for (const [key, hash] of cases) {
    assert.equal(javaPartition(Buffer.from(key), 1_000_003), (hash & 0x7fffffff) % 1_000_003, key);
  }
});

test('a partition is never out of range', () => {
  fc.assert(fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 10_000 }), (key, count) => {
    const partition = javaPartition(key, count);
    assert.ok(Number.isInteger(partition) && partition >= 0 && partition < count);
  }));
});
