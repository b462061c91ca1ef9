import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { packCommitBlock, packTopicBlock, unpackCommitBlock, unpackTopicBlock } from './pack-block.ts';

const offset = fc.option(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), { nil: null });
const atMs = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1_000);

describe('blocks of an hour', () => {
  it('give back every commit that went in, null apart from 0', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ atMs, committedOffset: offset }, { noNullPrototype: true }), { maxLength: 400 }), (points) => {
        const inOrder = points.toSorted((a, b) => a.atMs - b.atMs);
        assert.deepEqual(unpackCommitBlock(packCommitBlock(inOrder)), inOrder);
      }),
      { numRuns: 200 },
    );
  });

  it('give back every end, also where the stable offset or the start is not known', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ atMs, highWatermark: offset, lastStableOffset: offset, logStartOffset: offset }, { noNullPrototype: true }), { maxLength: 200 }), (points) => {
        const inOrder = points.toSorted((a, b) => a.atMs - b.atMs);
        assert.deepEqual(unpackTopicBlock(packTopicBlock(inOrder)), inOrder);
      }),
      { numRuns: 200 },
    );
  });

  it('refuse bytes that are no block', () => {
    assert.throws(() => unpackCommitBlock(Buffer.from([9, 1])), RangeError);
    assert.throws(() => unpackCommitBlock(Buffer.from([])), RangeError);
    assert.throws(() => unpackCommitBlock(packCommitBlock([{ atMs: 0, committedOffset: 5n }]).subarray(0, 2)), RangeError);
  });
});
