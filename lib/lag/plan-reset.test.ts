import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planForget, planReset, type ResetTarget } from './plan-reset.ts';

const at = { topic: 'orders', partition: 0 };
const position = { ...at, committedOffset: 40n, logStartOffset: 10n, endOffset: 100n, atTime: 70n };

describe('planning a reset of offsets', () => {
  it('says from where to where, and what is skipped or repeated', () => {
    const plan = (target: ResetTarget) => {
      const [one] = planReset(target, [position]);
      return [one?.from, one?.to, one?.skipped, one?.repeated, one?.note];
    };
    assert.deepEqual(plan({ kind: 'earliest' }), [40n, 10n, 0n, 30n, null]);
    assert.deepEqual(plan({ kind: 'latest' }), [40n, 100n, 60n, 0n, null]);
    assert.deepEqual(plan({ kind: 'time', atMs: 1 }), [40n, 70n, 30n, 0n, null]);
    assert.deepEqual(plan({ kind: 'offset', offset: 40n }), [40n, 40n, 0n, 0n, null]);
    assert.deepEqual(plan({ kind: 'shift', by: -5n }), [40n, 35n, 0n, 5n, null]);
    assert.deepEqual(plan({ kind: 'shift', by: -35n }), [40n, 10n, 0n, 30n, '5 is before the log, which starts at 10.']);
    assert.deepEqual(plan({ kind: 'offset', offset: 500n }), [40n, 100n, 60n, 0n, '500 is past the log, which ends at 100.']);
  });

  it('goes to the end where no record is as late as the asked time', () => {
    assert.equal(planReset({ kind: 'time', atMs: 1 }, [{ ...position, atTime: null }])[0]?.to, 100n);
  });

  it('leaves a partition alone whose log could not be read, whose time is not known, or that has nothing to shift', () => {
    for (const [target, change] of [
      [{ kind: 'latest' }, { endOffset: null }],
      [{ kind: 'shift', by: 1n }, { committedOffset: null }],
    ] as const) {
      const [one] = planReset(target, [{ ...position, ...change }]);
      assert.equal(one?.to, null);
      assert.ok(one?.note);
    }
    const { atTime: _, ...timeless } = position;
    assert.equal(planReset({ kind: 'time', atMs: 1 }, [timeless])[0]?.to, null);
  });

  it('does not count what retention took before: it is gone whatever is done', () => {
    const [one] = planReset({ kind: 'latest' }, [{ ...position, committedOffset: 4n }]);
    assert.deepEqual([one?.from, one?.skipped], [4n, 90n]);
  });

  it('stays inside the log, and never both skips and repeats, whatever is asked', () => {
    const offset = fc.bigInt({ min: 0n, max: 10_000n });
    const target = fc.oneof(
      fc.constantFrom<ResetTarget>({ kind: 'earliest' }, { kind: 'latest' }, { kind: 'time', atMs: 0 }),
      offset.map((o): ResetTarget => ({ kind: 'offset', offset: o })),
      fc.bigInt({ min: -20_000n, max: 20_000n }).map((by): ResetTarget => ({ kind: 'shift', by })),
    );
    fc.assert(
      fc.property(target, offset, offset, offset, fc.option(offset), (asked, a, b, committedOffset, atTime) => {
        const [logStartOffset, endOffset] = a < b ? [a, b] : [b, a];
        const [one] = planReset(asked, [{ ...at, committedOffset, logStartOffset, endOffset, atTime }]);
        assert.ok(one && one.to !== null && one.to >= logStartOffset && one.to <= endOffset);
        assert.ok(one.skipped !== null && one.repeated !== null && one.skipped >= 0n && one.repeated >= 0n);
        assert.ok(one.skipped === 0n || one.repeated === 0n);
        const held = committedOffset < logStartOffset ? logStartOffset : committedOffset > endOffset ? endOffset : committedOffset;
        assert.equal(held + one.skipped - one.repeated, one.to);
      }),
    );
  });

  it('says what forgetting a commit means to a consumer that starts anew', () => {
    assert.deepEqual(planForget([position, { ...position, partition: 1, committedOffset: null }]).map((one) => [one.partition, one.to, one.repeated, one.skipped]), [[0, null, 30n, 60n]]);
  });
});
