import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupFact, HygieneFact } from '#lib/model/alert.ts';
import { sayRule } from './describe-rule.ts';
import { judgeAbsent, judgeCollectors, judgeDeadLetters, judgeEndpoints, judgeGroups, judgeHygiene, judgeWaitingReplays } from './judge-facts.ts';
import { subjectPath } from './link-alert.ts';
import { saySeconds } from './say-figure.ts';

const now = new Date('2026-11-21T08:00:00Z');
const group = (over: Partial<GroupFact> = {}): GroupFact => ({
  cluster: 'prod',
  group: 'billing',
  deleted: false,
  unreadable: null,
  lagRecords: 1_204n,
  lagComplete: true,
  lagSeconds: 238,
  lagSecondsQuality: 'interpolated',
  status: 'stopped',
  statusSince: new Date('2026-11-21T07:56:00Z'),
  ...over,
});
const records = { kind: 'group-lag-records', cluster: null, group: null, aboveRecords: 1_000 } as const;
const seconds = { kind: 'group-lag-seconds', cluster: null, group: null, aboveSeconds: 60 } as const;
const status = { kind: 'group-status', cluster: null, group: 'bill*', statuses: ['stopped', 'stalled'] } as const;

describe('judging groups', () => {
  const one = (params: Parameters<typeof judgeGroups>[0], fact: GroupFact) => judgeGroups(params, [fact], now)[0]?.observation;

  it('says subject, figure and limit', () => {
    assert.deepEqual(one(records, group()), { kind: 'figure', value: 1_204, threshold: 1_000, breaching: true, sentence: 'billing is 1,204 records behind, more than 1,000.' });
    assert.deepEqual(one(seconds, group()), { kind: 'figure', value: 238, threshold: 60, breaching: true, sentence: 'billing is 3 min 58 s behind, more than 1 min. 1,204 records wait.' });
    assert.deepEqual(one({ ...status, statuses: ['stopped'] }, group()), { kind: 'figure', value: 1, threshold: 1, breaching: true, sentence: 'billing has been stopped for 4 min. 1,204 records wait, the oldest for 3 min 58 s.' });
  });

  it('breaches above the limit and not at it', () => {
    const at = one(records, group({ lagRecords: 1_000n }));
    assert.equal(at?.kind === 'figure' && at.breaching, false);
    const huge = one(records, group({ lagRecords: 9_007_199_254_740_993n }));
    assert.equal(huge?.kind === 'figure' && huge.breaching, true);
  });

  it('lets known partitions prove a breach, but never an all-clear', () => {
    assert.equal(one(records, group({ lagComplete: false }))?.kind, 'figure');
    assert.equal(one(records, group({ lagComplete: false, lagRecords: 3n }))?.kind, 'no-data');
    assert.equal(one(seconds, group({ lagSecondsQuality: 'at-least', lagSeconds: 30 }))?.kind, 'no-data');
  });

  it('takes unknown for unknown and never for 0', () => {
    assert.equal(one(records, group({ lagRecords: null }))?.kind, 'no-data');
    assert.equal(one(seconds, group({ lagSeconds: null }))?.kind, 'no-data');
    const idle = one(seconds, group({ lagSeconds: null, lagRecords: 0n }));
    assert.equal(idle?.kind === 'figure' && idle.value, 0);
    assert.equal(one({ ...status, statuses: ['stopped'] }, group({ status: 'unknown' }))?.kind, 'no-data');
    assert.equal(one(records, group({ unreadable: 'Cluster prod was last read 3 min ago.' }))?.kind, 'no-data');
    assert.equal(one(records, group({ deleted: true }))?.kind, 'gone');
  });

  it('looks only at the groups it names', () => {
    assert.equal(judgeGroups({ ...status, statuses: ['stopped'] }, [group(), group({ group: 'audit' })], now).length, 1);
    assert.equal(judgeGroups({ ...records, cluster: 'test' }, [group()], now).length, 0);
  });
});

