import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { subjectPath } from '#lib/alert/link-alert.ts';
import { ruleInputSchema } from '#lib/operations/alert-rule-shape.ts';
import { createAlertRule } from '#lib/operations/create-alert-rule.ts';
import { evaluateAlertRule } from '#lib/operations/evaluate-alert-rule.ts';
import { listAlerts } from '#lib/operations/list-alerts.ts';
import { readAlertFacts } from '#lib/operations/read-alert-facts.ts';
import { compareJourney } from '#lib/operations/compare-journey.ts';
import { editExpectedStep } from '#lib/operations/edit-expected-step.ts';
import { followJourney } from '#lib/operations/follow-journey.ts';
import { getExpectedPath } from '#lib/operations/get-expected-path.ts';
import { learnPaths } from '#lib/operations/learn-paths.ts';
import { listExpectedPaths } from '#lib/operations/list-expected-paths.ts';
import { listJourneys } from '#lib/operations/list-journeys.ts';
import { listMissedSteps } from '#lib/operations/list-missed-steps.ts';
import { resolveJourneys } from '#lib/operations/resolve-journeys.ts';
import { readDue } from '#lib/store/journeys/pending.ts';
import { readReferences } from '#lib/store/journeys/members.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { corpusNow, post, testReceiver } from '#test/otlp/receiver.ts';
import { resolveAll } from './resolve-all.ts';

const MINUTE_MS = 60_000;
const startMs = corpusNow.getTime() - 60 * MINUTE_MS;
const at = (ms: number) => new Date(startMs + ms);
const operator = { name: 'ana' };

interface Order {
  id: string;
  /** From `startMs`. */
  atMs: number;
  without?: 'notification' | 'payment';
  slowMs?: number;
}

/** checkout sends orders, payment handles and sends payments, notification handles those: one trace an order, spans as instrumentations send them. */
function spansOf({ id, atMs, without, slowMs = 0 }: Order): Map<string, object[]> {
  const hash = createHash('sha256').update(id).digest('hex');
  const traceId = hash.slice(0, 32);
  const span = (place: number, service: string, operation: 'send' | 'process', topic: string, fromMs: number, tookMs: number) => {
    const from = BigInt(startMs + atMs + fromMs) * 1_000_000n;
    const values = { 'messaging.system': 'kafka', 'messaging.destination.name': topic, 'messaging.operation.type': operation, correlation_id: id, ...(operation === 'process' ? { 'messaging.consumer.group.name': `${service}-group` } : {}) };
    return [service, {
      traceId, spanId: `${hash.slice(32, 47)}${place}`, ...(place === 0 ? {} : { parentSpanId: `${hash.slice(32, 47)}${place - 1}` }), name: `${operation} ${topic}`, kind: operation === 'send' ? 4 : 5, startTimeUnixNano: String(from),
      endTimeUnixNano: String(from + BigInt(tookMs) * 1_000_000n), attributes: Object.entries(values).map(([key, value]) => ({ key, value: { stringValue: value } })),
    }] as const;
  };
  const spans = [span(0, 'checkout', 'send', 'orders', 0, 5)];
  if (without !== 'payment') spans.push(span(1, 'payment', 'process', 'orders', 20, 100 + slowMs), span(2, 'payment', 'send', 'payments', 110 + slowMs, 5));
  if (without === undefined) spans.push(span(3, 'notification', 'process', 'payments', 140 + slowMs, 50));
  return new Map([...Map.groupBy(spans, ([service]) => service)].map(([service, all]) => [service, all.map(([, each]) => each)]));
}

async function openShop(t: TestContext) {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  return {
    store,
    /** Sends the spans of these orders and resolves their journeys as of a moment. */
    place: async (orders: readonly Order[], nowMs: number): Promise<void> => {
      const byService = new Map<string, object[]>();
      for (const order of orders) for (const [service, spans] of spansOf(order)) byService.set(service, [...(byService.get(service) ?? []), ...spans]);
      const body = { resourceSpans: [...byService].map(([service, spans]) => ({ resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] }, scopeSpans: [{ spans }] })) };
      assert.equal((await post(`${url}/v1/traces`, Buffer.from(JSON.stringify(body)), { 'content-type': 'application/json' })).status, 200);
      await resolveAll(store, at(nowMs));
    },
  };
}

