import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summariseReplay, type ReplaySummaryFacts } from './summarise-replay.ts';

const at = Date.parse('2026-11-21T14:02:10Z');
const facts: ReplaySummaryFacts = {
  id: 'r', reason: 'The provider is back', state: 'finished', cluster: 'prod', selection: 'failure 1-3-ab', target: 'orders', mode: 'exactly-once', createdBy: 'ana', rule: null,
  createdAtMs: at, startedAtMs: at + 1_000, finishedAtMs: at + 4_000, approval: { decision: 'approved', decidedBy: 'bob' }, lastError: null, selected: 1_214,
  states: { processed: 1_210, 'failed-again': 2, consumed: 1, refused: 1 },
  groups: [{ group: 'payment', outcome: 'processed', count: 1_210 }, { group: 'payment', outcome: 'failed-again', count: 2 }, { group: 'audit', outcome: 'consumed', count: 1_213 }],
  errors: [{ errorClass: 'Timeout', count: 2 }], refusals: [{ code: 'body-expired', count: 1 }], generations: [{ generation: 1, count: 1_213 }, { generation: 2, count: 1 }],
  destinations: [{ topic: 'orders', partition: 0, records: 1_213 }], link: 'https://waybill.example/replays/r', failedAgainLinks: ['https://waybill.example/dead-letters/1-0-9'],
};

test('the first line of a summary says what became of the records, the others how to know it', () => {
  assert.deepEqual(summariseReplay(facts, at + 60_000).split('\n'), [
    'Replay of 1,214 dead letters to orders: 1,210 processed, 2 failed again, 1 consumed, not yet known to be processed, 1 refused.',
    'Reason: The provider is back',
    'State: finished',
    'Asked for by ana at 2026-11-21 14:02:10 UTC, approved by bob',
    'Sent from 2026-11-21 14:02:11 UTC to 2026-11-21 14:02:14 UTC (3 s), each record exactly once for read_committed consumers',
    'Selection: failure 1-3-ab on cluster prod',
    'By consumer group:', '- payment: 1,210 processed, 2 failed again', '- audit: 1,213 consumed',
    'New errors of what failed again:', '- Timeout: 2',
    'Refused:', '- body expired: 1',
    'Times these records were replayed, this one included:', '- 1: 1,213 records', '- 2: 1 record',
    'Sent to:', '- orders partition 0: 1,213',
    'Failed again:', '- https://waybill.example/dead-letters/1-0-9',
    'Replay: https://waybill.example/replays/r',
    'As of 2026-11-21 14:03:10 UTC; of 1 the outcome is open.',
  ]);
});

test('a replay that sent nothing says so, and a long list is cut with its count', () => {
  const text = summariseReplay({ ...facts, states: {}, selected: null, startedAtMs: null, finishedAtMs: null, groups: [], errors: [], refusals: [], generations: [], failedAgainLinks: [], approval: null, mode: 'at-least-once', rule: 'a rule', destinations: Array.from({ length: 25 }, (_, partition) => ({ topic: 'orders', partition, records: 1 })) }, at);
  assert.match(text, /^Replay of 0 dead letters to orders: nothing sent\./);
  assert.match(text, /Asked for by a rule of ana at/);
  assert.match(text, /- and 5 more/);
  assert.doesNotMatch(text, /Sent from|outcome is open|approved/);
});
