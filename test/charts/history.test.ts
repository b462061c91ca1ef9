import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { WaybillError } from '#lib/errors.ts';
import { createMarker } from '#lib/operations/create-marker.ts';
import { getGroupHistory, groupHistorySchema } from '#lib/operations/get-group-history.ts';
import { pruneStore } from '#lib/operations/prune-store.ts';
import { insertMinutes } from '#lib/store/lag/save-minutes.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '../harness/database.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = new Date('2026-11-21T12:00:30Z');
const ago = (ms: number) => new Date(Math.floor((NOW.getTime() - ms) / MINUTE) * MINUTE);

interface Ground {
  store: Store;
  clusterId: number;
  groupId: number;
  minute: (at: Date, lagMax: number | null, lagLast?: number | null) => Promise<void>;
  history: (spanMs: number, to?: Date) => ReturnType<typeof getGroupHistory>;
}

async function ground(t: TestContext): Promise<Ground> {
  const store = await testStore(t);
  const cluster = await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'kafka-1' } });
  const group = await store.prisma.consumerGroup.create({ data: { clusterId: cluster.id, name: 'billing', firstSeenAt: ago(30 * DAY) } as never });
  return {
    store,
    clusterId: cluster.id,
    groupId: group.id,
    minute: async (at, lagMax, lagLast = lagMax) => {
      await ensurePartitions(store, 'group_lag_minute', at, at);
      const big = (value: number | null) => (value === null ? null : BigInt(value));
      await insertMinutes(store, [{ groupId: group.id, minute: at, lagMax: big(lagMax), lagLast: big(lagLast), secondsMax: lagMax, secondsLast: lagLast, quality: 'exact', producedPerSecond: 2, consumedPerSecond: 1, status: lagMax === null ? 'unknown' : 'ok', unknownPartitions: lagMax === null ? 3 : 0, memberCount: 1 }]);
    },
    history: (spanMs, to = NOW) => getGroupHistory(store, { cluster: 'shop', group: 'billing', from: new Date(to.getTime() - spanMs).toISOString(), to: to.toISOString(), now: NOW }),
  };
}

test('an hour shows each minute; a minute nobody read is left out, one that could not be read is null', async (t) => {
  const { minute, history } = await ground(t);
  await minute(ago(10 * MINUTE), 500, 4);
  await minute(ago(9 * MINUTE), null);
  await minute(ago(5 * MINUTE), 7);
  const read = groupHistorySchema.parse(await history(HOUR));
  assert.equal(read.stepSeconds, 60);
  assert.deepEqual(read.items.map((item) => [item.at, item.lagMax, item.lag, item.unknownPartitions]), [
    [ago(10 * MINUTE).toISOString(), '500', '4', 0],
    [ago(9 * MINUTE).toISOString(), null, null, 3],
    [ago(5 * MINUTE).toISOString(), '7', '7', 0],
  ]);
});

test('the minute under way shows what is known now: a chart has figures as soon as the group has', async (t) => {
  const { store, groupId, history } = await ground(t);
  await store.execute('update consumer_group set last_good_at = $2, status = $3 where id = $1', [groupId, NOW, 'ok']);
  await store.execute('insert into group_figures (group_id, lag, oldest_at, oldest_quality) values ($1, 77, $2, $3)', [groupId, new Date(NOW.getTime() - 9_000), 'exact']);
  assert.deepEqual((await history(HOUR)).items.map((item) => [item.at, item.lagMax, item.lagSeconds]), [['2026-11-21T12:00:00.000Z', '77', 9]]);
  assert.deepEqual((await history(HOUR, ago(5 * MINUTE))).items, [], 'of the past it says nothing');
});

test('what is not known of the minute under way is null, not 0: the age of lag without an anchor, members nobody described', async (t) => {
  const { store, clusterId, groupId, history } = await ground(t);
  await store.execute('update consumer_group set last_good_at = $2, status = $3 where id = $1', [groupId, NOW, 'ok']);
  await store.execute('update cluster set last_cycle_at = $2 where id = $1', [clusterId, NOW]);
  await store.execute('insert into group_figures (group_id, lag, oldest_at, oldest_quality) values ($1, 77, null, null)', [groupId]);
  const known = (await history(HOUR)).items.map((item) => [item.lag, item.lagSeconds, item.lagSecondsMax, item.lagSecondsQuality, item.members]);
  assert.deepEqual(known, [['77', null, null, 'unknown', null]]);
  assert.deepEqual(await store.query('select lag_last, lag_seconds_last, member_count from group_minute where group_id = $1', [groupId]), [{ lag_last: 77n, lag_seconds_last: null, member_count: null }]);
});

