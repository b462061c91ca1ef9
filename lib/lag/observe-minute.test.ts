import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupState } from './cluster-state.ts';
import { observeMinute } from './observe-minute.ts';

const START = 1_700_000_040_000;

function group(): GroupState {
  return { id: 60, failedSince: null, status: 'ok', memberCount: 1, minute: null, writtenMinute: null } as unknown as GroupState;
}

const seen = (lag: bigint | null, oldestAt: number | null = null) => ({ lag, oldestAt, oldestQuality: 'exact' as const, producedPerSecond: 0, consumedPerSecond: 0, unknownPartitions: 0 });

describe('the minutes of a group', () => {
  it('are written when they are over, with the highest and the last figures of all readings', () => {
    const of = group();
    assert.equal(observeMinute(of, seen(5n, START - 4_000), START), null);
    assert.equal(observeMinute(of, seen(9n, START - 4_000), START + 20_000), null);
    assert.equal(observeMinute(of, seen(2n, START + 30_000), START + 40_000), null);
    const closed = observeMinute(of, seen(0n), START + 61_000);
    assert.deepEqual([closed?.minute, closed?.lagMax, closed?.lagLast, closed?.secondsMax, closed?.secondsLast], [START, 9n, 2n, 24, 10]);
  });

  it('cost nothing while a group stands still, also with a backlog that only grows older', () => {
    const of = group();
    const rows: unknown[] = [];
    for (let at = START; at < START + 3_600_000; at += 10_000) rows.push(observeMinute(of, seen(7n, START - 1_000), at));
    assert.equal(rows.filter((row) => row !== null).length, 1);
  });

  it('are repeated after hours, and written at once when something changes or can no longer be read', () => {
    const of = group();
    const written = new Set<number>();
    for (let at = START; at < START + 7 * 3_600_000; at += 60_000) {
      const row = observeMinute(of, seen(0n), at);
      if (row) written.add((row.minute - START) / 60_000);
    }
    assert.deepEqual([...written], [0, 360]);
    of.failedSince = START + 7 * 3_600_000;
    observeMinute(of, seen(0n), START + 7 * 3_600_000);
    const failed = observeMinute(of, seen(0n), START + 7 * 3_600_000 + 60_000);
    assert.deepEqual([failed?.lagLast, failed?.secondsLast], [null, null]);
  });
});
