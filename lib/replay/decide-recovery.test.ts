import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideRecovery, needsScan } from './decide-recovery.ts';

const at = { topic: 'orders', partition: 0, offset: 9n };

test('an item that was sent is never sent again, and one that was not is never called sent', () => {
  // The world as it is: an item lies in the log or not; progress has passed it exactly when its transaction committed.
  fc.assert(fc.property(fc.boolean(), fc.boolean(), fc.boolean(), fc.bigInt({ min: 0n, max: 9n }), (committed, progressKept, scanComplete, offset) => {
    const progress = progressKept ? (committed ? offset + 1n : offset) : null;
    const decision = decideRecovery({ mode: 'exactly-once', progress, offset, found: committed && scanComplete ? at : null, scanComplete });
    if (decision.kind === 'send') assert.equal(committed, false);
    if (decision.kind === 'sent') assert.equal(committed, true);
    if (progressKept) assert.notEqual(decision.kind, 'needs-decision');
  }));
});

test('a ledger restored from an older backup is noticed instead of believed', () => {
  assert.deepEqual(decideRecovery({ mode: 'exactly-once', progress: 10n, offset: 3n, found: null, scanComplete: true }), { kind: 'needs-decision', why: 'passed-but-absent' });
  assert.deepEqual(decideRecovery({ mode: 'exactly-once', progress: null, offset: 3n, found: null, scanComplete: false }), { kind: 'needs-decision', why: 'progress-gone' });
});

test('the target is only searched where the ledger and progress disagree', () => {
  assert.equal(needsScan('exactly-once', [{ progress: 5n, offset: 5n }, { progress: 5n, offset: 6n }]), false);
  assert.equal(needsScan('exactly-once', [{ progress: 5n, offset: 4n }]), true);
  assert.equal(needsScan('exactly-once', [{ progress: null, offset: 4n }]), true);
});