const orders = (prefix: string, count: number, fromMs: number, more: Partial<Order> = {}): Order[] => Array.from({ length: count }, (_, place) => ({ id: `${prefix}-${place}`, atMs: fromMs + place * 500, ...more }));

/** What the clock's sweep does: looks at the journeys whose time has come. */
async function sweep(store: Store, nowMs: number): Promise<number> {
  const due = await readDue(store, at(nowMs), 200);
  const references = (await readReferences(store, due, 20_000)).map((each) => each.ref);
  await resolveJourneys(store, { references, dueIds: due }, at(nowMs));
  return due.length;
}

const missingIn = async (store: Store, query: { missing: string; withinSeconds?: number }, nowMs: number) => (await listJourneys(store, { limit: 50, entryType: 'orders', ...query }, at(nowMs))).items.map((row) => row.key ?? row.id).toSorted();

const timings = { groupWaitMs: 30_000, groupIntervalMs: 300_000, repeatIntervalMs: 14_400_000 };
const evaluate = (store: Store, ruleId: string, nowMs: number) =>
  evaluateAlertRule(store, { ruleId, facts: readAlertFacts(store, at(nowMs), 10_000), now: at(nowMs), intervalMs: 10_000, timings, publicUrl: 'https://waybill.example' });
const alertsOf = async (store: Store, nowMs: number) => (await listAlerts(store, { phase: 'all', limit: 100 }, at(nowMs))).items;

