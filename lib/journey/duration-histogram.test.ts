import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addHistogram, countIn, histogramOf, quantile } from './duration-histogram.ts';

test('a quantile is at most a tenth over the true one, and never under it', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 60 }), fc.constantFrom(0.5, 0.95), (values, share) => {
      const histogram = {};
      for (const value of values) addHistogram(histogram, histogramOf(value));
      const exact = values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1]!;
      const found = quantile(histogram, share)!;
      assert.ok(found >= exact * 0.999_999 && found <= exact * 1.101, `${found} for ${exact}`);
    }),
  );
});

test('what was added and taken away again leaves nothing', () => {
  const histogram = histogramOf(3);
  addHistogram(histogram, histogramOf(70_000));
  addHistogram(histogram, histogramOf(3), -1);
  assert.deepEqual(histogram, histogramOf(70_000));
  assert.equal(countIn(histogram), 1);
  assert.equal(quantile({}, 0.5), null);
});
