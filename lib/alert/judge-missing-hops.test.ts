import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAbsent } from './judge-facts.ts';
import { judgeMissingHops } from './judge-missing-hops.ts';

const facts = [
  { entryType: 'orders', step: 'process payment orders', stepText: 'payment on orders', journeys: 3, brokenOff: 3 },
  { entryType: 'orders', step: 'process notification payments', stepText: 'notification on payments', journeys: 12, brokenOff: 9 },
  { entryType: 'returns', step: 'process notification payments', stepText: 'notification on payments', journeys: 2, brokenOff: 0 },
];
const rule = { kind: 'missing-hop' as const, entryType: null, step: null, atLeast: 5, withinSeconds: 3_600 };

test('a rule for any step counts where paths break off, one alert for each place', () => {
  assert.deepEqual(
    judgeMissingHops(rule, facts).map(({ labels, observation }) => [labels['entry_type'], labels['step'], observation.kind === 'figure' && [observation.value, observation.breaching]]),
    [['orders', 'process payment orders', [3, false]], ['orders', 'process notification payments', [9, true]]],
  );
});

test('a rule for a step counts every journey that misses it, by its id or by its words', () => {
  for (const step of ['process notification payments', 'notification on *']) {
    const readings = judgeMissingHops({ ...rule, step, entryType: 'orders' }, facts);
    assert.deepEqual(readings.map(({ observation }) => observation), [
      { kind: 'figure', value: 12, threshold: 5, breaching: true, sentence: '12 events of orders never reached notification on payments: the time was over within the last 1 h.' },
    ]);
  }
});

test('a step that no journey misses any more is fine, not unknown', () => {
  const observation = judgeAbsent(rule, { entry_type: 'orders', step: 'process payment orders' });
  assert.ok(observation.kind === 'figure' && observation.value === 0 && !observation.breaching);
});
