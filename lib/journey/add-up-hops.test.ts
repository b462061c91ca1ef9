import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addUpHops } from './add-up-hops.ts';
import { type CountedHop, packCounts, unpackCounts } from './pack-counts.ts';
import { CLASSES } from './time-histogram.ts';

const bit = fc.constantFrom<0 | 1>(0, 1);
const place = fc.option(fc.nat(CLASSES - 1), { nil: null });
const hop: fc.Arbitrary<CountedHop> = fc.record({
  wayId: fc.integer({ min: 1, max: 300 }), minute: fc.integer({ min: 29_000_000, max: 29_000_400 }), hops: bit, failed: bit, deadLetters: bit, uncertain: bit, failedAttempts: fc.nat(200), queueClass: place, processingClass: place,
});
const journey = fc.array(hop, { maxLength: 20 });

test('what a journey has added comes back from its bytes, and the same hops in any order give the same bytes', () => {
  fc.assert(
    fc.property(journey, fc.infiniteStream(fc.nat()), (counts, random) => {
      const packed = packCounts(counts);
      const key = (count: CountedHop) => [count.wayId, count.minute, count.hops, count.failed, count.failedAttempts, count.deadLetters, count.uncertain, count.queueClass, count.processingClass].join(' ');
      assert.deepEqual(unpackCounts(packed).map(key).toSorted(), counts.map(key).toSorted());
      const shuffled = counts.map((count) => ({ count, at: random.next().value })).toSorted((a, b) => a.at - b.at).map(({ count }) => count);
      assert.deepEqual(packCounts(shuffled), packed);
    }),
  );
});

test('journeys counted again and again, each time taken back first, add up to what they are in the end', () => {
  fc.assert(
    fc.property(fc.array(fc.array(journey, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), fc.constantFrom(1, 60), (journeys, everyMinutes) => {
      const changes = journeys.flatMap((versions) => versions.flatMap((counts, nth) => [...(nth === 0 ? [] : [{ sign: -1 as const, counts: versions[nth - 1]! }]), { sign: 1 as const, counts }]));
      assert.deepEqual(addUpHops(changes, everyMinutes), addUpHops(journeys.map((versions) => ({ sign: 1 as const, counts: versions.at(-1)! })), everyMinutes));
    }),
  );
});

test('what is taken back and added as it was changes nothing', () => {
  fc.assert(fc.property(journey, (counts) => assert.deepEqual(addUpHops([{ sign: -1, counts }, { sign: 1, counts }], 60), [])));
});

test('bytes of another kind are refused', () => {
  assert.throws(() => unpackCounts(Buffer.from([9, 1, 2])), RangeError);
});
