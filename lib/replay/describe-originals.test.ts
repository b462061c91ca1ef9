import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOriginals, later, type OriginalsExamples, type OriginalsSummary } from './describe-originals.ts';

const none: OriginalsSummary = { same: 0, sameJson: 0, differ: 0, another: 0, notCompared: 0, newer: 0, newerUnknown: 0 };
const noExamples: OriginalsExamples = { newer: null, differ: null, newerUnknown: null };

test('nothing to warn of is no warning', () => {
  assert.deepEqual(describeOriginals({ ...none, same: 3 }, noExamples), []);
  assert.deepEqual(describeOriginals({ ...none, notCompared: 3 }, noExamples), []);
});

test('one record is spoken of as one, several with figures and an example', () => {
  const newer = { id: '5-0-3', topic: 'orders', partition: 7, offset: '88123', laterMs: 250_000 };
  assert.deepEqual(describeOriginals({ ...none, same: 1, newer: 1 }, { ...noExamples, newer }), ['A newer record of this key exists at orders p7@88123, 4 min later: a replay puts the older state after it.']);
  assert.deepEqual(describeOriginals({ ...none, same: 1_200, newer: 12 }, { ...noExamples, newer }), [
    '12 of 1,200 records have newer ones of their key on the origin topic (5-0-3: orders p7@88123, 4 min later): a replay puts the older state after the newer.',
  ]);
  assert.deepEqual(describeOriginals({ ...none, differ: 1 }, { ...noExamples, differ: { id: '5-0-3', valueBytes: null, originalBytes: 790, tombstone: true } }), [
    "This dead letter differs from its original (no value, where the original has one: a replay sends a tombstone). What is sent are the dead letter's bytes.",
  ]);
});

test('an edited record does not send what the dead letter has', () => {
  assert.deepEqual(describeOriginals({ ...none, differ: 1 }, { ...noExamples, differ: { id: '5-0-3', valueBytes: null, originalBytes: 790, tombstone: true } }, true), ["This dead letter differs from its original (no value, where the original has one). The edit began with the dead letter's bytes."]);
});

test('what was not found out is said to be not known', () => {
  assert.deepEqual(describeOriginals({ ...none, notCompared: 4, newerUnknown: 2 }, { ...noExamples, newerUnknown: { why: 'the search ended at orders p0@9, before its end at 20' } }), [
    'Whether newer records of the same key exist is not known for 2 of 4 records: the search ended at orders p0@9, before its end at 20.',
  ]);
});

test('a time between is said in one unit, also where a clock ran back', () => {
  assert.deepEqual([999, 59_999, 3_599_999, 86_399_999, 200 * 86_400_000, -61_000].map(later), ['999 ms later', '59 s later', '59 min later', '23 h later', '200 d later', '1 min earlier by its timestamp']);
});
