import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Fingerprint } from '#lib/model/hygiene.ts';
import { aFingerprint } from '#test/hygiene/a-fingerprint.ts';
import { detectDuplicates } from './detect-duplicates.ts';
import { detectFatEvents } from './detect-fat-events.ts';
import { detectLostCorrelation, detectUncorrelated, type PassedOn } from './detect-lost-correlation.ts';
import { detectOutOfOrder } from './detect-out-of-order.ts';
import { detectUnversioned } from './detect-unversioned.ts';

const list = <Item>(count: number, make: (n: number) => Item): Item[] => Array.from({ length: count }, (_, n) => make(n));

test('an event id that is written twice is a duplicate, with both places and the share', () => {
  const records = [...list(50, (n) => aFingerprint(n, { idHash: BigInt(n), keyHash: 1n, payloadHash: BigInt(n) })), aFingerprint(50, { idHash: 7n, keyHash: 1n, payloadHash: 7n })];
  const found = detectDuplicates('orders', records, 0)!;
  assert.equal(found.sentence, '1 of 51 events looked at on orders (2 %) was written again with the same event id, usually 43 s after the first.');
  assert.equal(found.severity, 'warning');
  assert.deepEqual(found.examples[0]?.records.map((record) => record.offset), ['7', '50']);
});

test('the same key and bytes are duplicates only where events carry no id, soon after each other, and more than twice', () => {
  const pair = (n: number, apart: number, given: Partial<Fingerprint> = {}) => [aFingerprint(n, { keyHash: BigInt(n), payloadHash: BigInt(n), ...given }), aFingerprint(n + apart, { keyHash: BigInt(n), payloadHash: BigInt(n), ...given })];
  const near = [...pair(0, 1), ...pair(10, 1), ...pair(20, 1)];
  assert.equal(detectDuplicates('orders', near, 0)?.facts.find((fact) => fact.label === 'Copies by key and bytes')?.value, 3);
  assert.equal(detectDuplicates('orders', near.slice(0, 4), 0), null);
  assert.equal(detectDuplicates('orders', [...pair(0, 90), ...pair(200, 90), ...pair(400, 90)], 0), null, 'the same state told again later');
  assert.equal(detectDuplicates('orders', near.map((record, n) => ({ ...record, idHash: BigInt(n) })), 0), null, 'ids that differ');
  assert.equal(detectDuplicates('orders', near.map((record) => ({ ...record, keyHash: null })), 0), null, 'no key');
});

const fingerprints = fc.array(fc.record({ id: fc.option(fc.integer({ min: 0, max: 8 })), key: fc.option(fc.integer({ min: 0, max: 3 })), sequence: fc.option(fc.integer({ min: 0, max: 9 })), eventAt: fc.option(fc.integer({ min: 0, max: 100_000 })), partition: fc.integer({ min: 0, max: 2 }), replayed: fc.boolean() }), { maxLength: 40 }).map((rows) =>
  rows.map((row, n) => aFingerprint(n, { partition: row.partition, idHash: row.id === null ? null : BigInt(row.id), keyHash: row.key === null ? null : BigInt(row.key), payloadHash: row.id === null ? null : BigInt(row.id), sequence: row.sequence === null ? null : BigInt(row.sequence), sequenceScope: row.sequence === null || row.key === null ? null : BigInt(row.key), eventAtMs: row.eventAt, replayed: row.replayed })));

test('a record that is read twice is one record, in whatever order records are given', () => {
  fc.assert(fc.property(fingerprints, fc.infiniteStream(fc.nat()), (records, dice) => {
    const shuffled = [...records, ...records].map((record) => ({ record, die: dice.next().value })).toSorted((a, b) => a.die - b.die).map(({ record }) => record);
    for (const detect of [detectDuplicates, detectOutOfOrder]) assert.deepEqual(detect('t', shuffled, 0), detect('t', records, 0));
  }));
});

test('what a replay of Waybill sends changes nothing that is found', () => {
  fc.assert(fc.property(fingerprints, (records) => {
    for (const detect of [detectDuplicates, detectOutOfOrder]) assert.deepEqual(detect('t', records, 0), detect('t', records.filter((record) => !record.replayed), 0));
  }));
});

test('events of different keys in any order are never out of order', () => {
  const perKey = fc.array(fc.record({ key: fc.integer({ min: 0, max: 5 }), step: fc.integer({ min: 0, max: 3 }) }), { maxLength: 40 });
  fc.assert(fc.property(perKey, fc.boolean(), (steps, bySequence) => {
    // Each key counts up for itself; how the keys interleave is arbitrary.
    const counters = new Map<number, number>();
    const records = steps.map(({ key, step }, n) => {
      const value = (counters.get(key) ?? 0) + step;
      counters.set(key, value);
      return aFingerprint(n, { keyHash: BigInt(key), ...(bySequence ? { sequenceScope: BigInt(key), sequence: BigInt(value) } : { eventAtMs: value * 10_000 }) });
    });
    assert.equal(detectOutOfOrder('t', records, 0), null);
  }));
});

