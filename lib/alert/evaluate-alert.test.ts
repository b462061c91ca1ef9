import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AlertEffect, AlertInstance, Observation } from '#lib/model/alert.ts';
import { evaluateAlert, isActive, NEW_INSTANCE, phaseOf, type EvaluationRule } from './evaluate-alert.ts';

const T0 = Date.parse('2026-11-21T08:00:00Z');
const at = (seconds: number): Date => new Date(T0 + seconds * 1_000);
const breach: Observation = { kind: 'figure', value: 90, threshold: 60, breaching: true, sentence: 'billing is 90 s behind' };
const clear: Observation = { kind: 'figure', value: 3, threshold: 60, breaching: false, sentence: 'billing is 3 s behind' };
const missing: Observation = { kind: 'no-data', reason: 'the offsets collector is stale' };
const rule = (over: Partial<EvaluationRule> = {}): EvaluationRule => ({ forMs: 60_000, keepMs: 30_000, onNoData: 'keep', ...over });

function run(given: EvaluationRule, steps: [number, Observation][]): { last: AlertInstance; effects: AlertEffect[] } {
  let last = NEW_INSTANCE;
  const effects: AlertEffect[] = [];
  for (const [second, observation] of steps) {
    const result = evaluateAlert(given, last, observation, at(second));
    last = result.next;
    effects.push(...result.effects);
  }
  return { last, effects };
}

