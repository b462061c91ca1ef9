import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anOrder } from '#test/journeys/a-graph.ts';
import { compareWithJourney, compareWithUsual, nameDifferences } from './compare-journeys.ts';
import { derivePath } from './derive-path.ts';
import { addStats, noStats, statsOf } from './path-stats.ts';

test('the same hops stand side by side, and times that nobody would notice are no difference', () => {
  const rows = compareWithJourney(anOrder(), anOrder({ startMs: 5_000_000, slowMs: 10 }));
  assert.deepEqual(rows.map((row) => [row.key, row.difference]), [
    ['send checkout orders#0', 'same'], ['process payment orders#0', 'same'], ['send payment payments#0', 'same'], ['process notification payments#0', 'same'],
  ]);
  assert.deepEqual(nameDifferences(rows), []);
});

test('what only one has stands where it belongs, and is named', () => {
  const rows = compareWithJourney(anOrder({ without: ['send payment'] }), anOrder());
  assert.deepEqual(rows.map((row) => row.key), ['send checkout orders#0', 'process payment orders#0', 'send payment payments#0', 'process notification payments#0']);
  assert.equal(nameDifferences(rows)[0], 'payment to payments: only in the other journey');
  assert.deepEqual(nameDifferences(compareWithJourney(anOrder(), anOrder({ without: ['process notification'] }))), ['notification on payments: only in this journey']);
});

test('a difference of time or outcome is said with its figure', () => {
  const failed = anOrder();
  failed.hops[3]!.error = 'mailbox full';
  assert.deepEqual(nameDifferences(compareWithJourney(failed, anOrder())), ['notification on payments: failed here, done in the other']);
  assert.deepEqual(nameDifferences(compareWithJourney(anOrder({ slowMs: 2_000 }), anOrder())), ['payment on orders: 2.0 s slower here'], 'what the slow handler publishes at its end is not named once more');
});

test('beside the usual path: what is missing with the share that has it, what is over its p95, and what is new', () => {
  const stats = noStats();
  for (let count = 0; count < 30; count++) addStats(stats, statsOf(anOrder()));
  const path = derivePath(stats, { entryType: 'orders', version: 1, sinceMs: 0 });
  assert.deepEqual(nameDifferences(compareWithUsual(anOrder(), path)), []);
  const differences = nameDifferences(compareWithUsual(anOrder({ slowMs: 2_000, without: ['process notification'] }), path));
  assert.equal(differences[0], 'notification on payments: not in this journey; 100 % of journeys have it, and it is expected');
  assert.match(differences[1]!, /^payment on orders: 2\.0 s over its p95$/);
});
