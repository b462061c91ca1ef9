import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { before, after, describe, it } from 'node:test';
import { newEvent, type Event } from '#demo/shop/events.ts';
import { pino } from 'pino';
import type { Broker } from '#lib/brokers/broker.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { systemClock } from '#lib/clock.ts';
import { loadConfig } from '#lib/config.ts';
import { rankHeaders } from '#lib/journey/read-record-headers.ts';
import { compileMasking, type MaskingRule } from '#lib/masking/compile-masking.ts';
import { createAlertRule } from '#lib/operations/create-alert-rule.ts';
import { ruleInputSchema } from '#lib/operations/alert-rule-shape.ts';
import { sampleEvents, type SampleEventsInput } from '#lib/operations/broker/sample-events.ts';
import { detectHygiene } from '#lib/operations/detect-hygiene.ts';
import { evaluateAlertRule } from '#lib/operations/evaluate-alert-rule.ts';
import type { FindingWire } from '#lib/operations/finding-shape.ts';
import { findingsSchema } from '#lib/operations/list-findings.ts';
import { listAlerts } from '#lib/operations/list-alerts.ts';
import { readOverview } from '#lib/operations/overview.ts';
import { readAlertFacts } from '#lib/operations/read-alert-facts.ts';
import { webUnderTest, type WebUnderTest } from '#test/access/web-context.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { testCollection, type TestCollection } from '#test/lag/collection.ts';
import { runHygieneCollector } from '../../collectors/hygiene.ts';
import { type EventToWrite, shopHeaders, storeSpans, writeEvents } from './write-events.ts';

const ADMIN = { authorization: 'Bearer administrator-token-of-the-test' };
const MINUTE_MS = 60_000;
const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const times = <Item>(count: number, make: (n: number) => Item): Item[] => Array.from({ length: count }, (_, n) => make(n));

const customer = { id: 'c-1', name: 'Ana', email: 'ana@example.com', language: 'pt' };
const line = { sku: 'mug', name: 'Mug', quantity: 1, unitPriceCents: 900 };
const checkedOut = (n: number): Event => newEvent('CartCheckedOut', { cartId: `cart-${n}`, sequence: 3, customer, lines: [line], currency: 'EUR' });
const added = (n: number, sequence: number): Event => newEvent('CartItemAdded', { cartId: `cart-${n}`, customerId: 'c-1', sequence, line });