describe('judging the rest', () => {
  it('counts dead letters per topic and takes silence for none', () => {
    const params = { kind: 'dead-letter-rate', cluster: null, topic: '*.DLT', atLeast: 1, withinSeconds: 300 } as const;
    const [reading] = judgeDeadLetters(params, [{ cluster: 'prod', topic: 'orders.DLT', count: 14, errorClass: 'CardDeclinedException' }]);
    assert.equal(reading?.observation.kind === 'figure' && reading.observation.sentence, '14 dead letters arrived on orders.DLT within 5 min, most often CardDeclinedException.');
    const absent = judgeAbsent(params, { topic: 'orders.DLT' });
    assert.equal(absent.kind === 'figure' && absent.breaching, false);
  });

  it('calls a collector stale only after three of its own periods', () => {
    const params = { kind: 'collector-stale', collector: null, aboveSeconds: 60 } as const;
    const fact = { collector: 'retention', everyMs: 600_000, lastOkAt: new Date(now.getTime() - 900_000), lastStartedAt: now, lastError: null };
    const [slow] = judgeCollectors(params, [fact], now);
    assert.equal(slow?.observation.kind === 'figure' && slow.observation.breaching, false);
    const [stale] = judgeCollectors(params, [{ ...fact, everyMs: 10_000 }], now);
    assert.equal(stale?.observation.kind === 'figure' && stale.observation.breaching, true);
    assert.equal(judgeCollectors(params, [{ ...fact, lastOkAt: null }], now)[0]?.observation.kind, 'no-data');
  });

  it('calls for an endpoint that failed, not for one a person switched off', () => {
    const breaching = judgeEndpoints([
      { endpoint: 'ops', enabled: false, disabledReason: 'It failed for 120 h.' },
      { endpoint: 'old', enabled: false, disabledReason: null },
      { endpoint: 'new', enabled: true, disabledReason: null },
    ]).map(({ observation }) => observation.kind === 'figure' && observation.breaching);
    assert.deepEqual(breaching, [true, false, false]);
  });

  it('calls for each replay and rule that waits for a person, and says once nobody is waited for', () => {
    const params = { kind: 'replay-waiting', cluster: 'prod' } as const;
    const since = new Date(now.getTime() - 250_000);
    const readings = judgeWaitingReplays(
      params,
      [
        { cluster: 'prod', of: { replay: 'r1' }, why: 'awaiting-approval', by: 'ana', since, text: 'provider is back' },
        { cluster: 'prod', of: { failure: 'f1' }, why: 'rule-stopped', by: 'ben', since, text: '12 of 20 failed again.' },
        { cluster: 'staging', of: { replay: 'r2' }, why: 'canary', by: 'ana', since, text: 'try' },
      ],
      now,
    );
    assert.deepEqual(readings.map(({ labels, observation }) => [labels, observation.kind === 'figure' && observation.breaching && observation.sentence]), [
      [{ cluster: 'prod', replay: 'r1' }, 'A replay by ana has waited for a second person for 4 min 10 s: provider is back'],
      [{ cluster: 'prod', failure: 'f1' }, 'A rule that ben turned on to replay by itself stopped 4 min 10 s ago. 12 of 20 failed again.'],
    ]);
    const absent = judgeAbsent(params, { cluster: 'prod', replay: 'r1' });
    assert.equal(absent.kind === 'figure' && absent.breaching, false);
    assert.equal(sayRule(params, 300, []), 'When a replay, or a rule that replays by itself, in prod waits for a person for 5 min, tell every webhook.');
  });

  it('calls for open findings of the kinds and from the severity on that a rule names, and not for muted ones', () => {
    const params = { kind: 'hygiene', cluster: 'prod', topic: 'order*', kinds: ['duplicates', 'fat-events'], minSeverity: 'warning' } as const;
    const fact: HygieneFact = { cluster: 'prod', id: 'f1', kind: 'duplicates', title: 'Duplicates', severity: 'warning', topic: 'orders', subject: 'topic orders', sentence: '3 of 51 events.', muted: false };
    const readings = judgeHygiene({ ...params, kinds: [...params.kinds] }, [
      fact, { ...fact, id: 'f2', kind: 'fat-events', severity: 'critical', muted: true }, { ...fact, id: 'f3', severity: 'info' }, { ...fact, id: 'f4', kind: 'schema-drift' }, { ...fact, id: 'f5', topic: 'carts' }, { ...fact, id: 'f6', topic: null }, { ...fact, id: 'f7', cluster: 'staging' },
    ]);
    assert.deepEqual(readings.map(({ labels, observation }) => [labels['finding'], observation.kind === 'figure' && observation.breaching, observation.kind === 'figure' && observation.sentence]), [['f1', true, 'Duplicates: 3 of 51 events.'], ['f2', false, 'Duplicates at topic orders is muted.']]);
    assert.equal(sayRule({ ...params, kinds: [...params.kinds] }, 60, ['ops']), 'When a finding of duplicates or fat events about order* in prod of severity warning or worse is open for 1 min, tell ops.');
    assert.equal(sayRule({ kind: 'hygiene', cluster: null, topic: null, kinds: [], minSeverity: 'critical' }, 0, []), 'When any hygiene finding of severity critical is open, tell every webhook at once.');
    assert.equal(subjectPath({ cluster: 'prod', topic: 'orders', finding: 'f1' }), '/hygiene/f1');
  });

  it('reads a rule as a sentence', () => {
    assert.equal(sayRule({ ...seconds, group: 'billing' }, 120, ['ops']), 'When billing is more than 1 min behind for 2 min, tell ops.');
    assert.equal(sayRule({ ...status, statuses: ['stopped', 'losing-data'] }, 0, []), 'When bill* is stopped or losing data, tell every webhook at once.');
  });

  it('says durations in two units at most', () => {
    assert.deepEqual([0, 0.4, 59, 60, 250, 7_500, 259_200, 259_260].map(saySeconds), ['0 s', '0 s', '59 s', '1 min', '4 min 10 s', '2 h 5 min', '3 d', '3 d']);
  });
});
