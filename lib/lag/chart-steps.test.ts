import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chartSteps, stepFor, type ChartReading } from './chart-steps.ts';

const MINUTE = 60_000;
const BASE = Date.UTC(2026, 10, 21, 10);

function reading(minute: number, max: number | null, last: number | null = max): ChartReading {
  return { atMs: BASE + minute * MINUTE, lagMax: max === null ? null : BigInt(max), lagLast: last === null ? null : BigInt(last), secondsMax: max, secondsLast: last, quality: 'exact', producedPerSecond: max, consumedPerSecond: last, status: max === null ? 'unknown' : 'ok', unknownPartitions: max === null ? 1 : 0, memberCount: 1 };
}
const minutes = (...at: number[]) => at.map((minute) => BASE + minute * MINUTE);

test('a spike survives, the end of a step is what it ended at, and rates are means', () => {
  const steps = chartSteps([reading(0, 5), reading(1, 900, 7), reading(2, 6), reading(5, 1)], [], { fromMs: BASE, toMs: BASE + 10 * MINUTE, stepMs: 5 * MINUTE }, null);
  assert.deepEqual(steps.map((step) => [step.atMs - BASE, step.lagMax, step.lagLast, step.producedPerSecond]), [[0, 900n, 6n, (5 + 900 + 6) / 3], [5 * MINUTE, 1n, 1n, 1]]);
});

test('a minute that was read and changed nothing goes on at the last figure; a minute nobody read is a gap', () => {
  const steps = chartSteps([reading(0, 50, 9)], minutes(0, 1, 4), { fromMs: BASE, toMs: BASE + 6 * MINUTE, stepMs: MINUTE }, null);
  assert.deepEqual(steps.map((step) => [(step.atMs - BASE) / MINUTE, step.lagMax]), [[0, 50n], [1, 9n], [4, 9n]]);
});

test('what stood before the range goes on into it, and unknown is unknown, not 0', () => {
  const range = { fromMs: BASE, toMs: BASE + 3 * MINUTE, stepMs: MINUTE };
  assert.deepEqual(chartSteps([reading(2, null)], minutes(0, 2), range, reading(-30, 80, 4)).map((step) => step.lagMax), [4n, null]);
  assert.deepEqual(chartSteps([], minutes(0, 2), range, null), []);
});

test('however long the range: never more points than asked, the highest is never lost, no gap is bridged', () => {
  const readings = fc.uniqueArray(fc.record({ minute: fc.integer({ min: 0, max: 3_000 }), lag: fc.option(fc.integer({ min: 0, max: 1_000_000 })), last: fc.integer({ min: 0, max: 100 }) }), { selector: (row) => row.minute, maxLength: 300 });
  const read = fc.uniqueArray(fc.integer({ min: 0, max: 3_000 }), { maxLength: 300 });
  fc.assert(
    fc.property(readings, read, fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 2, max: 720 }), fc.integer({ min: 0, max: 59 }), (rows, readMinutes, spanMinutes, maxPoints, shift) => {
      const sorted = rows.toSorted((a, b) => a.minute - b.minute).map((row) => reading(row.minute, row.lag, row.lag === null ? null : Math.min(row.lag, row.last)));
      const readAtMs = minutes(...readMinutes.toSorted((a, b) => a - b));
      const fromMs = BASE + shift * 1_000;
      const toMs = fromMs + spanMinutes * MINUTE;
      const stepMs = stepFor(toMs - fromMs, maxPoints);
      const steps = chartSteps(sorted, readAtMs, { fromMs, toMs, stepMs }, null);
      assert.ok(steps.length <= maxPoints, `${steps.length} points where ${maxPoints} were asked`);
      const inside = sorted.filter((row) => row.atMs >= fromMs && row.atMs < toMs);
      const highest = (values: (bigint | null)[]) => values.reduce<bigint>((most, value) => (value !== null && value > most ? value : most), -1n);
      assert.ok(highest(steps.map((step) => step.lagMax)) >= highest(inside.map((row) => row.lagMax)));
      const known = new Set([...readAtMs, ...sorted.map((row) => row.atMs)].filter((at) => at >= fromMs && at < toMs).map((at) => Math.floor(at / stepMs)));
      for (const step of steps) assert.ok(known.has(step.atMs / stepMs), 'a step nobody read has a point');
      steps.forEach((step, index) => assert.ok(index === 0 || step.atMs > (steps[index - 1]?.atMs ?? 0)));
    }),
  );
});

test('charts of a quarter of an hour to 30 days stay at 720 points', () => {
  const hours = [0.25, 1, 6, 24, 7 * 24, 30 * 24];
  assert.deepEqual(hours.map((hour) => stepFor(hour * 3_600_000, 720) / MINUTE), [1, 1, 1, 3, 15, 120]);
});