test('a minute in which the cluster was read and nothing changed goes on as before, also from before the range', async (t) => {
  const { store, clusterId, minute, history } = await ground(t);
  await minute(ago(3 * HOUR), 900, 12);
  await store.execute('insert into cluster_minute (cluster_id, minute) values ($1, $2), ($1, $3)', [clusterId, ago(8 * MINUTE), ago(2 * MINUTE)]);
  assert.deepEqual((await history(15 * MINUTE)).items.map((item) => [item.at, item.lagMax]), [[ago(8 * MINUTE).toISOString(), '12'], [ago(2 * MINUTE).toISOString(), '12']]);
});

test('30 days are drawn from hours and the minutes after them: the spike of three weeks ago is there, and no more than 720 points', async (t) => {
  const { store, minute, history } = await ground(t);
  await minute(ago(21 * DAY), 1_000_000, 3);
  for (let at = 0; at < 60; at += 1) await minute(ago(21 * DAY - HOUR - at * MINUTE), at);
  await minute(ago(10 * MINUTE), 42);
  for (let round = 0; round < 14; round += 1) await pruneStore(store, { spans: 7, bodies: 7, charts: 30 }, NOW, new AbortController().signal);
  assert.deepEqual(await store.query('select 1 from group_lag_minute where minute < $1', [ago(4 * DAY)]), []);
  const read = await history(30 * DAY);
  assert.equal(read.resolution, 'hours');
  assert.ok(read.items.length <= 720);
  assert.ok(read.items.some((item) => item.lagMax === '1000000'));
  assert.equal(read.items.at(-1)?.lagMax, '42', 'the hour under way comes from its minutes');
  const zoomed = await history(2 * HOUR, new Date(ago(21 * DAY).getTime() + HOUR));
  assert.equal(zoomed.stepSeconds, 3_600, 'where minutes are gone hours are the finest there is');
  assert.equal(zoomed.items[0]?.lagMax, '1000000');
});

test('marks: a burst of joins and leaves is one rebalance, a new service.version is a deploy, and a marker says its words', async (t) => {
  const { store, groupId, history } = await ground(t);
  const event = (at: Date, kind: string, joined: number | null, left: number | null) => store.execute('insert into group_event (group_id, at, kind, joined, "left") values ($1, $2, $3, $4, $5)', [groupId, at, kind, joined, left]);
  await event(ago(30 * MINUTE), 'rebalance', null, null);
  await event(new Date(ago(30 * MINUTE).getTime() + 20_000), 'members', 2, 1);
  await event(ago(20 * MINUTE), 'members', 0, 1);
  await store.execute(`insert into topic (cluster_id, name, kafka_topic_id, partition_count, first_seen_at) select cluster_id, 'payments', 't1', 1, $2 from consumer_group where id = $1`, [groupId, NOW]);
  await store.execute('insert into group_partition_offset (group_id, topic_id, partition, committed_offset, committed_at) select $1, id, 0, 50, $2 from topic', [groupId, NOW]);
  const resource = async (hash: string, version: string, at: Date) => {
    await store.execute(`insert into resource (hash, service, attributes, first_seen_at) values ($1, 'billing-service', $2::jsonb, $3)`, [Buffer.from(hash), JSON.stringify({ 'service.name': 'billing-service', 'service.version': version }), at]);
  };
  await resource('a', '1.4.0', ago(5 * DAY));
  await resource('b', '1.5.0', ago(10 * MINUTE));
  await ensurePartitions(store, 'span', NOW, NOW);
  await store.execute(
    `insert into span (day, trace_id, span_id, resource_id, service, name, kind, start_ns, duration_ns, operation, topic, partition, "offset", group_name, received_at)
     select '2026-11-21', $1, $2, max(id), 'billing-service', 'process', 5, 0, 0, 'process', 'payments', 0, 49, 'billing', $3 from resource`,
    [Buffer.alloc(16, 1), Buffer.alloc(8, 1), NOW],
  );
  // Staging has a topic of that name, too: what is deployed there is not deployed here.
  const staging = await store.prisma.cluster.create({ data: { name: 'staging', kafkaClusterId: 'kafka-2' } });
  for (const [hash, version, at] of [['c', '1.5.0', ago(5 * DAY)], ['d', '2.0.0-rc1', ago(8 * MINUTE)]] as const) {
    await store.execute(`insert into resource (hash, service, attributes, first_seen_at) values ($1, 'billing-staging', $2::jsonb, $3)`, [Buffer.from(hash), JSON.stringify({ 'service.version': version }), at]);
  }
  await store.execute(
    `insert into span (day, trace_id, span_id, resource_id, cluster_id, service, name, kind, start_ns, duration_ns, operation, topic, partition, "offset", group_name, received_at)
     select '2026-11-21', $1, $2, max(id), $4, 'billing-staging', 'process', 5, 0, 0, 'process', 'payments', 0, 49, 'billing', $3 from resource`,
    [Buffer.alloc(16, 2), Buffer.alloc(8, 2), NOW, staging.id],
  );
  await createMarker(store, { cluster: 'shop', text: 'provider limits raised', at: ago(5 * MINUTE).toISOString() }, { name: 'ci' }, NOW);
  assert.deepEqual((await history(HOUR)).marks.map((mark) => [mark.kind, mark.text]), [
    ['rebalance', 'rebalance: 2 joined, 1 left'],
    ['members', 'members: 1 left'],
    ['deploy', 'billing-service 1.5.0 deployed, 1.4.0 before'],
    ['marker', 'provider limits raised (ci)'],
  ]);
  const audit = await store.query<{ action: string; target: string }>('select action, target from audit_entry');
  assert.deepEqual(audit, [{ action: 'marker.create', target: 'shop' }]);
});

