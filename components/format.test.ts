import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatAge, formatAgo, formatBytes, formatCompact, formatCount, formatDuration, formatExactTime, formatNoun, formatPercent, formatRate, formatTime } from './format.ts';

describe('figures as words', () => {
  it('separate thousands and keep every digit of an offset beyond 2^53', () => {
    assert.equal(formatCount(1204), '1,204');
    assert.equal(formatCount(0), '0');
    assert.equal(formatCount(-1234567), '-1,234,567');
    assert.equal(formatCount(9_223_372_036_854_775_807n), '9,223,372,036,854,775,807');
    assert.equal(formatCount('9223372036854775807'), '9,223,372,036,854,775,807');
    fc.assert(fc.property(fc.bigInt(), (value) => BigInt(formatCount(value).replaceAll(',', '')) === value));
  });

  it('say unknown, never 0, for what is not known', () => {
    for (const format of [formatCount, formatCompact, formatDuration, formatAge, formatRate, formatBytes, formatPercent, formatTime]) {
      assert.equal(format(null), 'unknown');
      assert.equal(format(undefined), 'unknown');
      assert.equal(format(Number.NaN), 'unknown');
    }
  });

  it('are short on charts', () => {
    assert.deepEqual([999, 1000, 12_400, 999_999, 1_204_000, 0.5].map(formatCompact), ['999', '1k', '12.4k', '1M', '1.2M', '0.5']);
  });

  it('give durations two units at most', () => {
    const cases: [number, string][] = [[0, '0 s'], [850, '850 ms'], [999.7, '1 s'], [1_400, '1.4 s'], [42_000, '42 s'], [59_600, '1 min'], [250_000, '4 min 10 s'], [3_599_800, '1 h'], [7_500_000, '2 h 5 min'], [86_399_000, '1 d'], [3 * 86_400_000, '3 d'], [100_000_000, '1 d 4 h'], [400 * 86_400_000, '400 d']];
    for (const [ms, words] of cases) assert.equal(formatDuration(ms), words);
    fc.assert(fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (ms) => formatDuration(ms).split(' ').length <= 4));
  });

  it('give an age one unit, rounded down', () => {
    assert.deepEqual([0, 4_900, 61_000, 3_600_000, 200_000_000].map(formatAge), ['now', '4 s', '1 min', '1 h', '2 d']);
    assert.equal(formatAgo(new Date(0), new Date(240_000)), '4 min ago');
    assert.equal(formatAgo(new Date(240_000), new Date(0)), 'in 4 min');
  });

  it('give rates two significant digits', () => {
    assert.deepEqual([0, 0.0341, 2.44, 10, 99.6, 8_210, 123_456].map(formatRate), ['0/s', '0.034/s', '2.4/s', '10/s', '100/s', '8,200/s', '120,000/s']);
  });

  it('give bytes in decimal units', () => {
    assert.deepEqual([0, 512, 1_000, 1_240, 38_000_000, 999_600].map(formatBytes), ['0 B', '512 B', '1 kB', '1.2 kB', '38 MB', '1 MB']);
  });

  it('round shares to neither 0 nor 100 %', () => {
    assert.deepEqual([0, 0.0001, 0.5, 0.991, 0.99999, 1].map(formatPercent), ['0 %', '0.1 %', '50 %', '99.1 %', '99.9 %', '100 %']);
  });

  it('say times in a zone, exactly on hover', () => {
    assert.equal(formatTime('2026-11-21T08:26:31.123Z', 'UTC'), '21 Nov 2026, 08:26:31');
    assert.equal(formatExactTime('2026-11-21T08:26:31.123Z', 'UTC'), '21 Nov 2026, 08:26:31.123 UTC');
    assert.equal(formatTime('nonsense'), 'unknown');
  });

  it('count nouns', () => {
    assert.equal(formatNoun(1, 'group'), '1 group');
    assert.equal(formatNoun(0, 'group'), '0 groups');
    assert.equal(formatNoun(1204n, 'entry', 'entries'), '1,204 entries');
  });
});
