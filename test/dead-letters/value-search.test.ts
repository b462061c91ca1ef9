import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '#lib/config.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { createToken } from '#lib/operations/create-token.ts';
import { searchValues, searchValuesQuerySchema, whyNoValueSearch, type ValueSearchWire } from '#lib/operations/search-values.ts';
import { testStore } from '#test/harness/database.ts';
import { webUnderTest } from '#test/access/web-context.ts';
import { header, storeDeadLetters } from './fixtures.ts';

const signal = new AbortController().signal;
const ana = { name: 'ana', role: 'viewer' } as const;
const off = { needs: 'viewer' as const, masking: compileMasking([]) };
const letter = (value: Buffer | string | null, error = 'no') => ({ key: null, value: typeof value === 'string' ? Buffer.from(value) : value, headers: [header('error', error), header('original-topic', 'orders'), header('original-partition', '0'), header('original-offset', '7')] });

async function filled(t: { after: (hook: () => unknown) => void }, values: (Buffer | string | null)[]) {
  const store = await testStore(t as never);
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  await storeDeadLetters(store, clusterId, 'orders.DLT', values.map((value) => letter(value)));
  const offsets = (answer: ValueSearchWire) => answer.items.map((item) => Number(item.offset));
  const search = async (value: string, more: object = {}, settings: Parameters<typeof searchValues>[3] = off) => searchValues(store, searchValuesQuerySchema.parse({ value, ...more }), ana, settings, signal);
  return { store, clusterId, search, offsets };
}

test('a text is found in values newest first, whatever the case of its letters, in what is no UTF-8, and as JSON escapes it', async (t) => {
  const { search, offsets } = await filled(t, ['{"city":"Zürich","sku":"AB-4711"}', '{"city":"Z\\u00fcrich"}', Buffer.from([0xff, 0xfe, ...Buffer.from('ab-4711'), 0]), null, '', '100% of a_b\\c']);
  assert.deepEqual(offsets(await search('ab-4711')), [2, 0]);
  assert.deepEqual(offsets(await search('AB-4711')), [2, 0]);
  assert.deepEqual(offsets(await search('zürich')), [1, 0]);
  // Nothing of it is a pattern.
  assert.deepEqual(offsets(await search('100% of')), [5]);
  assert.deepEqual(offsets(await search('a_b\\c')), [5]);
  assert.deepEqual(offsets(await search('%%')), []);
  const none = await search('nowhere');
  assert.deepEqual([none.items, none.nextCursor, none.searched, none.total, none.stopped, none.notSearched, none.partly], [[], null, 6, 6, 'end', { expired: 0, tooLarge: 0 }, 0]);
});

test('it goes on where it stopped, and no row is skipped or found twice', async (t) => {
  const { search, offsets } = await filled(t, Array.from({ length: 25 }, (_, index) => (index % 2 === 0 ? `needle ${index}` : 'hay')));
  const seen: number[] = [];
  let searched = 0;
  let cursor: string | undefined;
  for (let page = 0; page < 10; page++) {
    const answer: ValueSearchWire = await search('needle', { limit: 4, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...offsets(answer));
    searched += answer.searched;
    if (answer.nextCursor === null) break;
    assert.equal(answer.stopped, 'limit');
    cursor = answer.nextCursor;
  }
  assert.deepEqual(seen, Array.from({ length: 13 }, (_, index) => 24 - 2 * index));
  assert.equal(searched, 25);
  await assert.rejects(search('needle', { cursor: 'nonsense' }), { code: 'invalid-cursor' });
});

test('other filters narrow it, and what could not be looked into is counted', async (t) => {
  const large = Buffer.alloc(300_000, 'x');
  large.write('at the head', 0);
  large.write('at the tail', 299_000);
  const { store, clusterId, search, offsets } = await filled(t, [large, 'at the head', Buffer.alloc(1_048_577, 'y'), 'gone at the head']);
  await storeDeadLetters(store, clusterId, 'mail.DLT', [letter('at the head')]);
  await store.execute(`update dead_letter set body_day = null where "offset" = 3`);
  assert.deepEqual(offsets(await search('at the head', { topic: 'orders.DLT' })), [1, 0]);
  assert.deepEqual((await search('at the head', { topic: 'mail.DLT' })).items.map((item) => item.topic), ['mail.DLT']);
  const tail = await search('at the tail');
  assert.deepEqual([tail.items.length, tail.partly, tail.bytesSearched, tail.notSearched, tail.searched, tail.total], [0, 1, 262_144, { expired: 1, tooLarge: 1 }, 5, 5]);
});

test('what masking hides is not found, what it leaves is', async (t) => {
  const { search, offsets } = await filled(t, ['{"card":"4111-secret","city":"Bern"}', 'plain 4111-secret']);
  const masked = { needs: 'viewer' as const, masking: compileMasking([{ topics: ['orders*'], values: ['$.card'] }]) };
  assert.deepEqual(offsets(await search('4111-secret')), [1, 0]);
  assert.deepEqual(offsets(await search('bern', {}, masked)), [0]);
  const hidden = await search('4111-secret', {}, masked);
  assert.ok(!offsets(hidden).includes(0));
  assert.equal(hidden.searched, 2);
  // A rule for another topic hides nothing here.
  assert.deepEqual(offsets(await search('4111-secret', {}, { needs: 'viewer', masking: compileMasking([{ topics: ['mail*'], values: ['$.card'] }]) })), [1, 0]);
});

test('the setting decides who may: a higher role, or nobody', async (t) => {
  const web = await webUnderTest(t, { WAYBILL_VALUE_SEARCH: 'operator' });
  const owner = { kind: 'admin-token', name: 'owner', role: 'administrator', id: null, expiresAt: null } as const;
  const ask = async (role: 'viewer' | 'operator', query: string) => {
    const { token } = await createToken(web.store, { name: `${role} ${query}`, role, expiresAt: null, principal: owner, now: web.clock.now() });
    return (await web.call('GET', '/api/v1/dead-letters/value-search', { headers: { authorization: `Bearer ${token}` }, query })).status;
  };
  assert.deepEqual([await ask('viewer', '?value=abc'), await ask('operator', '?value=abc'), await ask('operator', '?value=a')], [403, 200, 400]);
  assert.equal(whyNoValueSearch('viewer', 'viewer'), null);
  assert.match(whyNoValueSearch('off', 'administrator')!, /turned off/u);
  const setting = (text: string) => loadConfig({ NODE_ENV: 'test', WAYBILL_VALUE_SEARCH: text }, '/nowhere').valueSearch;
  assert.deepEqual([setting(''), setting('off'), setting('administrator')], ['viewer', 'off', 'administrator']);
  assert.throws(() => setting('everybody'), /give viewer, operator, administrator or off/u);
});
