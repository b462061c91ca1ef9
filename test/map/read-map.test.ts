import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapQuerySchema, mapRange, readMap, stretchesOf } from '#lib/operations/read-map.ts';
import { mapSchema } from '#lib/operations/map-wire.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';

const now = new Date();
const range = { from: new Date(now.getTime() - 3_600_000), to: now, now };

/** A cluster as the offsets collector leaves it: `orders` read by billing and audit, `mails` by nobody. */
async function plant(store: Store): Promise<void> {
  const cluster = await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'c1', state: 'ok', lastCycleAt: now, lastCycle: { groupsFailed: 0, intervalMs: 10_000 } } });
  const topic = async (name: string) => (await store.prisma.topic.create({ data: { clusterId: cluster.id, name, kafkaTopicId: name, partitionCount: 1 } })).id;
  const [orders, mails] = [await topic('orders'), await topic('mails')];
  await topic('idle');
  for (const [name, committed] of [['billing', 90n], ['audit', 100n]] as const) {
    const group = await store.prisma.consumerGroup.create({ data: { clusterId: cluster.id, name, status: name === 'billing' ? 'falling-behind' : 'ok' } });
    await store.prisma.groupPartitionOffset.create({ data: { groupId: group.id, topicId: orders, partition: 0, committedOffset: committed } });
    for (let minute = 1; minute <= 10; minute++) {
      await store.execute(`insert into group_lag_minute (group_id, minute, status, consumed_per_second) values ($1, date_trunc('minute', $2::timestamptz), 'ok', 3)`, [group.id, new Date(now.getTime() - minute * 60_000)]);
      await store.execute(`insert into cluster_minute (cluster_id, minute) values ($1, date_trunc('minute', $2::timestamptz)) on conflict do nothing`, [cluster.id, new Date(now.getTime() - minute * 60_000)]);
    }
  }
  await store.execute('insert into topic_partition_offset (topic_id, partition, high_watermark, last_stable_offset, log_start_offset, changed_at) values ($1, 0, 100, 100, 0, now())', [orders]);
  await store.execute('insert into cluster_throughput (cluster_id, since, until, seconds, records, unknown_topics, topic_ids, topic_records) values ($1, $2, $3, 600, 2400, 0, $4::int[], $5::bigint[])', [cluster.id, new Date(now.getTime() - 700_000), new Date(now.getTime() - 100_000), [orders, mails], [1_800, 600]]);
}

test('a cluster without tracing is on the map by its offsets: rates over the range, lag, and what nobody reads', async (t) => {
  const store = await testStore(t);
  await plant(store);
  const map = await readMap(store, { cluster: 'shop', ...range });
  assert.deepEqual(mapSchema.parse(JSON.parse(JSON.stringify(map))), JSON.parse(JSON.stringify(map)), 'it has the shape that its route promises');
  assert.deepEqual(map.nodes.map((node) => [node.kind, node.name, node.ratePerSecond, node.status, node.lag, node.traced]), [
    ['group', 'audit', 3, 'ok', '0', false], ['group', 'billing', 3, 'falling-behind', '10', false], ['topic', 'mails', 1, 'unread', null, false], ['topic', 'orders', 3, null, null, false],
  ]);
  assert.deepEqual(map.edges.map((edge) => [edge.from, edge.to, edge.ratePerSecond, edge.rateBy, edge.traced, edge.errorShare, edge.queue]), [
    ['topic:shop:orders', 'group:shop:audit', 3, 'offsets', false, null, null], ['topic:shop:orders', 'group:shop:billing', 3, 'offsets', false, null, null],
  ]);
  assert.deepEqual([map.total, map.countedSince], [{ services: 0, topics: 2, groups: 2 }, null]);
  assert.deepEqual((await readMap(store, { cluster: null, ...range, group: 'billing' })).nodes.map((node) => [node.name, node.matched]), [['billing', true], ['orders', false]]);
  assert.deepEqual((await readMap(store, { cluster: null, ...range, search: 'zzz' })).nodes, []);
});

test('an empty store has an empty map, and a cluster that is not there is said', async (t) => {
  const store = await testStore(t);
  const map = await readMap(store, { cluster: null, ...range });
  assert.deepEqual([map.nodes, map.edges, map.countedSince], [[], [], null]);
  await assert.rejects(readMap(store, { cluster: 'gone', ...range }), { code: 'cluster-not-found' });
});

test('a range is made of whole hours and the minutes around them, none twice and none missed', () => {
  const at = new Date('2026-03-04T10:20:30Z');
  const ago = (minutes: number) => new Date(at.getTime() - minutes * 60_000);
  const text = (each: { from: Date; to: Date } | null) => each && `${each.from.toISOString().slice(11, 16)}-${each.to.toISOString().slice(11, 16)}`;
  const said = (from: Date, to = at) => {
    const stretches = stretchesOf(from, to, at);
    return [text(stretches.hours), ...stretches.minutes.map(text)];
  };
  assert.deepEqual(said(ago(15)), [null, '10:05-10:21']);
  assert.deepEqual(said(ago(60)), ['10:00-11:00', '09:20-10:00'], 'the open hour has nothing after now');
  assert.deepEqual(said(ago(300), ago(100)), ['06:00-08:00', '05:20-06:00', '08:00-08:41']);
  assert.deepEqual(said(ago(1_440)), ['10:00-11:00']);
  assert.equal(stretchesOf(ago(1_440), at, at).from.toISOString(), '2026-03-03T10:00:00.000Z');
  assert.deepEqual(said(ago(4_000), ago(3_900)), ['15:00-18:00'], 'of days whose minutes are gone, whole hours');
});

test('a range of the query is 7 days at most and begins before it ends', () => {
  const parse = (query: object) => mapRange(mapQuerySchema.parse(query), now);
  assert.equal(parse({ range: '24h' }).from.getTime(), now.getTime() - 86_400_000);
  assert.throws(() => parse({ from: new Date(now.getTime() - 8 * 86_400_000).toISOString(), to: now.toISOString() }), { code: 'invalid-request' });
  assert.throws(() => parse({ to: now.toISOString() }), { code: 'invalid-request' });
  assert.throws(() => parse({ from: now.toISOString(), to: new Date(now.getTime() - 60_000).toISOString() }), { code: 'invalid-request' });
});
