import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Detected, KeptFinding } from '#lib/model/hygiene.ts';
import { detectNoDeadLetterPath, type FailingConsumer } from './detect-no-dead-letter-path.ts';
import { detectRetryStorm, type HandledRecords, type RetryTraffic } from './detect-retry-storm.ts';
import { detectUnconsumedTopics, type TopicUse } from './detect-unconsumed-topics.ts';
import { detectUninstrumentedHops, type CommittedGroup } from './detect-uninstrumented-hops.ts';
import { detectUnreadDeadLetters, type DeadLetterTopicUse } from './detect-unread-dead-letters.ts';
import { RESOLVE_AFTER_MS, settleFindings } from './settle-findings.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const WINDOW_MS = 900_000;
const HOUR_MS = 3_600_000;

test('retries are a storm from a fifth of what was written on; where that is not known nothing is said', () => {
  const traffic = (retries: number, produced: number | null): RetryTraffic => ({ originTopic: 'orders', retryTopics: ['orders.retry'], group: 'billing', retries, produced, firstAtMs: NOW - 1_000, lastAtMs: NOW, latest: [] });
  const [found] = detectRetryStorm([traffic(60, 200)], [], WINDOW_MS);
  assert.deepEqual([found?.severity, found?.sentence], ['warning', '60 retries of records of orders within 15 min, 30 % of what was written to it.']);
  assert.equal(detectRetryStorm([traffic(400, 200)], [], WINDOW_MS)[0]?.severity, 'critical');
  assert.deepEqual(detectRetryStorm([traffic(60, 1_000), traffic(19, 20), traffic(60, null), traffic(60, 0)], [], WINDOW_MS), []);
});

test('attempts in place are a storm from two a record on, once for a topic', () => {
  const handled = (attempts: number): HandledRecords => ({ topic: 'orders', consumer: 'billing', isGroup: true, records: 20, attempts, firstAtMs: NOW, lastAtMs: NOW, most: [] });
  assert.equal(detectRetryStorm([], [handled(52)], WINDOW_MS)[0]?.sentence, 'billing takes 2.6 attempts for a record of orders on average: 52 attempts at 20 records within 15 min.');
  assert.deepEqual(detectRetryStorm([], [handled(30)], WINDOW_MS), []);
});

test('dead letters nobody reads are those that wait for an hour without a group and without a person', () => {
  const use = (given: Partial<DeadLetterTopicUse> = {}): DeadLetterTopicUse => ({ topic: 'orders.DLT', readers: 0, readersKnown: true, waiting: 12, oldestMs: NOW - 3 * HOUR_MS, newestMs: NOW, handledAtMs: null, latest: [], ...given });
  assert.equal(detectUnreadDeadLetters([use()], NOW).findings[0]?.sentence, '12 dead letters wait on orders.DLT, the oldest for 3 h. No group reads it and nobody replayed or archived any of it ever.');
  for (const given of [{ readers: 1 }, { waiting: 0 }, { oldestMs: NOW - HOUR_MS / 2 }, { handledAtMs: NOW - HOUR_MS }]) assert.deepEqual(detectUnreadDeadLetters([use(given)], NOW), { findings: [], unknown: null });
  const unknown = detectUnreadDeadLetters([use({ readersKnown: false })], NOW);
  assert.deepEqual([unknown.findings, unknown.unknown !== null], [[], true]);
});

test('topics nobody consumes are written ones without a reader, not those of frameworks and not new ones', () => {
  const use = (given: Partial<TopicUse> = {}): TopicUse => ({ topic: 'notifications', readers: 0, readersKnown: true, firstSeenMs: NOW - HOUR_MS, writtenAtMs: NOW - 5_000, held: 10, producers: ['mail'], bytes: null, ...given });
  assert.equal(detectUnconsumedTopics([use()], NOW).findings[0]?.sentence, 'Nobody consumes notifications, and it was written 5 s ago by mail.');
  for (const given of [{ readers: 2 }, { topic: 'app-store-changelog' }, { topic: '_schemas' }, { firstSeenMs: NOW - 60_000 }, { writtenAtMs: NOW - 2 * 86_400_000 }, { writtenAtMs: null }, { readersKnown: false }]) assert.deepEqual(detectUnconsumedTopics([use(given)], NOW).findings, [], JSON.stringify(given));
});

