import assert from 'node:assert/strict';
import { before, after, describe, it } from 'node:test';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { deadLetterListSchema, deadLettersQuerySchema, listDeadLetterFacets, listDeadLetters } from '#lib/operations/list-dead-letters.ts';
import { deadLetterSchema, getDeadLetter, getDeadLetterNeighbours } from '#lib/operations/get-dead-letter.ts';
import { failureListSchema, failuresQuerySchema, listFailures } from '#lib/operations/list-failures.ts';
import { getDeadLetterValue } from '#lib/operations/get-dead-letter-value.ts';
import { dropPartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { header, storeCorpora, storeDeadLetters } from './fixtures.ts';

describe('asking for dead letters', () => {
  const hooks: (() => unknown)[] = [];
  let store: Store;
  let clusterId: number;
  let total: number;
  before(async () => {
    store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
    clusterId = (await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } })).id;
    total = await storeCorpora(store, clusterId);
    assert.ok(total > 60);
  });
  after(async () => {
    for (const hook of hooks) await hook();
  });
  const list = async (query: Record<string, unknown> = {}) => {
    const page = await listDeadLetters(store, deadLettersQuerySchema.parse(query));
    return deadLetterListSchema.parse(JSON.parse(JSON.stringify(page)));
  };

  it('pages through all of them once, newest first', async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({ limit: 7, ...(cursor ? { cursor } : {}) });
      assert.equal(page.total, total);
      ids.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
    } while (cursor);
    assert.equal(ids.length, total);
    assert.equal(new Set(ids).size, total);
    await assert.rejects(list({ cursor: 'rubbish' }), { code: 'invalid-cursor', status: 400 });
    await assert.rejects(list({ cursor: Buffer.from('[{"a":1}]').toString('base64url') }), { code: 'invalid-cursor' });
  });

  it('narrows by topic, origin, group, class, state and words; hostile words match only themselves', async () => {
    assert.ok((await list({ topic: 'shop.orders-dlt' })).items.every((item) => item.topic === 'shop.orders-dlt'));
    assert.equal((await list({ originTopic: 'gift.cards', originGroup: 'gift-api' })).total, 8);
    assert.ok((await list({ errorClass: 'java.lang.NullPointerException' })).total! >= 4);
    assert.equal((await list({ state: 'processed' })).total, 0);
    assert.equal((await list({ search: 'NO SPACE LEFT' })).items.every((item) => item.error.message?.includes('No space left')), true);
    for (const search of ['%', '_', '\\', "'; drop table dead_letter; --", '{"password":{"not":""}}']) assert.equal((await list({ search, topic: 'gift.cards-dlq' })).total, 0, search);
    assert.equal((await list({ cluster: 'other' })).total, 0);
    assert.throws(() => deadLettersQuerySchema.parse({ state: 'whatever' }));
  });

  it('counts what the filter leaves, by each column', async () => {
    const facets = await listDeadLetterFacets(store, { originTopic: 'gift.cards' });
    assert.deepEqual(facets.filter((facet) => facet.name === 'topic'), [{ name: 'topic', value: 'gift.cards-dlq', count: 8 }]);
    assert.deepEqual(facets.filter((facet) => facet.name === 'state'), [{ name: 'state', value: 'new', count: 8 }]);
    assert.equal(facets.filter((facet) => facet.name === 'errorClass').reduce((sum, facet) => sum + facet.count, 0), 8);
  });

  it('gives one with its bytes, headers in order and neighbours in the same list', async () => {
    const page = await list({ topic: 'gift.cards-dlq' });
    const [first, second, third] = page.items;
    const one = deadLetterSchema.parse(JSON.parse(JSON.stringify(await getDeadLetter(store, second!.id, compileMasking([])))));
    assert.equal(one.body, 'stored');
    assert.equal(one.headers.at(-1)?.[0], 'failed-at');
    assert.deepEqual(await getDeadLetterNeighbours(store, second!.id, { topic: 'gift.cards-dlq' }), { previous: first!.id, next: third!.id });
    assert.equal((await getDeadLetterNeighbours(store, page.items.at(-1)!.id, { topic: 'gift.cards-dlq' })).next, null);
    for (const id of ['1-2', '99999-0-0', '1-0-99999999999999999999', 'x', '999999999-0-9999999999999999999']) await assert.rejects(getDeadLetter(store, id, compileMasking([])), { code: 'dead-letter-not-found', status: 404 });
  });

  it('groups them by cause, with what became of the rows', async () => {
    const failures = failureListSchema.parse(JSON.parse(JSON.stringify(await listFailures(store, failuresQuerySchema.parse({ limit: 500 }), new Date()))));
    assert.equal(failures.items.reduce((sum, failure) => sum + failure.count, 0), total);
    const declined = failures.items.find((failure) => failure.topics.includes('gift.cards-dlq') && failure.message?.startsWith('Customer'));
    assert.equal(declined?.count, 2);
    assert.equal(declined?.state, 'new');
    assert.equal(declined?.trend.reduce((sum, count) => sum + count, 0), 2);
    await store.execute(`update dead_letter set state = 'processed', state_at = now() where failure_id = $1`, [declined!.id]);
    const again = async () => (await listFailures(store, failuresQuerySchema.parse({ id: declined!.id }), new Date())).items[0]?.state;
    assert.equal(await again(), 'quiet');
    await store.execute(`update dead_letter set state = 'new', ingested_at = now() + interval '1 second' where failure_id = $1 and seq = (select max(seq) from dead_letter where failure_id = $1)`, [declined!.id]);
    assert.equal(await again(), 'regressed');
  });

  it('tells tombstone, empty value and expired bytes apart', async () => {
    await storeDeadLetters(store, clusterId, 'edge-dlq', [
      { key: null, value: null, headers: [header('x', '1')] },
      { key: null, value: Buffer.alloc(0), headers: [] },
      { key: null, value: Buffer.from('gone'), headers: [] },
    ]);
    const [third, second, first] = (await list({ topic: 'edge-dlq' })).items;
    await assert.rejects(getDeadLetterValue(store, first!.id, { principal: 'ana', masking: compileMasking([]) }), { code: 'tombstone' });
    assert.equal((await getDeadLetterValue(store, second!.id, { principal: 'ana', masking: compileMasking([]) })).bytes.length, 0);
    await dropPartitions(store, 'dead_letter_body', new Date(Date.now() + 5 * 86_400_000));
    const one = await getDeadLetter(store, third!.id, compileMasking([]));
    assert.deepEqual([one.body, one.valueBase64, one.valueBytes], ['expired', null, 4]);
    await store.execute(`update topic set deleted_at = now() where name = 'edge-dlq'`);
    await assert.rejects(getDeadLetterValue(store, third!.id, { principal: 'ana', masking: compileMasking([]) }), { code: 'body-expired', status: 410 });
  });
});
