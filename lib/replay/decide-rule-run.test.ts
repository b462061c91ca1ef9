import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideRuleRun, describeRule, MAX_RECORDS_A_RUN, MIN_DECIDED, type RuleFacts, type RuleLimits } from './decide-rule-run.ts';

const limits: RuleLimits = { delaySeconds: 600, maxAttempts: 3, maxPerHour: 100, stopPercent: 20 };
const facts: RuleFacts = { processed: 0, failedAgain: 0, cancelled: null, failureExists: true, replayOpen: false, askedLastHour: 0, ready: 7 };

test('it sends what is ready, one replay at a time, up to its hour', () => {
  assert.deepEqual(decideRuleRun(limits, facts), { kind: 'run', records: 7 });
  assert.deepEqual(decideRuleRun(limits, { ...facts, askedLastHour: 98 }), { kind: 'run', records: 2 });
  assert.deepEqual(decideRuleRun(limits, { ...facts, askedLastHour: 100 }), { kind: 'wait', why: 'hour-full' });
  assert.deepEqual(decideRuleRun(limits, { ...facts, ready: 0 }), { kind: 'wait', why: 'nothing-ready' });
  assert.deepEqual(decideRuleRun(limits, { ...facts, replayOpen: true }), { kind: 'wait', why: 'replay-open' });
});

test('it stops when more fails again than it may, when a person ended its replay, and when its failure is gone', () => {
  assert.equal(decideRuleRun(limits, { ...facts, processed: 8, failedAgain: 2 }).kind, 'run', 'exactly the share is allowed');
  assert.deepEqual(decideRuleRun(limits, { ...facts, processed: 7, failedAgain: 3, replayOpen: true }), { kind: 'stop', why: '3 of 10 records failed again, more than the 20 % it may.' });
  assert.equal(decideRuleRun(limits, { ...facts, failedAgain: MIN_DECIDED - 1 }).kind, 'run', 'too few to say');
  assert.deepEqual(decideRuleRun(limits, { ...facts, cancelled: 'bob declined its replay.' }), { kind: 'stop', why: 'bob declined its replay.' });
  assert.equal(decideRuleRun(limits, { ...facts, failureExists: false }).kind, 'stop');
});

test('whatever the figures, it never asks for more than its hour leaves or than is ready', () => {
  fc.assert(
    fc.property(fc.record({ processed: fc.nat(500), failedAgain: fc.nat(500), askedLastHour: fc.nat(20_000), ready: fc.nat(20_000) }), fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 100 }), (some, maxPerHour, stopPercent) => {
      const step = decideRuleRun({ ...limits, maxPerHour, stopPercent }, { ...facts, ...some });
      if (step.kind !== 'run') return;
      assert.ok(step.records > 0 && step.records <= some.ready && step.records + some.askedLastHour <= maxPerHour && step.records <= MAX_RECORDS_A_RUN);
      const decided = some.processed + some.failedAgain;
      assert.ok(decided < MIN_DECIDED || some.failedAgain / decided <= stopPercent / 100);
    }),
  );
});

test('a rule is a sentence', () => {
  assert.equal(describeRule(limits), 'retry after 10 min, at most 3 times, at most 100 an hour; stop when more than 20 % fail again');
  assert.equal(describeRule({ ...limits, delaySeconds: 7_200, maxAttempts: 1, maxPerHour: 1_000 }), 'retry after 2 h, at most once, at most 1,000 an hour; stop when more than 20 % fail again');
});