test('a consumer that fails has a path where dead letters of it were seen or a topic bears its name', () => {
  const failing: FailingConsumer = { topic: 'orders', consumer: 'billing-service', isGroup: true, records: 20, failed: 5, firstAtMs: NOW, lastAtMs: NOW, latest: [] };
  const none = { topics: [], origins: [] };
  assert.equal(detectNoDeadLetterPath([failing], none, WINDOW_MS)[0]?.sentence, 'billing-service failed at 5 of 20 records of orders (25 %) within 15 min, and no dead-letter topic is known that it could put them on.');
  assert.deepEqual(detectNoDeadLetterPath([{ ...failing, failed: 2 }], none, WINDOW_MS), []);
  for (const paths of [{ topics: ['orders.DLT'], origins: [] }, { topics: ['billing.dlq'], origins: [] }, { topics: [], origins: [{ topic: 'orders', group: null }] }, { topics: [], origins: [{ topic: 'orders', group: 'billing-service' }] }]) assert.deepEqual(detectNoDeadLetterPath([failing], paths, WINDOW_MS), []);
  assert.equal(detectNoDeadLetterPath([failing], { topics: ['carts.DLT'], origins: [{ topic: 'orders', group: 'audit' }] }, WINDOW_MS).length, 1);
});

test('a group that commits without spans is a hop without instruments, unless unnamed spans may be its own', () => {
  const group = (name: string, consumers: CommittedGroup['consumers']): CommittedGroup => ({ group: name, topic: 'orders', latest: Array.from({ length: 12 }, (_, n) => ({ partition: 0, offset: BigInt(n), atMs: NOW })), consumers });
  assert.equal(detectUninstrumentedHops([group('audit', [{ group: 'billing', service: 'billing' }])])[0]?.sentence, 'audit committed past the newest 12 records looked at of orders, and no span tells of one of them.');
  assert.deepEqual(detectUninstrumentedHops([group('audit', [{ group: 'audit', service: 'x' }])]), []);
  assert.deepEqual(detectUninstrumentedHops([group('audit', [{ group: null, service: 'mailer' }])]), [], 'the mailer may be it');
  const both = [group('audit', [{ group: null, service: 'billing' }]), group('billing', [{ group: null, service: 'billing' }])];
  assert.deepEqual(detectUninstrumentedHops(both).map((one) => one.subject.group), ['audit'], 'billing is the other group by its name');
});

test('a finding opens with its evidence, stays while it is found or nobody can know, and resolves once it is gone for a while', () => {
  const found: Detected = { kind: 'duplicates', severity: 'info', subject: { topic: 'orders', group: null, service: null }, sentence: '', facts: [], examples: [], since: new Date(NOW - 5_000), lastSeen: new Date(NOW) };
  const kept = (detectedAt: number, state: 'open' | 'resolved' = 'open'): KeptFinding => ({ kind: 'duplicates', subject: found.subject, state, openedAt: new Date(NOW), detectedAt: new Date(detectedAt), resolvedAt: null });
  const knowing = () => true;
  assert.deepEqual(settleFindings([], [found], knowing, new Date(NOW)), { opened: [{ found, kept: null }], seenAgain: [], resolved: [] });
  const open = kept(NOW);
  assert.deepEqual(settleFindings([open], [found, found], knowing, new Date(NOW)), { opened: [], seenAgain: [{ found, kept: open }], resolved: [] });
  assert.deepEqual(settleFindings([open], [], knowing, new Date(NOW + RESOLVE_AFTER_MS - 1)).resolved, []);
  assert.deepEqual(settleFindings([open], [], knowing, new Date(NOW + RESOLVE_AFTER_MS)).resolved, [open]);
  assert.deepEqual(settleFindings([open], [], () => false, new Date(NOW + RESOLVE_AFTER_MS)).resolved, [], 'nobody looked');
  const old = kept(NOW, 'resolved');
  assert.deepEqual(settleFindings([old], [found], knowing, new Date(NOW)).opened, [{ found, kept: old }]);
});
