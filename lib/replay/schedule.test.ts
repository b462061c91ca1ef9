import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideStart, refuseSchedule } from './schedule.ts';

const now = new Date('2026-11-21T22:00:00Z');
const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

test('a schedule lies ahead, within a week, and its latest start within a day after it', () => {
  assert.equal(refuseSchedule({ startAt: at(4), startBy: null }, now), null);
  assert.equal(refuseSchedule({ startAt: at(4), startBy: at(5) }, now), null);
  assert.match(refuseSchedule({ startAt: at(0), startBy: null }, now)!, /past/);
  assert.match(refuseSchedule({ startAt: at(169), startBy: null }, now)!, /7 days/);
  assert.match(refuseSchedule({ startAt: at(4), startBy: at(4) }, now)!, /before the start/);
  assert.match(refuseSchedule({ startAt: at(4), startBy: at(29) }, now)!, /a day/);
});

test('it waits before its time, starts at it, late where that was allowed, and never after the latest start', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.option(fc.integer({ min: 1, max: 24 })), fc.integer({ min: -100, max: 300 }), (start, late, look) => {
      const startBy = late === null ? null : at(start + late);
      const decided = decideStart({ startAt: at(start), startBy }, at(look));
      assert.equal(decided, look < start ? 'wait' : startBy !== null && at(look) > startBy ? 'missed' : 'start');
    }),
  );
});
