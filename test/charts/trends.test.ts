import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listLagTrends } from '#lib/operations/list-lag-trends.ts';
import { insertMinutes } from '#lib/store/lag/save-minutes.ts';
import { testStore } from '../harness/database.ts';

const NOW = new Date('2026-11-21T12:01:30Z');
const minutesAgo = (count: number) => new Date(Date.parse('2026-11-21T12:00:00Z') - count * 60_000);

test('a group to which nothing happened stands where it stood, in every step in which its cluster was read and in no other', async (t) => {
  const store = await testStore(t);
  const cluster = await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'kafka-1' } });
  const group = await store.prisma.consumerGroup.create({ data: { clusterId: cluster.id, name: 'billing' } });
  const row = (minute: Date, lagMax: bigint, lagLast: bigint) => ({ groupId: group.id, minute, lagMax, lagLast, secondsMax: 1, secondsLast: 1, quality: 'exact', producedPerSecond: 0, consumedPerSecond: 0, status: 'stopped', unknownPartitions: 0, memberCount: 0 }) as const;
  await insertMinutes(store, [row(minutesAgo(70), 90n, 40n), row(minutesAgo(10), 900n, 50n)]);
  // Read in the steps that begin 20, 18 and 16 minutes ago and from 10 minutes ago on; not in between.
  const read = [20, 19, 18, 17, 16, 15, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map(minutesAgo);
  await store.execute('insert into cluster_minute (cluster_id, minute) select $1, unnest($2::timestamptz[])', [cluster.id, read]);

  const { stepSeconds, items } = await listLagTrends(store, { cluster: 'shop', groups: ['billing', 'nobody'], now: NOW });
  assert.equal(stepSeconds, 120);
  assert.deepEqual(items[0]?.lag.slice(-12), [null, '40', '40', '40', null, null, '900', '50', '50', '50', '50', '50']);
  assert.ok(items[1]?.lag.every((lag) => lag === null), 'a group nobody knows has no figures');
});
