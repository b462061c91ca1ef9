import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getTopic } from '#lib/operations/get-topic.ts';
import { readGroupFacts } from '#lib/store/alerts/read-group-facts.ts';
import { testStore } from '#test/harness/database.ts';

test('where no end of a topic is known, the lag of its readers is unknown and not 0', async (t) => {
  const store = await testStore(t);
  const now = new Date('2026-11-21T12:00:00Z');
  const cluster = await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'kafka-1' } });
  await store.execute(`insert into topic (cluster_id, name, kafka_topic_id, partition_count, first_seen_at) values ($1, 'payments', 't1', 2, $2)`, [cluster.id, now]);
  await store.execute(`insert into consumer_group (cluster_id, name, first_seen_at) values ($1, 'billing', $2)`, [cluster.id, now]);
  await store.execute('insert into group_partition_offset (group_id, topic_id, partition, committed_offset) select g.id, t.id, p, 50 from consumer_group g, topic t, generate_series(0, 1) p');
  const read = async () => {
    const topic = await getTopic(store, { cluster: 'shop', topic: 'payments', now });
    const [facts] = await readGroupFacts(store, now);
    return { lag: topic.lag, group: topic.consumerList.map((one) => [one.group, one.lag, one.unknownPartitions]), alert: [facts?.lag_records, facts?.unknown_partitions] };
  };
  assert.deepEqual(await read(), { lag: null, group: [['billing', null, 2]], alert: [null, 2] });
  await store.execute('insert into topic_partition_offset (topic_id, partition, high_watermark, changed_at) select id, 1, 57, $1 from topic', [now]);
  assert.deepEqual(await read(), { lag: '7', group: [['billing', '7', 1]], alert: [7n, 1] });
});
