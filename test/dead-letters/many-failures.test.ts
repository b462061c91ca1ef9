import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLetterFilterSchema, deadLettersQuerySchema, listDeadLetterFacets, listDeadLetters } from '#lib/operations/list-dead-letters.ts';
import { webUnderTest } from '#test/access/web-context.ts';
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