describe('evaluateAlert', () => {
  it('tells nobody until the condition has held for as long as the rule says', () => {
    const { last, effects } = run(rule(), [[0, breach], [30, breach], [59, breach]]);
    assert.equal(last.state, 'pending');
    assert.deepEqual(effects, ['became-pending']);
    const fired = evaluateAlert(rule(), last, breach, at(60));
    assert.equal(fired.next.state, 'firing');
    assert.deepEqual(fired.effects, ['fired']);
    assert.deepEqual(fired.next.firingSince, at(60));
  });

  it('fires at once where the rule waits for nothing', () => {
    const { last, effects } = run(rule({ forMs: 0 }), [[0, breach]]);
    assert.equal(last.state, 'firing');
    assert.deepEqual(effects, ['fired']);
  });

  it('forgets a pending alert that clears, and starts its wait anew', () => {
    const { last, effects } = run(rule(), [[0, breach], [50, clear], [55, breach], [70, breach]]);
    assert.equal(last.state, 'pending');
    assert.deepEqual(last.pendingSince, at(55));
    assert.deepEqual(effects, ['became-pending', 'pending-cancelled', 'became-pending']);
  });

  it('stays told while it recovers, and resolves only after the figure stayed clear', () => {
    const { last, effects } = run(rule({ forMs: 0 }), [[0, breach], [10, clear], [20, breach], [30, clear], [59, clear]]);
    assert.equal(last.state, 'recovering');
    assert.ok(isActive(last));
    assert.deepEqual(effects, ['fired', 'started-recovering', 'fired-again', 'started-recovering']);
    assert.deepEqual(last.firingSince, at(0), 'a flap does not restart the incident');
    const end = evaluateAlert(rule({ forMs: 0 }), last, clear, at(60));
    assert.deepEqual(end.effects, ['resolved']);
    assert.deepEqual(end.next.resolvedAt, at(60));
  });

  it('keeps what it was while the figure is unknown, and goes on from there', () => {
    const { last, effects } = run(rule({ forMs: 0 }), [[0, breach], [10, missing], [3_600, missing]]);
    assert.equal(last.state, 'no-data');
    assert.equal(phaseOf(last), 'firing');
    assert.deepEqual(last.missingSince, at(10));
    assert.deepEqual(effects, ['fired', 'data-lost']);
    const back = evaluateAlert(rule({ forMs: 0 }), last, breach, at(3_700));
    assert.equal(back.next.state, 'firing');
    assert.deepEqual(back.next.firingSince, at(0));
    assert.equal(back.next.missingSince, null);
    assert.deepEqual(back.effects, ['data-returned']);
  });

  it('never lets a missing figure turn pending into firing', () => {
    const { last } = run(rule(), [[0, breach], [30, missing], [600, missing]]);
    assert.equal(phaseOf(last), 'pending');
  });

  it('treats the missing figure as the breach where the rule says so, and shows no old value', () => {
    const { last, effects } = run(rule({ onNoData: 'fire' }), [[0, clear], [10, missing], [70, missing]]);
    assert.equal(last.state, 'no-data');
    assert.ok(isActive(last));
    assert.equal(last.value, null);
    assert.deepEqual(effects, ['data-lost', 'became-pending', 'fired']);
  });

  it('keeps a firing alert through an evaluation error', () => {
    const { last } = run(rule({ forMs: 0, onNoData: 'fire' }), [[0, breach], [10, { kind: 'error', message: 'store timed out' }]]);
    assert.equal(last.state, 'error');
    assert.ok(isActive(last));
  });

  it('resolves at once when the thing is gone, and says nothing of what nobody was told', () => {
    assert.deepEqual(run(rule({ forMs: 0 }), [[0, breach], [5, { kind: 'gone' }]]).effects, ['fired', 'resolved']);
    assert.deepEqual(run(rule(), [[0, breach], [5, { kind: 'gone' }]]).effects, ['became-pending', 'pending-cancelled']);
    assert.deepEqual(run(rule(), [[0, { kind: 'gone' }]]).effects, []);
  });

  const observations = fc.constantFrom<Observation>(breach, clear, missing, { kind: 'error', message: 'x' }, { kind: 'gone' });
  const histories = fc.array(fc.tuple(fc.integer({ min: 0, max: 120 }), observations), { maxLength: 60 });
  const rules = fc.record({ forMs: fc.constantFrom(0, 1, 60_000), keepMs: fc.constantFrom(0, 1, 30_000), onNoData: fc.constantFrom('keep' as const, 'fire' as const) });

  it('alternates fired and resolved, whatever the readings and their times are', () => {
    fc.assert(
      fc.property(rules, histories, (given, history) => {
        let state = NEW_INSTANCE;
        let now = T0;
        let told = false;
        for (const [gap, observation] of history) {
          now += gap * 1_000;
          const { next, effects } = evaluateAlert(given, state, observation, new Date(now));
          for (const effect of effects) {
            if (effect === 'fired') {
              assert.equal(told, false);
              told = true;
            }
            if (effect === 'resolved') {
              assert.equal(told, true);
              told = false;
            }
          }
          state = next;
          assert.equal(isActive(state), told);
          assert.equal(state.heldPhase !== null, state.state === 'no-data' || state.state === 'error');
          if (isActive(state)) assert.notEqual(state.firingSince, null);
          if (phaseOf(state) === 'pending') assert.notEqual(state.pendingSince, null);
          assert.equal(phaseOf(state) === 'recovering', state.recoveringSince !== null);
        }
      }),
    );
  });

  it('never fires before the breach lasted, and gives the same answer when a step is evaluated twice', () => {
    fc.assert(
      fc.property(rules, histories, (given, history) => {
        let state = NEW_INSTANCE;
        let now = T0;
        for (const [gap, observation] of history) {
          now += gap * 1_000;
          const first = evaluateAlert(given, state, observation, new Date(now));
          if (first.effects.includes('fired')) {
            const since = first.next.pendingSince;
            assert.ok(since !== null && now - since.getTime() >= given.forMs);
          }
          const again = evaluateAlert(given, first.next, observation, new Date(now));
          if (given.forMs > 0 && given.keepMs > 0) {
            assert.deepEqual(again.next, first.next);
            assert.deepEqual(again.effects, []);
          }
          state = first.next;
        }
      }),
    );
  });
});
