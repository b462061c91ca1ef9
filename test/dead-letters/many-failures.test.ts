import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLetterFilterSchema, deadLettersQuerySchema, listDeadLetterFacets, listDeadLetters } from '#lib/operations/list-dead-letters.ts';
import { recount } from '#lib/store/dead-letters/add-counts.ts';
import { webUnderTest } from '#test/access/web-context.ts';
import { testStore } from '#test/harness/database.ts';
import { header, storeDeadLetters } from './fixtures.ts';

const OFFSET = Buffer.from([0, 0, 0, 0, 0, 0, 0, 7]);
const PARTITION = Buffer.from([0, 0, 0, 1]);

test('a filter that leaves more causes than are asked one by one leaves nothing else', async (t) => {
  const { store } = await webUnderTest(t);
  const [prod, staging] = await Promise.all(['prod', 'staging'].map((name) => store.prisma.cluster.create({ data: { name, kafkaClusterId: name } })));
  // A cause each: digits would be taken for a variable part.
  const word = (index: number) => `${String.fromCodePoint(97 + Math.floor(index / 26))}${String.fromCodePoint(97 + (index % 26))}`;
  const failing = (count: number, errorClass: string, originTopic: string) =>
    Array.from({ length: count }, (_, index) => ({
      key: null,
      value: Buffer.from('x'),
      headers: [header('kafka_dlt-exception-fqcn', errorClass), header('kafka_dlt-exception-message', `no ${word(index)}zz here`), header('kafka_dlt-original-topic', originTopic), [Buffer.from('kafka_dlt-original-partition'), PARTITION] as [Buffer, Buffer], [Buffer.from('kafka_dlt-original-offset'), OFFSET] as [Buffer, Buffer]],
    }));
  await storeDeadLetters(store, prod!.id, 'orders.DLT', failing(80, 'shop.Late', 'orders'));
  await storeDeadLetters(store, prod!.id, 'mail.DLT', failing(5, 'shop.Gone', 'mail'));
  await storeDeadLetters(store, staging!.id, 'orders.DLT', failing(80, 'shop.Late', 'orders'));

  for (const filter of [{ errorClass: 'shop.Late' }, { topic: 'orders.DLT', cluster: 'prod' }, { originTopic: 'orders' }, { errorClass: 'shop.Late', cluster: 'staging' }, { errorClass: 'shop.Late', state: 'new' as const }, { search: 'shop.Late' }, { search: 'shop.Late', cluster: 'prod' }]) {
    const { items, total } = await listDeadLetters(store, deadLettersQuerySchema.parse({ limit: 500, ...filter }));
    const expected = 'cluster' in filter ? 80 : 160;
    assert.equal(items.length, expected, JSON.stringify(filter));
    assert.equal(total, expected, JSON.stringify(filter));
    assert.ok(items.every((item) => item.error.class === 'shop.Late' && (!('cluster' in filter) || item.cluster === filter.cluster)), JSON.stringify(filter));
    const facets = await listDeadLetterFacets(store, deadLetterFilterSchema.parse(filter));
    assert.deepEqual(facets.filter((facet) => facet.name === 'errorClass').map(({ value, count }) => [value, count]), [['shop.Late', expected]], JSON.stringify(filter));
  }
});

test('over 20,000 failures under a filter are all counted and listed', async (t) => {
  const store = await testStore(t);
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  const [topic] = await store.query<{ id: number }>(`insert into topic (cluster_id, name, kafka_topic_id, partition_count, role) values ($1, 'orders.DLT', 'id', 1, 'dead-letter') returning id`, [clusterId]);
  const FAILURES = 20_500;
  // The last failure has a row more, of another state and another origin.
  await store.execute(
    `insert into dead_letter (topic_id, partition, "offset", cluster_id, error_class, error_message, failure_id, state, origin_topic, words)
     select $1, 0, n, $2, 'shop.Late', 'too late', '1-3-' || least(n, $3), case when n > $3 then 'parked' else 'new' end, case when n > $3 then 'mail' else 'orders' end, ('''order' || n || '''')::tsvector from generate_series(1, $3 + 1) n`,
    [topic!.id, clusterId, FAILURES],
  );
  await store.execute(`insert into failure (id, cluster_id, version, error_class, message, sample_topic_id, sample_partition, sample_offset, count, first_seen_at, last_seen_at) select failure_id, $1, 3, 'shop.Late', 'too late', $2, 0, min("offset"), count(*), now(), now() from dead_letter group by 1`, [clusterId, topic!.id]);
  await store.execute(`insert into dead_letter (topic_id, partition, "offset", cluster_id, error_class, failure_id, words) values ($1, 0, 99999, $2, 'shop.Other', '1-3-other', '''late7''')`, [topic!.id, clusterId]);
  await store.execute(`insert into failure (id, cluster_id, version, error_class, sample_topic_id, sample_partition, sample_offset, count, first_seen_at, last_seen_at) values ('1-3-other', $1, 3, 'shop.Other', $2, 0, 99999, 1, now(), now())`, [clusterId, topic!.id]);
  await recount(store);
  await store.execute('analyze');

  const ask = async (filter: object) => listDeadLetters(store, deadLettersQuerySchema.parse({ limit: 3, ...filter }));
  const offsets = async (filter: object) => (await ask(filter)).items.map((item) => Number(item.offset));
  for (const [filter, total, newest] of [
    [{ errorClass: 'shop.Late' }, FAILURES + 1, [20_501, 20_500, 20_499]],
    [{ search: 'late' }, FAILURES + 2, [99_999, 20_501, 20_500]],
    [{ search: 'too late' }, FAILURES + 1, [20_501, 20_500, 20_499]],
    [{ search: 'too late', originTopic: 'orders' }, FAILURES, [20_500, 20_499, 20_498]],
    [{ search: 'too late', state: 'parked' }, 1, [20_501]],
    [{ errorClass: 'shop.Late', originTopic: 'mail' }, 1, [20_501]],
  ] as const) {
    assert.equal((await ask(filter)).total, total, JSON.stringify(filter));
    assert.deepEqual(await offsets(filter), newest, JSON.stringify(filter));
  }
  const facets = await listDeadLetterFacets(store, deadLetterFilterSchema.parse({ search: 'too late' }));
  assert.deepEqual(facets.filter((facet) => facet.name === 'originTopic').map(({ value, count }) => [value, count]), [['orders', FAILURES], ['mail', 1]]);
});