describe('hygiene of events that lie on a real broker', () => {
  const hooks: (() => unknown)[] = [];
  const t = { after: (hook: unknown) => void hooks.push(hook as () => unknown) } as Parameters<typeof webUnderTest>[0];
  let web: WebUnderTest;
  let collection: TestCollection;
  let clusterId: number;
  const topics: Record<'carts' | 'masked' | 'payments' | 'stock', string> = { carts: '', masked: '', payments: '', stock: '' };

  before(async () => {
    web = await webUnderTest(t);
    collection = testCollection(t, web.store);
    for (const name of Object.keys(topics) as (keyof typeof topics)[]) topics[name] = await createTopic(uniqueName(name));
  });
  after(async () => {
    for (const hook of hooks.reverse()) await hook();
  });

  const sample = (more: Partial<SampleEventsInput> = {}) =>
    sampleEvents({ store: web.store, broker: collection.registry.get('test'), clusterId, isSampled: (topic) => Object.values(topics).includes(topic), names: rankHeaders({}), masking: compileMasking([]), maxBytesPerTopic: 2_000_000, maxBytes: 8_000_000, now: new Date(), signal: AbortSignal.timeout(30_000), maxRunMs: 20_000, ...more });
  const detect = (now = new Date(), notSampled: string | null = null) => detectHygiene({ store: web.store, clusterId, notSampled, now, signal: AbortSignal.timeout(30_000) });
  const list = async (query = '') => findingsSchema.parse(await (await web.call('GET', '/api/v1/hygiene', { headers: ADMIN, query })).json());
  const own = async (query = '') => (await list(query)).items.filter((one) => one.topic !== null && Object.values(topics).includes(one.topic));
  const one = async (kind: string, topic: string): Promise<FindingWire | undefined> => (await own('?state=all')).find((finding) => finding.kind === kind && finding.topic === topic);

  it('are found once they happen, and not before: duplicates, order, size, form', async () => {
    const calm: EventToWrite[] = times(30, (n) => [added(n, 1), added(n, 2), checkedOut(n)].map((event) => ({ key: `c-${n}`, event }))).flat();
    await writeEvents(topics.carts, calm);
    // topic_facts, as the topics collector writes them.
    await collection.cycle();
    clusterId = (await web.store.prisma.cluster.findFirstOrThrow()).id;
    await web.store.execute(`insert into topic_facts (topic_id, config, changed_at) select id, '{"max.message.bytes": "1048588"}', now() from topic where name = any($1)`, [Object.values(topics)]);
    assert.deepEqual([(await sample()).records, (await sample()).records], [90, 0], 'and nothing is read twice');
    await detect();
    assert.deepEqual((await own()).filter((finding) => finding.kind !== 'unconsumed-topic'), []);

    const late = checkedOut(40);
    const again = checkedOut(41);
    const drifted = times(12, (n): EventToWrite => {
      const event = checkedOut(50 + n);
      const lines = [{ sku: 'mug', name: 'Mug', quantity: 1, price: { amount: '9.00', currency: 'EUR' } }];
      return { key: `c-${50 + n}`, event, rawValue: Buffer.from(JSON.stringify({ ...event, version: 2, data: { ...event.data, lines } })) };
    });
    const wholesale = checkedOut(90);
    await writeEvents(topics.carts, [
      { key: 'c-40', event: added(40, 1) }, { key: 'c-40', event: late }, { key: 'c-40', event: added(40, 2) },
      { key: 'c-41', event: again }, { key: 'c-41', event: again },
      ...drifted,
      { key: 'c-90', event: wholesale, rawValue: Buffer.from(JSON.stringify({ ...wholesale, data: { ...wholesale.data, note: 'x'.repeat(990_000) } })) },
    ]);
    // A replay of Waybill writes on purpose what was there before.
    await writeEvents(topics.carts, [{ key: 'c-1', event: again, headers: { 'replay-id': 'r:1-0-7:1' } }]);
    await collection.cycle();
    await sample();
    const figures = await detect();
    assert.ok(figures.opened >= 4, JSON.stringify(figures));
    const found = Object.fromEntries((await own()).filter((finding) => finding.topic === topics.carts).map((finding) => [finding.kind, finding]));
    assert.equal(found['duplicates']?.facts.find((fact) => fact.label === 'Copies by event id')?.value, 1);
    assert.deepEqual(found['duplicates']?.examples[0]?.records.map((record) => record.offset), ['93', '94']);
    assert.deepEqual([found['out-of-order']?.examples.length, found['out-of-order']?.examples[0]?.before, found['out-of-order']?.examples[0]?.after], [1, 'sequence 3', 'sequence 2']);
    assert.equal(found['fat-events']?.severity, 'critical');
    assert.equal(found['fat-events']?.facts.find((fact) => fact.label.startsWith('Limit'))?.value, 1_048_588);
    assert.equal(found['schema-drift']?.severity, 'warning');
    assert.ok(found['schema-drift']?.examples.some((example) => example.note.startsWith('data.lines[].unitPriceCents of CartCheckedOut was always there and is missing')), JSON.stringify(found['schema-drift']?.examples));
    assert.equal(found['unversioned'], undefined);
    const { looks } = await list();
    assert.deepEqual(looks.filter((look) => look.unknown !== null).map((look) => look.kind).toSorted(), ['lost-correlation', 'no-dead-letter-path', 'retry-storm', 'uninstrumented-hop'], 'without spans these are unknown, not fine');
  });

  it('keeps hashes and forms, and nothing of what events hold', async () => {
    const text = JSON.stringify(await Promise.all(['hygiene_record', 'hygiene_shape', 'hygiene_finding', 'hygiene_topic'].map((table) => web.store.query<{ row: unknown }>(`select to_jsonb(x) as row from ${table} x`))), (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    for (const secret of ['ana@example.com', 'Mug', 'cart-40', 'c-41', 'chk-']) assert.ok(!text.includes(secret), secret);
    assert.ok(text.includes('data.lines[].unitPriceCents'));
  });

  it('reads no more than it may, lets go of what it cannot follow, and does not read what a mask hides', async () => {
    const rules: MaskingRule[] = [{ topics: ['masked-*'], headers: ['event-id'], values: ['$.id'] }];
    const events = times(700, (n): EventToWrite => ({ key: `o-${n}`, event: newEvent('OrderCompleted', { orderId: `o-${n}`, customerId: 'c-1' }), headers: { 'event-id': 'the same secret' } }));
    await writeEvents(topics.masked, events.slice(0, 350));
    await collection.cycle();
    const input = { isSampled: (topic: string) => topic === topics.masked, masking: compileMasking(rules) };
    assert.deepEqual(await sample(input).then(({ records, passedOver }) => [records, passedOver]), [300, 0], 'it begins with the newest');
    await writeEvents(topics.masked, events.slice(350));
    await collection.cycle();
    assert.deepEqual(await sample(input).then(({ records, passedOver }) => [records, passedOver]), [300, 50]);
    const [row] = await web.store.query<{ ids: number; records: number }>('select count(id_hash)::int as ids, count(*)::int as records from hygiene_record r join topic t on t.id = r.topic_id where t.name = $1', [topics.masked]);
    assert.deepEqual(row, { ids: 0, records: 600 });
    await detect();
    assert.equal(await one('duplicates', topics.masked), undefined);
  });

  it('says which service drops the correlation id, and which groups and consumers leave holes, by spans of the sampled records', async () => {
    const at = new Date(Date.now() - 3 * MINUTE_MS);
    const runs = times(8, (n) => ({ n, traceId: hex(16), read: hex(8), inner: hex(8), sent: hex(8) }));
    const [paid, reserved] = ['PaymentFailed', 'OrderCompleted'] as const;
    const payment = (n: number) => newEvent(paid, { orderId: `o-${n}`, customer, lines: [line], totalCents: 900, currency: 'EUR', reason: 'declined' });
    await writeEvents(topics.payments, runs.map(({ n }) => ({ key: `o-${n}`, event: payment(n), timestampMs: at.getTime() })));
    await writeEvents(topics.stock, runs.map(({ n, traceId, sent }) => {
      const event = newEvent(reserved, { orderId: `o-${n}`, customerId: 'c-1' });
      return { key: `o-${n}`, event, correlationId: null, timestampMs: at.getTime(), headers: { ...shopHeaders(event, 'inventory'), traceparent: `00-${traceId}-${sent}-01` } };
    }));
    await collection.cycle();
    await storeSpans(web.store, runs.flatMap(({ n, traceId, read, inner, sent }) => [
      { traceId, spanId: read, service: 'inventory-service', kind: 5, topic: topics.payments, offset: n, group: 'inventory', at, error: n < 4 },
      { traceId, spanId: inner, parentSpanId: read, service: 'inventory-service', kind: 1, at },
      { traceId, spanId: sent, parentSpanId: inner, service: 'inventory-service', kind: 4, topic: topics.stock, at },
    ] as const));
    await web.store.execute(`insert into topic_producer (topic, cluster_id, service, first_seen_at, last_seen_at) values ($1, 0, 'inventory-service', now(), now())`, [topics.stock]);
    await web.store.execute(
      `with g as (insert into consumer_group (cluster_id, name) values ($1, $3) returning id)
       insert into group_partition_offset (group_id, topic_id, partition, committed_offset, committed_at, watched_since) select g.id, t.id, 0, 8, now(), now() - interval '1 hour' from g, topic t where t.name = $2`,
      [clusterId, topics.payments, 'ledger'],
    );
    await sample();
    await detect();
    const lost = (await one('lost-correlation', topics.stock))!;
    assert.deepEqual([lost.service, lost.sentence], ['inventory-service', `inventory-service drops the correlation id: 8 of 8 events (100 %) that it wrote to ${topics.stock} carry none, although what it was handling from ${topics.payments} did.`]);
    assert.deepEqual(lost.examples[0]?.records.map((record) => record.topic), [topics.payments, topics.stock]);
    assert.equal((await one('no-dead-letter-path', topics.payments))?.group, 'inventory');
    assert.equal((await one('uninstrumented-hop', topics.payments))?.group, 'ledger');
    assert.deepEqual((await list()).looks.filter((look) => look.unknown !== null), []);
  });

  it('stays while nobody can know, resolves once the evidence is gone, opens anew when it comes back', async () => {
    const later = (minutes: number) => new Date(Date.now() + minutes * MINUTE_MS);
    const before = (await one('duplicates', topics.carts))!;
    await detect(later(30), 'sampling is off');
    assert.equal((await one('duplicates', topics.carts))?.state, 'open');
    await detect(later(31));
    assert.deepEqual([(await one('duplicates', topics.carts))?.state, (await one('fat-events', topics.carts))?.state], ['resolved', 'resolved']);
    await detect();
    const after = (await one('duplicates', topics.carts))!;
    assert.deepEqual([after.state, after.id, after.resolvedAt, after.since], ['open', before.id, null, before.since]);
  });

  it('says which topics it may not read, and leaves what was found there as it is', async () => {
    const barred: Broker = { ...collection.registry.get('test'), readRanges: async (partitions) => partitions.map((at) => ({ ...at, logStartOffset: null, lastStableOffset: null, failure: { code: 'not-authorized', message: 'no right to read', retryable: false } })) };
    await web.store.execute('update hygiene_topic set sampled_end = null where topic_id = (select id from topic where name = $1)', [topics.carts]);
    await sample({ broker: barred, isSampled: (topic) => topic === topics.carts });
    await detect(new Date(Date.now() + 40 * MINUTE_MS));
    assert.equal((await one('duplicates', topics.carts))?.state, 'open');
    assert.equal((await list()).looks.find((look) => look.kind === 'duplicates')?.unknown, `1 topic could not be read, ${topics.carts} for one: not-authorized: no right to read`);
    await sample({ isSampled: (topic) => topic === topics.carts });
    await detect();
    assert.equal((await list()).looks.find((look) => look.kind === 'duplicates')?.unknown, null);
  });

  it('calls by a rule while it is open and not muted, with a link to it; a mute has a reason, an end and a line in the audit trail', async () => {
    const { id: rule } = await createAlertRule(web.store, ruleInputSchema.parse({ name: 'Hygiene', params: { kind: 'hygiene', kinds: ['duplicates'], topic: topics.carts, minSeverity: 'info' } }), { name: 'ana' });
    const low = await createAlertRule(web.store, ruleInputSchema.parse({ name: 'Critical hygiene', params: { kind: 'hygiene', topic: topics.carts, minSeverity: 'critical' } }), { name: 'ana' });
    let minute = 0;
    const alerts = async () => {
      minute += 1;
      const now = new Date(Date.now() + minute * MINUTE_MS);
      for (const ruleId of [rule, low.id]) await evaluateAlertRule(web.store, { ruleId, facts: readAlertFacts(web.store, now, 10_000), now, intervalMs: 10_000, timings: { groupWaitMs: 0, groupIntervalMs: 0, repeatIntervalMs: 1e9 }, publicUrl: 'https://waybill.example' });
      return (await listAlerts(web.store, { phase: 'all', limit: 100 }, now)).items.map((alert) => [alert.labels['hygiene'], alert.phase, alert.path]);
    };
    const finding = (await one('duplicates', topics.carts))!;
    assert.deepEqual((await alerts()).find(([kind]) => kind === 'duplicates'), ['duplicates', 'firing', `/hygiene/${finding.id}`]);
    assert.ok((await alerts()).some(([kind, phase]) => kind === 'fat-events' && phase === 'firing'));
    const mute = (body: unknown, headers: Record<string, string> = ADMIN) => web.call('POST', '/api/v1/hygiene/{id}/mute', { headers, params: { id: finding.id }, body });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    assert.equal((await mute({ until, reason: ' ' })).status, 400);
    assert.equal((await mute({ until: new Date(0).toISOString(), reason: 'no' })).status, 400);
    assert.equal((await web.call('POST', '/api/v1/hygiene/{id}/mute', { headers: ADMIN, params: { id: randomUUID() }, body: { until, reason: 'x' } })).status, 404);
    const muted = (await (await mute({ until, reason: 'TICKET-7' })).json()) as FindingWire;
    assert.deepEqual([muted.state, muted.mute?.reason, muted.mute?.by], ['muted', 'TICKET-7', 'administrator token']);
    assert.deepEqual((await alerts()).find(([kind]) => kind === 'duplicates')?.[1], 'normal');
    assert.deepEqual((await own('?kind=duplicates')).map((one) => one.id), []);
    assert.deepEqual((await own('?state=muted')).map((one) => one.id), [finding.id]);
    assert.equal(((await (await web.call('POST', '/api/v1/hygiene/{id}/unmute', { headers: ADMIN, params: { id: finding.id } })).json()) as FindingWire).state, 'open');
    assert.deepEqual((await alerts()).find(([kind]) => kind === 'duplicates')?.[1], 'firing');
    assert.deepEqual(await web.store.query('select action, reason from audit_entry where target = $1 order by id', [finding.id]), [{ action: 'finding.mute', reason: 'TICKET-7' }, { action: 'finding.unmute', reason: null }]);
  });

  it('runs as it is configured: without samples it says what it cannot know, off it does nothing, and a wrong setting is named', async () => {
    const env = { NODE_ENV: 'test', KAFKA_BROKERS: testBrokers().join(','), KAFKA_CLUSTER_NAME: 'test', WAYBILL_HYGIENE_TOPICS: 'none-of-them' } as const;
    const run = async (more: Record<string, string>, until: () => Promise<void>): Promise<void> => {
      const config = loadConfig({ ...env, ...more }, '/nonexistent');
      const stop = new AbortController();
      const brokers = openBrokerRegistry(config.clusters, { clientId: 'hygiene-test' });
      const running = runHygieneCollector({ store: web.store, brokers, config, clock: systemClock, log: pino({ level: 'silent' }), holder: 'test:1', signal: stop.signal });
      try {
        await until();
      } finally {
        stop.abort();
        await running;
        await brokers.close();
      }
    };
    const ran = async () => (await web.store.query<{ figures: { topics?: number; found?: number } }>(`select figures from collector_status where name = 'hygiene'`))[0]?.figures;
    await run({ WAYBILL_HYGIENE: 'off' }, async () => assert.equal(await ran(), undefined));
    await run({}, () => eventually(async () => assert.equal((await ran())?.topics, 0)));
    await run({ WAYBILL_HYGIENE: 'no-samples' }, () => eventually(async () => assert.match((await list()).looks.find((look) => look.kind === 'duplicates')?.unknown ?? '', /^sampling is off/)));
    assert.equal((await ran())?.topics, undefined, 'nothing was read');
    assert.throws(() => loadConfig({ ...env, WAYBILL_HYGIENE: 'maybe' }, '/nonexistent'), /WAYBILL_HYGIENE, WAYBILL_HYGIENE_TOPICS/);
  });

  it('lists by severity, filters by kind, severity and name, and pages; what is critical stands on the overview', async () => {
    const needs = (await readOverview(web.store, { cluster: 'test', now: new Date(), rangeMs: 3_600_000 })).needs.filter((need) => need.kind === 'hygiene');
    assert.deepEqual(needs.map((need) => [need.id, need.title, need.subject, need.count]), [[(await one('fat-events', topics.carts))!.id, 'Fat events', `topic ${topics.carts}`, 1]]);
    const all = await list(`?limit=1&search=${topics.carts}`);
    assert.equal(all.items[0]?.severity, 'critical');
    assert.ok((all.total ?? 0) >= 4);
    const next = await list(`?limit=1&search=${topics.carts}&cursor=${all.nextCursor}`);
    assert.notEqual(next.items[0]?.id, all.items[0]?.id);
    assert.deepEqual((await own('?severity=critical&severity=warning&kind=fat-events')).map((one) => one.kind), ['fat-events']);
    assert.equal((await web.call('GET', '/api/v1/hygiene', { headers: ADMIN, query: '?kind=nothing' })).status, 400);
    assert.equal((await web.call('GET', '/api/v1/hygiene', { headers: ADMIN, query: '?cursor=x' })).status, 400);
  });
});