test('a deploy of the group is marked also where another group handled the same records many times', async (t) => {
  const { store, groupId, history } = await ground(t);
  await store.execute(`insert into topic (cluster_id, name, kafka_topic_id, partition_count, first_seen_at) select cluster_id, 'payments', 't1', 1, $2 from consumer_group where id = $1`, [groupId, NOW]);
  await store.execute('insert into group_partition_offset (group_id, topic_id, partition, committed_offset, committed_at) select $1, id, 0, 50, $2 from topic', [groupId, NOW]);
  for (const [hash, version, at] of [['a', '1', ago(5 * DAY)], ['b', '2', ago(10 * MINUTE)]] as const) {
    await store.execute(`insert into resource (hash, service, attributes, first_seen_at) values ($1, 'billing-service', $2::jsonb, $3)`, [Buffer.from(hash), JSON.stringify({ 'service.version': version }), at]);
  }
  await ensurePartitions(store, 'span', NOW, NOW);
  await store.execute(
    `insert into span (day, trace_id, span_id, resource_id, service, name, kind, start_ns, duration_ns, operation, topic, partition, "offset", group_name, received_at)
     select '2026-11-21', decode(lpad(to_hex(n), 32, '0'), 'hex'), decode(lpad(to_hex(n), 16, '0'), 'hex'), (select max(id) from resource), case when n = 999 then 'billing-service' else 'mail-service' end, 'process', 5, 0, 0, 'process', 'payments', 0, 49,
       case when n = 999 then 'billing' else 'mail' end, $1 from generate_series(1, 999) n`,
    [NOW],
  );
  assert.deepEqual((await history(HOUR)).marks.map((mark) => mark.text), ['billing-service 2 deployed, 1 before']);
});

test('a marker sent again with its key is one marker; the key with other words is refused', async (t) => {
  const { store, history } = await ground(t);
  const send = (text: string, key: string | null, at = NOW) => createMarker(store, { cluster: 'shop', text }, { name: 'ci' }, at, key);
  const [first, again] = [await send('v2', 'ci:build-7'), await send('v2', 'ci:build-7', new Date(NOW.getTime() + MINUTE))];
  assert.deepEqual(again, first);
  await assert.rejects(send('v3', 'ci:build-7'), (error: unknown) => error instanceof WaybillError && error.code === 'idempotency-key-reused' && error.status === 409);
  await send('v3', 'ci:build-8');
  assert.deepEqual((await history(HOUR, new Date(NOW.getTime() + MINUTE))).marks.map((mark) => mark.text).toSorted(), ['v2 (ci)', 'v3 (ci)']);
  assert.equal((await store.query('select 1 from audit_entry')).length, 2);
});

test('a marker of another group stays there; one in the future or of a group that is not there is refused', async (t) => {
  const { store, clusterId, history } = await ground(t);
  await store.prisma.consumerGroup.create({ data: { clusterId, name: 'mail', firstSeenAt: NOW } as never });
  await createMarker(store, { cluster: 'shop', group: 'mail', text: 'v2' }, { name: 'ci' }, NOW);
  assert.deepEqual((await history(HOUR, new Date(NOW.getTime() + MINUTE))).marks, []);
  const refused = (code: string) => (error: unknown) => error instanceof WaybillError && error.code === code;
  await assert.rejects(createMarker(store, { cluster: 'shop', at: '2026-11-21T13:00:00Z', text: 'x' }, { name: 'ci' }, NOW), refused('marker-invalid'));
  await assert.rejects(createMarker(store, { cluster: 'shop', group: 'nobody', text: 'x' }, { name: 'ci' }, NOW), refused('group-not-found'));
});
