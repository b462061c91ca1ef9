import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRetryAfter, RETRY_DELAYS_MS, retryDelayMs } from './retry-delay.ts';

describe('retryDelayMs', () => {
  it('follows the schedule, spread by a fifth either way', () => {
    assert.equal(retryDelayMs(0, 0.5, null), 0);
    assert.equal(retryDelayMs(1, 0, null), 4_000);
    assert.equal(retryDelayMs(1, 0.5, null), 5_000);
    assert.ok((retryDelayMs(1, 0.999_999, null) ?? 0) <= 6_000);
    assert.equal(retryDelayMs(9, 0.5, null), 14_400_000);
    assert.equal(retryDelayMs(RETRY_DELAYS_MS.length, 0.5, null), null);
  });

  it('waits as long as the receiver asks, an hour at most, and never shorter than the schedule', () => {
    assert.equal(retryDelayMs(1, 0.5, 60_000), 60_000);
    assert.equal(retryDelayMs(1, 0.5, 86_400_000), 3_600_000);
    assert.equal(retryDelayMs(5, 0.5, 1_000), 900_000);
    assert.equal(retryDelayMs(RETRY_DELAYS_MS.length, 0.5, 1_000), null);
  });
});

describe('parseRetryAfter', () => {
  const now = new Date('2026-11-21T08:00:00Z');
  it('reads seconds and dates', () => {
    assert.equal(parseRetryAfter('120', now), 120_000);
    assert.equal(parseRetryAfter('Sat, 21 Nov 2026 08:01:00 GMT', now), 60_000);
    assert.equal(parseRetryAfter('Sat, 21 Nov 2026 07:00:00 GMT', now), 0);
  });
  it('ignores what the RFC does not allow', () => {
    for (const header of [undefined, '', '-1', '1.5', 'soon', '2026-11-21', '99999999999999999999']) assert.equal(parseRetryAfter(header, now), null);
  });
});
