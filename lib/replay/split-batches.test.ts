import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecordsBatch } from '@platformatic/kafka';
import fc from 'fast-check';
import type { ReplayRecord } from '#lib/model/replay.ts';
import { loneBatchBytes, nextBatchLength, nextTransaction, recordBytes } from './split-batches.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const record = fc.record({
  topic: fc.constantFrom('a', 'b'),
  partition: fc.integer({ min: 0, max: 2 }),
  key: fc.option(bytes, { nil: null }),
  value: fc.option(bytes, { nil: null }),
  headers: fc.array(fc.tuple(bytes, fc.option(bytes, { nil: null })), { maxLength: 5 }),
}) satisfies fc.Arbitrary<ReplayRecord>;

test('the measured size is never below what the client writes', () => {
  fc.assert(fc.property(record, (one) => {
    const written = createRecordsBatch([{ topic: one.topic, partition: 0, key: one.key as Buffer, value: one.value as Buffer, headers: new Map(one.headers.map(([name, value]) => [Buffer.from(name), value as Buffer])) }], { producerId: 1n, producerEpoch: 0 });
    assert.ok(loneBatchBytes(one) >= written.length, `${loneBatchBytes(one)} < ${written.length}`);
  }));
});

test('batches keep every item, in order, and no partition of a batch exceeds its limit unless one record does', () => {
  fc.assert(fc.property(fc.array(fc.option(record, { freq: 4 })), fc.integer({ min: 200, max: 2_000 }), fc.integer({ min: 1, max: 10 }), (items, maxBatch, maxRecords) => {
    let left: (ReplayRecord | null)[] = items;
    let passed = 0;
    while (left.length > 0) {
      const length = nextBatchLength(left, { maxBatchBytes: () => maxBatch, maxTransactionBytes: 5_000, maxRecords });
      assert.ok(length >= 1);
      const batch = left.slice(0, length).filter((item) => item !== null);
      assert.ok(batch.length <= maxRecords);
      for (const group of Object.values(Object.groupBy(batch, (one) => `${one.topic}:${one.partition}`))) {
        const size = group!.reduce((sum, one) => sum + recordBytes(one), 61);
        assert.ok(size <= maxBatch || group!.length === 1);
      }
      passed += length;
      left = left.slice(length);
    }
    assert.equal(passed, items.length);
  }));
});

test('a transaction keeps its limits over all its batches, and its batches are full', () => {
  fc.assert(fc.property(fc.array(fc.option(record, { freq: 4 })), fc.integer({ min: 200, max: 2_000 }), fc.integer({ min: 1, max: 10 }), (items, maxBatch, maxRecords) => {
    const limits = { maxBatchBytes: () => maxBatch, maxTransactionBytes: 5_000, maxRecords };
    const lengths = nextTransaction(items, limits);
    const taken = items.slice(0, lengths.reduce((sum, length) => sum + length, 0));
    assert.equal(lengths.length > 0, items.length > 0);
    assert.ok(lengths.every((length) => length > 0));
    assert.ok(taken.length <= maxRecords);
    const sent = taken.filter((item) => item !== null);
    assert.ok(sent.length <= 1 || sent.reduce((sum, one) => sum + recordBytes(one), 0) <= 5_000);
    let at = 0;
    for (const length of lengths) {
      for (const group of Object.values(Object.groupBy(taken.slice(at, at + length).filter((item) => item !== null), (one) => `${one.topic}:${one.partition}`))) {
        assert.ok(group!.reduce((sum, one) => sum + recordBytes(one), 61) <= maxBatch || group!.length === 1);
      }
      at += length;
      // The next one would not have fitted into the batch before it.
      const next = taken[at];
      if (next) assert.equal(nextBatchLength(taken.slice(at - length), limits), length);
    }
  }));
});
