import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EMPTY_LOG, planNotification, type GroupLevel, type GroupLog, type NotificationPlan } from './plan-notification.ts';

const timings = { groupWaitMs: 30_000, groupIntervalMs: 300_000, repeatIntervalMs: 14_400_000 };
const T0 = Date.parse('2026-11-21T08:00:00Z');
const at = (seconds: number): Date => new Date(T0 + seconds * 1_000);
const level = (firing: string[], silenced: string[] = []): GroupLevel => ({ firing, silenced });
const plan = (log: GroupLog, now: number, firing: string[], silenced: string[] = []): NotificationPlan => planNotification(log, level(firing, silenced), timings, at(now));

describe('planNotification', () => {
  it('waits for companions before it tells of a new group', () => {
    const first = plan(EMPTY_LOG, 0, ['a']);
    assert.equal(first.notify, null);
    assert.deepEqual(first.nextNotifyAt, at(30));
    const second = plan(first.next, 30, ['a', 'b']);
    assert.deepEqual(second.notify, { reason: 'new-firing', firing: ['a', 'b'], resolved: [] });
  });

  it('says nothing of what came and went within the wait', () => {
    const first = plan(EMPTY_LOG, 0, ['a']);
    const second = plan(first.next, 20, []);
    assert.equal(second.notify, null);
    assert.equal(second.next.firstFiringAt, null);
    assert.equal(second.nextNotifyAt, null);
  });

  it('tells of a change after the group interval, and says why', () => {
    const told = plan(plan(EMPTY_LOG, 0, ['a']).next, 30, ['a']).next;
    assert.equal(plan(told, 100, ['a', 'b']).notify, null);
    assert.deepEqual(plan(told, 330, ['a', 'b']).notify, { reason: 'new-firing', firing: ['a', 'b'], resolved: [] });
    assert.deepEqual(plan(told, 330, []).notify, { reason: 'new-resolved', firing: [], resolved: ['a'] });
  });

  it('repeats what fires on after the repeat interval only', () => {
    const told = plan(plan(EMPTY_LOG, 0, ['a']).next, 30, ['a']).next;
    assert.equal(plan(told, 14_429, ['a']).notify, null);
    assert.deepEqual(plan(told, 14_430, ['a']).notify, { reason: 'repeat', firing: ['a'], resolved: [] });
  });

  it('does not tell of a silenced alert, but tells the end of one that was told before', () => {
    assert.equal(plan(EMPTY_LOG, 0, [], ['a']).notify, null);
    const told = plan(plan(EMPTY_LOG, 0, ['a']).next, 30, ['a']).next;
    const silenced = plan(told, 400, [], ['a']);
    assert.equal(silenced.notify, null);
    assert.deepEqual(silenced.next.toldFiring, ['a']);
    assert.deepEqual(plan(silenced.next, 500, []).notify, { reason: 'new-resolved', firing: [], resolved: ['a'] });
  });

  it('waits anew for companions when a group that had ended fires again', () => {
    const log: GroupLog = { toldFiring: [], firstFiringAt: null, lastNotifiedAt: at(0) };
    assert.deepEqual(plan(log, 10, ['a']).nextNotifyAt, at(40));
  });

  it('leaves each receiver knowing exactly what fires once things are quiet, without doubling any word', () => {
    const names = fc.subarray(['a', 'b', 'c', 'd']);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), names), { maxLength: 60 }), names, (history, final) => {
        let log = EMPTY_LOG;
        let now = 0;
        const told = new Set<string>();
        const take = (firing: string[]): void => {
          const next = plan(log, now, firing);
          if (next.notify !== null) {
            for (const fingerprint of next.notify.resolved) assert.ok(told.delete(fingerprint), 'only what was told can be resolved');
            for (const fingerprint of next.notify.firing) told.add(fingerprint);
            if (next.notify.reason !== 'repeat') assert.ok(log.lastNotifiedAt === null || log.toldFiring.length === 0 || now * 1_000 + T0 >= log.lastNotifiedAt.getTime() + timings.groupIntervalMs);
          }
          log = next.next;
        };
        for (const [gap, firing] of history) {
          now += gap;
          take(firing);
        }
        for (const gap of [0, 30, 300, 300]) {
          now += gap;
          take(final);
        }
        assert.deepEqual([...told].toSorted(), [...final].toSorted());
      }),
    );
  });
});
