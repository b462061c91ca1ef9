import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addHistogram, addPacked, CLASSES, classOf, emptyHistogram, packHistogram, quantile, sizeOf, type TimeHistogram } from './time-histogram.ts';

const times = fc.array(fc.double({ min: 0, max: 3e8, noNaN: true }), { maxLength: 60 });

function histogramOf(list: readonly number[]): TimeHistogram {
  const counts = emptyHistogram();
  for (const ms of list) counts[classOf(ms)]! += 1;
  return counts;
}

test('histograms put one behind the other are read as their sum, in whatever parts the times came', () => {
  fc.assert(
    fc.property(fc.array(times, { maxLength: 6 }), (parts) => {
      const joined = emptyHistogram();
      addPacked(joined, Buffer.concat(parts.map((part) => packHistogram(histogramOf(part)))));
      const summed = emptyHistogram();
      for (const part of parts) addHistogram(summed, histogramOf(part));
      assert.deepEqual(joined, histogramOf(parts.flat()));
      assert.deepEqual(summed, joined);
      assert.equal(sizeOf(joined), parts.flat().length);
    }),
  );
});

test('a percentile is within a fifth, or an eighth of a millisecond, of the time that has this rank', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 2e8, noNaN: true }), { minLength: 1, maxLength: 200 }), fc.constantFrom(0.5, 0.95, 0.99), (list, q) => {
      const found = quantile(histogramOf(list), q)!;
      const exact = list.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * list.length) - 1)]!;
      assert.ok(found <= exact * Math.SQRT2 + 0.125 && found >= exact / Math.SQRT2 - 0.125, `${found} for ${exact}`);
    }),
  );
});

test('nothing counted has no percentile and no bytes; a minute of counts is a few bytes', () => {
  assert.equal(quantile(emptyHistogram(), 0.95), null);
  assert.equal(packHistogram(emptyHistogram()).length, 0);
  assert.ok(packHistogram(histogramOf(Array.from({ length: 100 }, (_, place) => 20 + place))).length < 12);
});

test('times beyond all classes count in the first and the last', () => {
  assert.equal(classOf(-3), 0);
  assert.equal(classOf(0), 0);
  assert.equal(classOf(1e15), CLASSES - 1);
  for (let place = 1; place < 200; place++) assert.ok(classOf(place) >= classOf(place - 1));
});

test('bytes that are no histogram are refused', () => {
  assert.throws(() => addPacked(emptyHistogram(), Buffer.from([60, 10, 1])), RangeError);
  assert.throws(() => addPacked(emptyHistogram(), Buffer.from([1, 2, 0x80])), RangeError);
});
