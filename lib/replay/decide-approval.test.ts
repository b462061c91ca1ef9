import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { REPLAY_STATES } from '#lib/model/replay.ts';
import { decideApproval, needsApproval, type ApprovalInput } from './decide-approval.ts';

const asked = { digest: 'a', records: 3n };
const base: ApprovalInput = { state: 'awaiting-approval', verb: 'approve', samePerson: false, nowMs: 1_000, untilMs: 2_000, asked, now: { ...asked, heldBy: null }, startAtMs: null };

test('the policy says which replays wait', () => {
  assert.equal(needsApproval({ kind: 'none' }, 10n ** 9n), false);
  assert.equal(needsApproval({ kind: 'always' }, 1n), true);
  assert.equal(needsApproval({ kind: 'over', records: 100 }, 100n), false);
  assert.equal(needsApproval({ kind: 'over', records: 100 }, 101n), true);
});

test('a second person approves what was asked for, to start at once or at its time', () => {
  assert.deepEqual(decideApproval(base), { kind: 'approved', state: 'queued' });
  assert.deepEqual(decideApproval({ ...base, startAtMs: 500 }), { kind: 'approved', state: 'scheduled' });
  assert.deepEqual(decideApproval({ ...base, startAtMs: 5_000 }), { kind: 'approved', state: 'scheduled' });
  assert.deepEqual(decideApproval({ ...base, verb: 'decline', now: null }), { kind: 'declined' });
});

test('what changed since, what is too late, and what one asked for oneself is refused with its reason', () => {
  const code = (change: Partial<ApprovalInput>) => (decideApproval({ ...base, ...change }) as { code?: string }).code;
  assert.equal(code({ now: { digest: 'b', records: 3n, heldBy: null } }), 'selection-changed');
  assert.equal(code({ now: { digest: 'a', records: 2n, heldBy: null } }), 'selection-changed');
  assert.equal(code({ now: { ...asked, heldBy: 'r' } }), 'replay-conflict');
  assert.equal(code({ nowMs: 2_000 }), 'approval-lapsed');
  assert.equal(code({ nowMs: 2_000, verb: 'decline' }), 'approval-lapsed');
  assert.equal(code({ samePerson: true }), 'own-replay');
  assert.equal(code({ samePerson: true, verb: 'decline' }), 'own-replay');
  assert.equal(code({ state: 'queued' }), 'replay-state');
});

test('nothing but an approval in time, by another, of what was asked for lets a replay run', () => {
  fc.assert(
    fc.property(
      fc.record({
        state: fc.constantFrom<string>(...REPLAY_STATES),
        verb: fc.constantFrom('approve' as const, 'decline' as const),
        samePerson: fc.boolean(),
        nowMs: fc.nat(10),
        untilMs: fc.nat(10),
        now: fc.option(fc.record({ digest: fc.constantFrom('a', 'b'), records: fc.constantFrom(2n, 3n), heldBy: fc.option(fc.constant('r')) })),
        startAtMs: fc.option(fc.nat(10)),
      }),
      (input) => {
        const outcome = decideApproval({ ...input, asked });
        const may = input.state === 'awaiting-approval' && !input.samePerson && input.nowMs < input.untilMs;
        const same = input.now !== null && input.now.digest === 'a' && input.now.records === 3n && input.now.heldBy === null;
        assert.equal(outcome.kind === 'approved', may && input.verb === 'approve' && same);
        assert.equal(outcome.kind === 'declined', may && input.verb === 'decline');
      },
    ),
  );
});
