import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allowed, spend, startPace } from './pace.ts';

test('over any stretch of time no more than the rate and one second’s worth is sent', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 50 }), (rate, pauses) => {
    let now = 0;
    let sent = 0;
    let pace = startPace(rate, now);
    for (const pause of pauses) {
      now += pause;
      const { records, waitMs } = allowed(pace, rate, now);
      now += waitMs;
      pace = spend(pace, rate, records, now);
      sent += records;
      assert.ok(sent <= rate + (rate * now) / 1_000 + 1e-6, `${sent} after ${now} ms at ${rate}/s`);
    }
  }));
});
