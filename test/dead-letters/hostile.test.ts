import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { getDeadLetter } from '#lib/operations/get-dead-letter.ts';
import { deadLettersQuerySchema, listDeadLetterFacets, listDeadLetters } from '#lib/operations/list-dead-letters.ts';
import { failuresQuerySchema, listFailures } from '#lib/operations/list-failures.ts';
import { previewHeaderMapping } from '#lib/operations/preview-header-mapping.ts';
import { testStore } from '#test/harness/database.ts';
import { header, storeDeadLetters } from './fixtures.ts';

const ASKER = { masking: compileMasking([]), principal: 'ana' };

test('NUL, invalid UTF-8, 10,000 headers, a megabyte of stack and times no calendar knows are stored, listed, counted and shown', async (t) => {
  const store = await testStore(t);
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  const nul = 'a\0b';
  const stack = `a.B: ${nul}\n${'\tat com.shop.F.f(F.java:1)\n'.repeat(40_000)}`;
  const named = (text: string) => ['original-topic', 'original-partition', 'original-offset', 'original-timestamp', 'consumer-group', 'error', 'error-name', 'error-stack', 'correlation-id', 'replay-id'].map((name) => header(name, text));
  const records = [
    { key: Buffer.from(nul), value: Buffer.from(nul), headers: [...named(nul), header(nul, nul)] },
    { key: null, value: null, headers: [...named('o'), header('error-stack', stack), [Buffer.from([0xff, 0xfe]), Buffer.from([0xc3, 0x28])] as [Buffer, Buffer]] },
    { key: null, value: null, headers: [header('original-topic', 'o'), header('error', '\uD800 "x'.repeat(200_000)), header('error-name', 'E'.repeat(5_000))] },
    { key: null, value: null, headers: Array.from({ length: 10_000 }, (_, n) => header(`h${n}`, String(n))) },
    { key: null, value: null, headers: [...named('9223372036854775807')], timestampMs: 9_223_372_036_854_775_807n },
    { key: null, value: null, headers: [...named('-9223372036854775808')], timestampMs: -9_223_372_036_854_775_808n },
    { key: null, value: null, headers: [header('source_topic', 'x'.repeat(1_024)), header('source_offset', '1'), header('source_consumer_group', 'ü'.repeat(512))] },
  ];
  assert.equal(await storeDeadLetters(store, clusterId, 'hostile.DLT', records), records.length);

  const page = await listDeadLetters(store, deadLettersQuerySchema.parse({}));
  assert.equal(page.items.length, records.length);
  assert.equal(page.total, records.length);
  for (const item of page.items) assert.equal((await getDeadLetter(store, item.id, compileMasking([]))).id, item.id);
  assert.equal((await listFailures(store, failuresQuerySchema.parse({}), new Date())).items.reduce((sum, item) => sum + item.count, 0), records.length);
  assert.ok((await listDeadLetterFacets(store, {})).length > 0);
  const [bounds] = await store.query<{ longest: number }>(`select max(greatest(length(error_message), length(error_stack), length(error_class), length(origin_topic), length(origin_group), length(correlation_id), length(words::text)))::int as longest from dead_letter`);
  assert.ok(bounds!.longest <= 131_073, `${bounds!.longest} characters`);
  assert.equal((await previewHeaderMapping(store, { cluster: 'prod', topic: 'hostile.DLT', headers: { topic: 'h1' }, limit: 100 }, ASKER)).mapped, 1);
});

test('a mapping of home-made headers is tried on the newest records and changes none', async (t) => {
  const store = await testStore(t);
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  const mine = { key: null, value: null, headers: [header('failed-topic', 'orders'), header('failed-offset', '41'), header('failure-type', 'shop.X'), header('failure-text', 'no luck')] };
  await storeDeadLetters(store, clusterId, 'mine.DLT', [mine, { key: null, value: null, headers: [header('other', 'x')] }]);
  const preview = await previewHeaderMapping(store, { cluster: 'prod', topic: 'mine.DLT', headers: { topic: 'failed-topic', offset: 'failed-offset', errorClass: 'failure-type', errorMessage: 'failure-text' }, limit: 10 }, ASKER);
  assert.equal(preview.mapped, 1);
  const [other, first] = preview.records;
  assert.deepEqual([first!.now.dialect, first!.mapped.origin.topic, first!.mapped.origin.offset, first!.mapped.origin.partition, first!.mapped.error.class], [null, 'orders', '41', null, 'shop.X']);
  assert.deepEqual(other!.mapped, other!.now);
  assert.match(preview.yaml ?? '', /^deadLetters:\n {2}headers:\n {4}topic: "failed-topic"\n/u);
  assert.deepEqual((await listDeadLetters(store, deadLettersQuerySchema.parse({}))).items.map((item) => item.dialect), [null, null]);
  await assert.rejects(previewHeaderMapping(store, { cluster: 'prod', topic: 'none', headers: { topic: 'x' }, limit: 10 }, ASKER), { code: 'no-dead-letters' });
});
