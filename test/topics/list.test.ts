import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listTopics } from '#lib/operations/list-topics.ts';
import { testStore } from '#test/harness/database.ts';

const NOW = new Date('2026-11-21T12:00:00Z');

test('topics are found by any producer and any consumer, also one of many; sorted by a figure the unknown come last, page after page', async (t) => {
  const store = await testStore(t);
  const cluster = await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'k1' } });
  const other = await store.prisma.cluster.create({ data: { name: 'staging', kafkaClusterId: 'k2' } });
  await store.execute(`insert into topic (cluster_id, name, kafka_topic_id, partition_count, first_seen_at) select $1, 'topic-' || n, 'shop-' || n, 1, $2 from generate_series(1, 12) n`, [cluster.id, NOW]);
  await store.execute(`insert into topic (cluster_id, name, kafka_topic_id, partition_count, first_seen_at) values ($1, 'topic-3', 'staging-3', 1, $2)`, [other.id, NOW]);
  await store.execute('insert into topic_partition_offset (topic_id, partition, high_watermark, log_start_offset, changed_at) select id, 0, 100, 0, $1 from topic', [NOW]);
  await store.execute(`insert into consumer_group (cluster_id, name, first_seen_at) select $1, 'group-' || lpad(n::text, 2, '0'), $2 from generate_series(1, 30) n`, [cluster.id, NOW]);
  await store.execute(`insert into group_partition_offset (group_id, topic_id, partition, committed_offset) select g.id, t.id, 0, 70 from consumer_group g, topic t where t.name = 'topic-5'`);
  await store.execute(`insert into consumer_group (cluster_id, name, first_seen_at, members) values ($1, 'assigned-only', $2, '[{"assignments": [{"topic": "topic-9", "partitions": [0]}]}]')`, [cluster.id, NOW]);
  for (const [service, topic] of [['checkout', 'topic-3'], ['a_b', 'topic-2']]) await store.execute('insert into topic_producer values ($1, $2, $3, $4, $4)', [topic, cluster.id, service, NOW]);
  await store.execute(`insert into topic_facts (topic_id, produced_per_second, changed_at) select id, split_part(name, '-', 2)::int, $1 from topic where name in ('topic-2', 'topic-7', 'topic-11')`, [NOW]);

  const found = async (search: string) => (await listTopics(store, { cluster: null, search, now: NOW })).items.map((item) => `${item.cluster}/${item.topic}`);
  assert.deepEqual(await found('GROUP-27'), ['shop/topic-5'], 'the list names twenty of its consumers');
  assert.deepEqual(await found('assigned-only'), ['shop/topic-9']);
  assert.deepEqual(await found('checkout'), ['shop/topic-3'], 'staging has a topic of that name, too');
  assert.deepEqual(await found('a_b'), ['shop/topic-2'], '_ is no wildcard');
  assert.deepEqual(await found('topic-1'), ['shop/topic-1', 'shop/topic-10', 'shop/topic-11', 'shop/topic-12']);

  const pages: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listTopics(store, { cluster: 'shop', sort: '-produced', limit: 5, cursor, now: NOW });
    assert.equal(page.total, 12);
    pages.push(...page.items.map((item) => item.topic));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  assert.deepEqual(pages.slice(0, 5), ['topic-11', 'topic-7', 'topic-2', 'topic-1', 'topic-3']);
  assert.equal(new Set(pages).size, 12);
  const [most] = (await listTopics(store, { cluster: 'shop', sort: '-lag', limit: 1, now: NOW })).items;
  assert.deepEqual([most?.topic, most?.lag, most?.groups, most?.consumers.length], ['topic-5', '900', 30, 20]);
  assert.equal((await listTopics(store, { cluster: 'shop', search: 'topic-5', allNames: true, now: NOW })).items[0]?.consumers.length, 30);
});