test('a lower sequence behind a higher one of the same aggregate is out of order; in another partition it is not, nor as a copy', () => {
  const event = (n: number, sequence: bigint, given: Partial<Fingerprint> = {}) => aFingerprint(n, { sequenceScope: 1n, sequence, ...given });
  const found = detectOutOfOrder('carts', [event(0, 1n), event(1, 3n), event(2, 2n)], 0)!;
  assert.equal(found.sentence, '1 of 3 events on carts that tell their order (33.3 %) lies behind a newer one of the same key.');
  assert.deepEqual([found.examples[0]?.before, found.examples[0]?.after, found.examples[0]?.records.map((record) => record.offset)], ['sequence 3', 'sequence 2', ['1', '2']]);
  assert.equal(detectOutOfOrder('carts', [event(0, 1n), event(1, 3n), event(2, 2n, { partition: 1 })], 0), null);
  assert.equal(detectOutOfOrder('carts', [event(0, 1n, { idHash: 1n }), event(1, 2n, { idHash: 2n }), event(2, 1n, { idHash: 1n })], 0), null, 'the first event once more is a duplicate');
});

test('times of their own count from a second on: less is the clocks of producers', () => {
  const event = (n: number, eventAtMs: number) => aFingerprint(n, { keyHash: 1n, eventAtMs });
  assert.equal(detectOutOfOrder('orders', [event(0, 10_000), event(1, 9_200)], 0), null);
  assert.equal(detectOutOfOrder('orders', [event(0, 10_000), event(1, 8_000)], 0)?.facts[2]?.value, 1);
});

test('evidence from before the window does not count, but what it is compared with may be older', () => {
  const records = [aFingerprint(0, { sequenceScope: 1n, sequence: 5n }), aFingerprint(1, { sequenceScope: 1n, sequence: 4n }), aFingerprint(900, { sequenceScope: 1n, sequence: 3n })];
  const from = aFingerprint(100).atMs;
  assert.equal(detectOutOfOrder('t', records, from)?.facts[0]?.value, 1);
  assert.equal(detectOutOfOrder('t', records.slice(0, 2), from), null);
});

test('events near the limit of their topic are fat, critical from nine tenths on; without a known limit only what is heavy by itself', () => {
  const small = list(30, (n) => aFingerprint(n));
  const near = detectFatEvents('carts', [...small, aFingerprint(30, { bytes: 995_000 })], 1_048_588)!;
  assert.equal(near.severity, 'critical');
  assert.equal(near.sentence, 'The largest of 31 events looked at on carts has 995 kB, 94.9 % of what the topic takes; 99 % have at most 995 kB. The limit is 1.05 MB, so 54 kB of headroom is left.');
  assert.deepEqual(near.examples.map((example) => example.records[0]?.offset), ['30']);
  assert.equal(detectFatEvents('carts', [...small, aFingerprint(30, { bytes: 800_000 })], 1_048_588)?.severity, 'warning');
  assert.equal(detectFatEvents('carts', [...list(400, (n) => aFingerprint(n)), aFingerprint(400, { bytes: 700_000 })], 1_048_588), null, 'one of 401');
  assert.equal(detectFatEvents('carts', list(40, (n) => aFingerprint(n, { bytes: 150_000 })), null)?.severity, 'info');
  assert.equal(detectFatEvents('carts', small, 1_048_588), null);
});

test('events without type and version are told where almost all are so; values that could not be read say nothing', () => {
  assert.equal(detectUnversioned('raw', list(20, (n) => aFingerprint(n, { marked: false })))?.facts[1]?.value, 20);
  assert.equal(detectUnversioned('raw', list(19, (n) => aFingerprint(n, { marked: false }))), null);
  assert.equal(detectUnversioned('raw', list(40, (n) => aFingerprint(n, { marked: n % 4 === 0 }))), null);
  assert.equal(detectUnversioned('raw', list(40, (n) => aFingerprint(n, { marked: null }))), null);
});

test('a service that reads a correlation id and writes none drops it; one that read none does not', () => {
  const passed = (n: number, service: string, read: boolean | null, written: boolean): PassedOn => ({ service, topic: 'stock', partition: 0, offset: BigInt(n), atMs: n * 1_000, correlated: written, read: read === null ? null : { topic: 'payments', partition: 0, offset: BigInt(n), atMs: null, correlated: read } });
  const { findings } = detectLostCorrelation([...list(6, (n) => passed(n, 'inventory', true, n < 2)), ...list(9, (n) => passed(n, 'mail', false, false)), ...list(9, (n) => passed(n, 'audit', null, false)), ...list(9, (n) => passed(n, 'order', true, true))]);
  assert.deepEqual(findings.map((one) => one.subject), [{ topic: 'stock', group: null, service: 'inventory' }]);
  assert.equal(findings[0]?.sentence, 'inventory drops the correlation id: 4 of 6 events (66.7 %) that it wrote to stock carry none, although what it was handling from payments did.');
  assert.equal(detectUncorrelated('bare', list(20, (n) => aFingerprint(n, { correlated: false, traced: false })))?.severity, 'info');
  assert.equal(detectUncorrelated('traced', list(20, (n) => aFingerprint(n, { correlated: false }))), null);
});
