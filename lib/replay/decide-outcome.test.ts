import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideOutcome, type OutcomeInput, type Successor } from './decide-outcome.ts';

const base: OutcomeInput = { sentOffset: 10n, sentAtMs: 0, nowMs: 1_000, originGroup: null, groups: [], successors: [], caughtUp: null, noConsumerAfterMs: 60_000, giveUpAfterMs: 86_400_000 };
const retry = { kind: 'retry' as const, group: null, errorClass: 'TimeoutError', errorMessage: 'later', ref: 'orders-retry-0:0@3', writtenAtMs: 500, passed: false, span: null };
const deadLetter: Successor = { kind: 'dead-letter', group: null, errorClass: 'TimeoutError', errorMessage: 'again', ref: '1-0-7' };
const past = { group: 'billing', committedOffset: 11n, span: null };

test('a commit past the record means consumed, not processed', () => {
  assert.deepEqual(decideOutcome({ ...base, groups: [past] }), { outcome: 'consumed', settled: false, groups: [{ group: 'billing', outcome: 'consumed' }], mixed: false, error: null, judged: null });
  assert.equal(decideOutcome({ ...base, groups: [past], caughtUp: false }).outcome, 'consumed');
  assert.equal(decideOutcome({ ...base, groups: [{ ...past, committedOffset: 10n }], caughtUp: true }).outcome, 'waiting');
});

test('processed takes an OK span with the coordinate, or dead letters and retries read to their end without a successor', () => {
  assert.equal(decideOutcome({ ...base, groups: [{ ...past, span: 'ok' }] }).outcome, 'processed');
  assert.equal(decideOutcome({ ...base, groups: [{ ...past, span: 'ok' }], caughtUp: false }).outcome, 'consumed', 'a handler that dead-letters ends well too: its topic is read first');
  assert.deepEqual([decideOutcome({ ...base, groups: [past], caughtUp: true })].map(({ outcome, settled }) => ({ outcome, settled })), [{ outcome: 'processed', settled: true }]);
});

test('a successor on a dead-letter topic is failed again, with the new error; on a retry topic it is retrying', () => {
  const again = decideOutcome({ ...base, groups: [past], caughtUp: true, successors: [deadLetter] });
  assert.deepEqual([again.outcome, again.settled, again.error], ['failed-again', true, { class: 'TimeoutError', message: 'again', ref: '1-0-7' }]);
  assert.equal(decideOutcome({ ...base, groups: [past], successors: [retry] }).outcome, 'retrying');
  assert.equal(decideOutcome({ ...base, successors: [deadLetter] }).outcome, 'failed-again', 'also where no commit is seen');
});

test('a chain of retries is judged by its newest record: waiting there is retrying, passed is consumed, read to the end without a dead letter or ended well is processed', () => {
  const judge = (successors: Successor[], caughtUp: boolean | null = null) => decideOutcome({ ...base, groups: [{ ...past, span: 'ok' }], successors, caughtUp }).outcome;
  const later = { ...retry, ref: 'orders-retry-1:0@9', writtenAtMs: 700 };
  assert.equal(judge([retry]), 'retrying', 'the OK span of the first attempt says only that it was handed on');
  assert.equal(judge([{ ...retry, passed: true }]), 'consumed');
  assert.equal(judge([{ ...retry, passed: true }], true), 'processed');
  assert.equal(judge([{ ...retry, passed: true, span: 'ok' }, later]), 'retrying');
  assert.equal(judge([{ ...later, span: 'ok' }, { ...retry, passed: true }]), 'processed', 'in whatever order they come');
  assert.equal(judge([{ ...later, span: 'error', passed: true }], false), 'consumed');
  assert.equal(judge([{ ...later, span: 'ok' }, deadLetter], true), 'failed-again');
  assert.equal(decideOutcome({ ...base, successors: [retry] }).outcome, 'retrying', 'also where no commit is seen');
});

test('only the origin’s group counts where it is known; otherwise every group does and mixed results are said', () => {
  const groups = [{ ...past, span: 'ok' as const }, { group: 'audit', committedOffset: 3n, span: null }];
  assert.equal(decideOutcome({ ...base, groups, originGroup: 'billing' }).outcome, 'processed');
  const all = decideOutcome({ ...base, groups });
  assert.deepEqual([all.outcome, all.mixed, all.settled], ['waiting', true, false]);
});

test('nobody reading the target is said as such, and nothing unknown is ever called processed', () => {
  assert.equal(decideOutcome({ ...base, nowMs: 59_999 }).outcome, 'waiting');
  assert.equal(decideOutcome({ ...base, nowMs: 60_000 }).outcome, 'no-consumer');
  assert.deepEqual([decideOutcome({ ...base, nowMs: 86_400_000, groups: [{ ...past, committedOffset: null }] })].map(({ outcome, settled }) => [outcome, settled]), [['unknown', true]]);
  fc.assert(fc.property(
    fc.array(fc.record({ group: fc.constantFrom('a', 'b'), committedOffset: fc.option(fc.bigInt({ min: 0n, max: 20n })), span: fc.constantFrom('ok' as const, 'error' as const, null) })),
    fc.constantFrom(true, false, null), fc.boolean(), fc.integer({ min: 0, max: 100_000_000 }),
    (groups, caughtUp, successor, nowMs) => {
      const decision = decideOutcome({ ...base, groups, caughtUp, nowMs, successors: successor ? [deadLetter] : [] });
      if (decision.outcome !== 'processed') return;
      assert.equal(successor, false);
      assert.ok(groups.length > 0 && groups.every((one) => one.span === 'ok' || (caughtUp === true && (one.committedOffset ?? 0n) > 10n)));
    },
  ));
});
