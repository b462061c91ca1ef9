import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { timeAxis } from './time-axis.ts';

const times = fc.array(fc.tuple(fc.double({ min: 0, max: 1e8, noNaN: true }), fc.double({ min: 0, max: 1e6, noNaN: true })).map(([fromMs, lengthMs]) => ({ fromMs, toMs: fromMs + lengthMs })), { minLength: 1, maxLength: 30 });

test('later is never drawn left of earlier, and everything is drawn inside', () => {
  fc.assert(fc.property(times, (busy) => {
    const axis = timeAxis(busy);
    const moments = busy.flatMap((each) => [each.fromMs, each.toMs]).toSorted((a, b) => a - b);
    let last = 0;
    for (const moment of moments) {
      const at = axis.at(moment);
      assert.ok(at >= last - 1e-9 && at >= 0 && at <= 1 + 1e-9, `${moment} at ${at}`);
      last = at;
    }
    assert.ok(Math.abs(axis.parts.at(-1)!.to - 1) < 1e-6);
  }));
});

test('four hours of waiting leave room for what happened before and after', () => {
  const axis = timeAxis([{ fromMs: 0, toMs: 40 }, { fromMs: 14_400_000, toMs: 14_400_020 }]);
  assert.equal(axis.parts.filter((part) => part.isGap).length, 1);
  assert.ok(axis.at(40) > 0.4, `${axis.at(40)}`);
  assert.ok(axis.at(14_400_000) - axis.at(40) < 0.07);
});

test('a journey without a long wait has no gap', () => {
  assert.equal(timeAxis([{ fromMs: 0, toMs: 18 }, { fromMs: 20, toMs: 40 }, { fromMs: 41, toMs: 60 }]).parts.length, 1);
});