test('what orders usually do is learned from those that ended well; one that never reaches notification is found in the list when its time is over, and leaves it when the hop comes after all', async (t) => {
  const { store, place } = await openShop(t);
  assert.deepEqual((await listExpectedPaths(store, { now: at(0) })).items, []);
  await place(orders('usual', 19, 0), 5 * MINUTE_MS);
  assert.deepEqual(await learnPaths(store, at(5 * MINUTE_MS)), { journeys: 19, paths: 1, versions: 0 });
  assert.deepEqual(await learnPaths(store, at(5 * MINUTE_MS + 1_000)), { journeys: 0, paths: 0, versions: 0 }, 'none is learned from twice');
  const [learning] = (await listExpectedPaths(store, { now: at(5 * MINUTE_MS) })).items;
  assert.deepEqual([learning!.entryType, learning!.state, learning!.journeys, learning!.needed], ['orders', 'learning', 19, 20]);
  assert.equal((await listJourneys(store, { limit: 1 })).items[0]!.expected, null, 'nobody is judged by so few');

  await place(orders('late', 1, 5 * MINUTE_MS), 7 * MINUTE_MS);
  await learnPaths(store, at(7 * MINUTE_MS));
  assert.equal(await sweep(store, 7 * MINUTE_MS), 20, 'now that a path is learned, the journeys of the last hour are held against it');
  const path = await getExpectedPath(store, { entryType: 'orders', now: at(7 * MINUTE_MS) });
  assert.deepEqual(path.steps.map((step) => [step.id, step.required, step.share]), [['send checkout orders', 1, 1], ['process payment orders', 1, 1], ['send payment payments', 1, 1], ['process notification payments', 1, 1]]);
  assert.deepEqual([path.version, path.state, path.expectedHops, path.lastHour], [1, 'learned', 4, { journeys: 20, latestOnly: false, missing: 0, extra: 0, slow: 0 }]);

  const lostMs = 8 * MINUTE_MS;
  await place([{ id: 'lost', atMs: lostMs, without: 'notification' }, { id: 'whole', atMs: lostMs }], lostMs + 5_000);
  const step = 'process notification payments';
  assert.deepEqual(await missingIn(store, { missing: step }, lostMs + 5_000), [], 'its time has not come');
  await sweep(store, lostMs + 25_000);
  assert.deepEqual(await missingIn(store, { missing: step }, lostMs + 25_000), ['lost']);
  assert.deepEqual(await missingIn(store, { missing: 'any', withinSeconds: 60 }, lostMs + 25_000), ['lost']);
  assert.deepEqual(await missingIn(store, { missing: step, withinSeconds: 3_600 }, lostMs + 3 * 3_600_000), [], 'in the last hour, it says');
  assert.deepEqual(await missingIn(store, { missing: 'process payment orders' }, lostMs + 25_000), []);
  assert.deepEqual(await listMissedSteps(store, { now: at(lostMs + 25_000), withinSeconds: 3_600, limit: 5 }), [{ entryType: 'orders', step, text: 'notification on payments', journeys: 1 }]);
  const [row] = (await listJourneys(store, { limit: 1, key: 'lost' })).items;
  assert.deepEqual(row!.expected, { hops: 4, done: 3, missing: [step], extra: 0, slow: null });
  assert.ok(row!.usualP95Ms! >= 190 && row!.usualP95Ms! < 210, 'how long its type takes, within a tenth');
  const { usual } = await followJourney(store, { id: row!.id, now: at(lostMs + 25_000) });
  assert.equal(usual!.words, '3 of 4 hops; missing: notification on payments.');

  const { id: ruleId } = await createAlertRule(store, ruleInputSchema.parse({ name: 'lost', params: { kind: 'missing-hop', step: 'notification on *', atLeast: 1, withinSeconds: 3_600 } }), operator);
  await evaluate(store, ruleId, lostMs + 25_000);
  const [alert] = await alertsOf(store, lostMs + 25_000);
  assert.deepEqual([alert!.phase, alert!.sentence], ['firing', '1 event of orders never reached notification on payments: the time was over within the last 1 h.']);
  assert.equal(subjectPath(alert!.labels), '/journeys?type=orders&missing=process+notification+payments');

  await place([{ id: 'lost', atMs: lostMs }], lostMs + 40_000);
  await evaluate(store, ruleId, lostMs + 45_000);
  assert.deepEqual((await alertsOf(store, lostMs + 45_000)).map((each) => each.phase), ['normal']);
  assert.deepEqual(await missingIn(store, { missing: 'any' }, lostMs + 40_000), []);
  assert.deepEqual((await listJourneys(store, { limit: 1, key: 'lost' })).items[0]!.expected, { hops: 4, done: 4, missing: [], extra: 0, slow: null });
});

test('an edit of a step holds at once and through learning, is audited, and can be taken back', async (t) => {
  const { store, place } = await openShop(t);
  await place([...orders('usual', 25, 0), ...orders('lost', 2, 30_000, { without: 'notification' })], 5 * MINUTE_MS);
  const step = 'process notification payments';
  await learnPaths(store, at(5 * MINUTE_MS));
  assert.equal((await getExpectedPath(store, { entryType: 'orders', now: at(5 * MINUTE_MS) })).steps.at(-1)!.required, 0, 'two of 27 did without: a branch');
  await editExpectedStep(store, 'orders', { step, requirement: 'required' }, operator, at(5 * MINUTE_MS));
  await sweep(store, 5 * MINUTE_MS);
  assert.deepEqual(await missingIn(store, { missing: step }, 5 * MINUTE_MS), ['lost-0', 'lost-1']);

  await place(orders('more', 10, 6 * MINUTE_MS), 8 * MINUTE_MS);
  await learnPaths(store, at(8 * MINUTE_MS));
  const { steps } = await getExpectedPath(store, { entryType: 'orders', now: at(8 * MINUTE_MS) });
  assert.deepEqual([steps.at(-1)!.required, steps.at(-1)!.learned, steps.at(-1)!.edit], [1, 0, { requirement: 'required', by: 'ana', at: at(5 * MINUTE_MS).toISOString() }]);

  await editExpectedStep(store, 'orders', { step, requirement: 'learned' }, operator, at(9 * MINUTE_MS));
  assert.deepEqual(await missingIn(store, { missing: 'any' }, 9 * MINUTE_MS), [], 'nobody misses what is not expected');
  const audit = await store.prisma.auditEntry.findMany({ orderBy: { id: 'asc' }, select: { actor: true, action: true, target: true, after: true } });
  assert.deepEqual(audit, ['required', 'learned'].map((requirement) => ({ actor: 'ana', action: 'expected-path.edit', target: `orders: ${step}`, after: { requirement } })));
  await assert.rejects(editExpectedStep(store, 'orders', { step: 'process nobody orders', requirement: 'required' }, operator, at(9 * MINUTE_MS)), (error) => (error as { code?: string }).code === 'expected-step-not-found');
  await assert.rejects(editExpectedStep(store, 'carts', { step, requirement: 'required' }, operator, at(9 * MINUTE_MS)), (error) => (error as { code?: string }).code === 'expected-path-not-found');
});

