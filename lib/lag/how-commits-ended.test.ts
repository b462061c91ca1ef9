import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { explainEnding } from './explain-ending.ts';
import { howCommitsEnded, lastActivityOf } from './how-commits-ended.ts';

const DAY = 86_400_000;
const now = 100 * DAY;
const none = { deletion: null, retentionMs: 7 * DAY, lastActiveAt: null, watchedSince: now };

describe('what became of commits that are gone', () => {
  it('is a deletion where somebody asked Waybill for it, whatever else is known', () => assert.deepEqual(howCommitsEnded({ ...none, retentionMs: null, deletion: { by: 'ana', reason: 'retired' } }, now), { how: 'deleted', at: now, by: 'ana', reason: 'retired', retentionMs: null, idleMs: null }));
  it('is a deletion where they could not have expired yet', () => assert.equal(howCommitsEnded({ ...none, lastActiveAt: now - DAY }, now).how, 'deleted'));
  it('is an expiry where nobody was at work for as long as offsets are kept', () => {
    assert.equal(howCommitsEnded({ ...none, lastActiveAt: now - 8 * DAY }, now).how, 'expired');
    assert.equal(howCommitsEnded({ ...none, watchedSince: now - 8 * DAY }, now).how, 'expired');
  });
  it('is not said where it is near, where nobody was seen at work, and where the setting is not known', () => {
    assert.equal(howCommitsEnded({ ...none, lastActiveAt: now - 6.8 * DAY }, now).how, 'unclear');
    assert.equal(howCommitsEnded({ ...none, watchedSince: now - DAY }, now).how, 'unclear');
    assert.equal(howCommitsEnded({ ...none, retentionMs: null, lastActiveAt: now - 8 * DAY }, now).how, 'unclear');
  });
  it('is never a claim without its evidence', () => {
    const ago = fc.option(fc.integer({ min: 0, max: 30 * DAY }).map((ms) => now - ms), { nil: null });
    fc.assert(
      fc.property(ago, fc.integer({ min: 0, max: 30 * DAY }), fc.option(fc.integer({ min: 60_000, max: 20 * DAY }), { nil: null }), (lastActiveAt, watchedMs, retentionMs) => {
        const { how, idleMs } = howCommitsEnded({ deletion: null, retentionMs, lastActiveAt, watchedSince: now - watchedMs }, now);
        if (how === 'deleted') assert.ok(retentionMs !== null && idleMs !== null && idleMs < retentionMs);
        if (how === 'expired') assert.ok(retentionMs !== null && (idleMs ?? watchedMs) >= retentionMs);
      }),
    );
  });
  it('counts from the last commit or the last member, whichever is later', () => {
    assert.equal(lastActivityOf({ memberlessSince: 5, membersSeenAt: null, committedAt: [3, null, 9] }), 9);
    assert.equal(lastActivityOf({ memberlessSince: null, membersSeenAt: null, committedAt: [null] }), null);
  });
});

describe('the sentence of a group that is gone', () => {
  const gone = { name: 'billing', lag: 27n, topics: ['orders', 'refunds'], lastSeenAt: now };
  it('says who deleted it and why, and what waited', () => assert.equal(explainEnding({ ...gone, ended: howCommitsEnded({ ...none, deletion: { by: 'ana', reason: 'retired' } }, now) }, now + 180_000), 'The group "billing" was deleted 3 min ago by ana ("retired"). 27 records waited then on orders and 1 more topic.'));
  it('says why it must have been a deletion', () => assert.match(explainEnding({ ...gone, ended: howCommitsEnded({ ...none, lastActiveAt: now - 240_000 }, now) }, now), /was deleted .* not through Waybill: its offsets had not expired, because somebody was at work in it 4 min before and the brokers keep offsets for 7 d/));
  it('claims neither where neither is known', () => assert.match(explainEnding({ ...gone, lag: null, ended: null }, now + 60_000), /^The group "billing" is gone from the brokers since 1 min ago: it was deleted, or its offsets expired\.$/));
});
