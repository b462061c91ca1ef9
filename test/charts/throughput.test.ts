import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { readTopicThroughput } from '#lib/operations/read-throughput.ts';
import { mergeThroughput } from '#lib/store/topics/merge-throughput.ts';
import { saveThroughput } from '#lib/store/topics/save-throughput.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '../harness/database.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = new Date('2026-11-21T12:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);

interface Ground {
  store: Store;
  ids: Record<string, number>;
  /** A reading of a minute that ends so many minutes ago. */
  reading: (cluster: string, minutesAgo: number, records: number, top: Record<string, number | null>, unknownTopics?: number) => Promise<void>;
}

async function ground(t: TestContext): Promise<Ground> {
  const store = await testStore(t);
  const ids: Record<string, number> = {};
  for (const name of ['shop', 'staging']) ids[name] = (await store.prisma.cluster.create({ data: { name, kafkaClusterId: name } })).id;
  for (const name of ['orders', 'payments', 'a', 'b', 'c', 'd', 'staged']) {
    ids[name] = (await store.prisma.topic.create({ data: { clusterId: ids[name === 'staged' ? 'staging' : 'shop']!, name, kafkaTopicId: name, partitionCount: 1 } })).id;
  }
  return {
    store,
    ids,
    reading: (cluster, minutesAgo, records, top, unknownTopics = 0) =>
      saveThroughput(store, { clusterId: ids[cluster]!, since: ago((minutesAgo + 1) * MINUTE), until: ago(minutesAgo * MINUTE), records: BigInt(records), unknownTopics, top: Object.entries(top).map(([name, count]) => ({ id: ids[name]!, records: count === null ? null : BigInt(count) })) }),
  };
}

test('the busiest topics have lines of their own and all others one; a minute nobody read is a gap, a topic that is not known one of its line', async (t) => {
  const { store, reading } = await ground(t);
  await reading('shop', 9, 6_000, { orders: 3_000, payments: 1_200, a: 900, b: 600, c: 180, d: 120 });
  await reading('shop', 8, 600, { orders: 600 });
  await reading('shop', 5, 1_200, { payments: 1_200, orders: null }, 1);
  const read = await readTopicThroughput(store, { cluster: 'shop', rangeMs: HOUR, now: NOW });
  assert.deepEqual(read.topics.map((one) => one.topic), ['orders', 'payments', 'a', 'b', 'c']);
  assert.deepEqual(read.items.map((item) => [item.topics[0], item.topics[1], item.rest]), [[50, 20, 2], [10, 0, 0], [null, null, null], [null, null, null], [null, 20, 0]]);
  assert.equal(read.items[0]?.at, ago(10 * MINUTE).toISOString());
  assert.equal(read.unknownTopics, 1);
});

test('the chosen cluster is the only one that counts; of all together the rest is known where each was read', async (t) => {
  const { store, reading } = await ground(t);
  await reading('shop', 3, 600, { orders: 600 });
  await reading('shop', 2, 600, { orders: 600 });
  await reading('staging', 3, 6_000, { staged: 5_400 });
  const staging = await readTopicThroughput(store, { cluster: 'staging', rangeMs: HOUR, now: NOW });
  assert.deepEqual([staging.topics, staging.items.map((item) => [item.topics, item.rest])], [[{ cluster: 'staging', topic: 'staged' }], [[[90], 10]]]);
  const all = await readTopicThroughput(store, { cluster: null, rangeMs: HOUR, now: NOW });
  assert.deepEqual(all.topics.map((one) => one.topic), ['staged', 'orders']);
  assert.deepEqual(all.items.map((item) => [item.topics, item.rest]), [[[90, 10], 10], [[null, 10], null]]);
});

test('nothing read is nothing shown, and no 0', async (t) => {
  const { store } = await ground(t);
  assert.deepEqual((await readTopicThroughput(store, { cluster: null, rangeMs: HOUR, now: NOW })).items, []);
});

test('readings of an hour become one row with the same records, and merging again changes nothing', async (t) => {
  const { store, reading, ids } = await ground(t);
  for (const minutesAgo of [0, 20, 21, 59]) await reading('shop', minutesAgo, 100, { orders: 60, payments: 40 });
  await reading('shop', 60, 7, { orders: 7 });
  await reading('staging', 20, 9, { staged: 9 });
  assert.equal((await mergeThroughput(store, NOW)).hours, 1);
  const rows = () => store.query('select cluster_id, since, until, seconds, records, topic_ids, topic_records from cluster_throughput order by cluster_id, until');
  const merged = await rows();
  assert.deepEqual(merged, [
    { cluster_id: ids['shop'], since: ago(61 * MINUTE), until: ago(60 * MINUTE), seconds: 60, records: 7n, topic_ids: [ids['orders']], topic_records: [7n] },
    { cluster_id: ids['shop'], since: ago(60 * MINUTE), until: NOW, seconds: 240, records: 400n, topic_ids: [ids['orders'], ids['payments']], topic_records: [240n, 160n] },
    { cluster_id: ids['staging'], since: ago(21 * MINUTE), until: ago(20 * MINUTE), seconds: 60, records: 9n, topic_ids: [ids['staged']], topic_records: [9n] },
  ]);
  assert.deepEqual(await mergeThroughput(store, NOW), { hours: 0, more: false });
  assert.deepEqual(await rows(), merged);
});