test('a deploy after which a step is gone begins a new version; the old one can still be read', async (t) => {
  const { store, place } = await openShop(t);
  await place(orders('old', 25, 0), 5 * MINUTE_MS);
  await learnPaths(store, at(5 * MINUTE_MS));
  const attributes = (version: string) => ({ 'service.name': 'payment', 'service.version': version });
  await store.prisma.resource.createMany({ data: [['1.3.0', 0], ['1.4.0', 6 * MINUTE_MS]].map(([version, ms]) => ({ hash: createHash('sha256').update(String(version)).digest(), service: 'payment', attributes: attributes(String(version)), firstSeenAt: at(Number(ms)) })) });
  await place(orders('new', 20, 7 * MINUTE_MS, { without: 'notification' }), 9 * MINUTE_MS);
  assert.deepEqual(await learnPaths(store, at(9 * MINUTE_MS)), { journeys: 20, paths: 1, versions: 1 });
  const path = await getExpectedPath(store, { entryType: 'orders', now: at(9 * MINUTE_MS) });
  assert.deepEqual(path.versions.map(({ version, why, gone, journeys, expectedHops }) => ({ version, why, gone, journeys, expectedHops })), [
    { version: 2, why: 'deploy of payment 1.4.0', gone: ['process notification payments'], journeys: 20, expectedHops: 3 },
    { version: 1, why: 'the first that was learned', gone: [], journeys: 25, expectedHops: 4 },
  ]);
  assert.equal(path.since, at(6 * MINUTE_MS).toISOString());
});

test('a journey is compared with the usual one and with another, by whatever finds that', async (t) => {
  const { store, place } = await openShop(t);
  await place([...orders('usual', 25, 0), { id: 'odd', atMs: 60_000, without: 'notification', slowMs: 3_000 }], 5 * MINUTE_MS);
  const id = (await listJourneys(store, { limit: 1, key: 'odd' })).items[0]!.id;
  await assert.rejects(compareJourney(store, { id, with: 'usual', now: at(5 * MINUTE_MS) }), /not learned yet: 0 of 20/);
  await learnPaths(store, at(5 * MINUTE_MS));
  const usual = await compareJourney(store, { id, with: 'usual', now: at(5 * MINUTE_MS) });
  assert.equal(usual.right.kind, 'usual');
  assert.match(usual.differences[0]!, /^notification on payments: not in this journey; 96 % of journeys have it/);
  assert.ok(usual.differences.some((words) => words.startsWith('payment on orders: ') && words.endsWith('over its p95')), usual.differences.join('\n'));
  const other = await compareJourney(store, { id, with: 'usual-3', now: at(5 * MINUTE_MS) });
  assert.deepEqual(other.differences.slice(0, 2), ['notification on payments: only in the other journey', 'payment on orders: 3.0 s slower here']);
  const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;
  await assert.rejects(compareJourney(store, { id, with: 'odd', now: at(5 * MINUTE_MS) }), code('invalid-request'));
  await assert.rejects(compareJourney(store, { id, with: 'nobody', now: at(5 * MINUTE_MS) }), code('journey-not-found'));
});
