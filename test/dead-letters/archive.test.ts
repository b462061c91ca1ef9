import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaybillError } from '#lib/errors.ts';
import { archiveDeadLetters } from '#lib/operations/archive-dead-letters.ts';
import { archiveRequestSchema, archiveSchema } from '#lib/operations/archive-wire.ts';
import { getArchive, listArchives, listArchivesQuerySchema } from '#lib/operations/list-archives.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { getDeadLetter } from '#lib/operations/get-dead-letter.ts';
import { deadLettersQuerySchema, listDeadLetterFacets, listDeadLetters } from '#lib/operations/list-dead-letters.ts';
import { listFailures } from '#lib/operations/list-failures.ts';
import { runArchive } from '#lib/operations/run-archive.ts';
import { recount } from '#lib/store/dead-letters/add-counts.ts';
import { shareClaims } from '#lib/store/dead-letters/archive-rows.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { header, storeDeadLetters } from './fixtures.ts';

const ana = { name: 'ana' };
const code = (expected: string) => (error: unknown) => error instanceof WaybillError && error.code === expected;

async function openWith(t: Parameters<typeof testStore>[0], count: number) {
  const store = await testStore(t);
  const clusterId = (await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } })).id;
  const more = (from: number, to: number, error = 'CardDeclined') =>
    storeDeadLetters(store, clusterId, 'orders.dlq', Array.from({ length: to - from }, (_, index) => ({ key: null, value: Buffer.from('{}'), headers: [header('original-topic', 'orders'), header('consumer-group', 'payment'), header('error', `card of order-${from + index}x was declined`), header('error-name', error), header('correlation-id', `order-${from + index}x`)] })));
  await more(0, count);
  const list = async (query: Record<string, unknown> = {}) => listDeadLetters(store, deadLettersQuerySchema.parse({ limit: 500, ...query }));
  const archive = async (body: object, idempotencyKey: string | null = null) => archiveSchema.parse(await archiveDeadLetters(store, { principal: ana, body: archiveRequestSchema.parse({ reason: 'test data of the load test', ...body }), idempotencyKey, now: () => new Date() }));
  const failure = async () => (await listFailures(store, { limit: 10 }, new Date())).items.find((one) => one.errorClass === 'CardDeclined')!;
  const states = async (query: Record<string, string> = {}) => Object.fromEntries((await listDeadLetterFacets(store, query)).filter((facet) => facet.name === 'state').map((facet) => [facet.value, facet.count]));
  return { store, clusterId, more, list, archive, failure, states };
}

test('archived rows leave lists, totals and facets unless they are asked for, stay findable, and come back as what they were', async (t) => {
  const { store, list, archive, states, more } = await openWith(t, 6);
  await more(100, 103, 'Timeout');
  const [first, second] = (await list({ errorClass: 'CardDeclined' })).items;
  await store.execute(`update dead_letter set state = 'parked' where seq = (select max(seq) from dead_letter where error_class = 'CardDeclined')`);
  const done = await archive({ selection: { ids: [first!.id, { id: second!.id, generation: 0 }] } });
  assert.deepEqual([done.state, done.counts.selected, done.counts.changed, done.createdBy], ['finished', 2, 2, 'ana']);

  for (const query of [{}, { failure: first!.failureId }, { originTopic: 'orders' }, { search: 'declined' }, { correlationId: first!.correlationId }, { search: first!.correlationId }]) {
    const page = await list(query);
    assert.ok(!page.items.some((row) => row.id === first!.id || row.id === second!.id), JSON.stringify(query));
    assert.equal(page.total, page.items.length, JSON.stringify(query));
    assert.equal((await states(query as Record<string, string>))['archived'], (query.search ?? query.correlationId) === first!.correlationId ? 1 : 2, JSON.stringify(query));
  }
  assert.equal((await listDeadLetterFacets(store, { cluster: 'prod' })).find((facet) => facet.name === 'errorClass' && facet.value === 'CardDeclined')?.count, 4);
  const archived = await list({ state: 'archived' });
  assert.deepEqual([archived.total, archived.items.map((row) => row.id)], [2, [first!.id, second!.id]]);

  const [entry] = await store.query<{ actor: string; action: string; target: string; reason: string }>('select actor, action, target, reason from audit_entry');
  assert.deepEqual(entry, { actor: 'ana', action: 'dead-letters.archive', target: done.id, reason: 'test data of the load test' });
  const one = await getDeadLetter(store, first!.id, compileMasking([]));
  assert.deepEqual([one.state, one.archivedReason, one.archivings.map(({ verb, createdBy, reason, was }) => [verb, createdBy, reason, was])], ['archived', 'test data of the load test', [['archive', 'ana', 'test data of the load test', 'parked']]]);

  const back = await archive({ verb: 'restore', selection: { filter: { failure: first!.failureId } }, reason: 'they are real after all' });
  assert.deepEqual([back.counts.selected, back.counts.changed], [2, 2]);
  assert.deepEqual([(await getDeadLetter(store, first!.id, compileMasking([]))).state, (await getDeadLetter(store, second!.id, compileMasking([]))).state], ['parked', 'new']);
  assert.deepEqual((await getDeadLetter(store, first!.id, compileMasking([]))).archivings.map((event) => event.verb), ['restore', 'archive']);
  assert.deepEqual([(await list()).total, await states()], [9, { new: 8, parked: 1 }]);
  const kept = () => store.query('select key, count, archived from dead_letter_count order by key');
  const before = await kept();
  await store.transaction((tx) => recount(tx));
  assert.deepEqual(before, await kept(), 'what is kept is what a count of the rows gives');
  await assert.rejects(archive({ verb: 'restore', selection: { filter: { state: 'new' } } }), code('restore-needs-archived'));
  await assert.rejects(archive({ verb: 'restore', selection: { filter: {} } }), code('selection-empty'));
});

test('a failure of which all is archived or processed is handled, and regresses when another one comes', async (t) => {
  const { store, archive, failure, more } = await openWith(t, 4);
  await store.execute(`update dead_letter set state = 'processed', state_at = now() where "offset" = 0`);
  assert.equal((await failure()).state, 'new');
  const done = await archive({ selection: { filter: { failure: (await failure()).id } } });
  assert.deepEqual([done.counts.changed, done.counts.skippedSettled], [3, 1], 'what was processed stays processed');
  assert.deepEqual([(await failure()).state, (await failure()).states], ['quiet', { archived: 3, processed: 1 }]);
  await more(10, 11);
  assert.equal((await failure()).state, 'regressed');
});

test('asked for twice with one key it is one archive, and what arrives after it was asked for is not part of it', async (t) => {
  const { store, archive, failure, more } = await openWith(t, 3);
  const body = { selection: { filter: { failure: (await failure()).id } } };
  const both = await Promise.all([archive(body, 'ana:1'), archive(body, 'ana:1')]);
  assert.equal(both[0].id, both[1].id);
  await more(10, 12);
  assert.equal((await archive(body, 'ana:1')).id, both[0].id);
  await assert.rejects(archive({ selection: { filter: {} } }, 'ana:1'), code('idempotency-key-reused'));
  assert.deepEqual((await failure()).states, { archived: 3, new: 2 });
  assert.equal((await listArchives(store, listArchivesQuerySchema.parse({}))).items.length, 1);
});

test('what a replay holds, or sent with its outcome open, is passed over and counted', async (t) => {
  const { store, clusterId, archive, failure, list } = await openWith(t, 3);
  const replay = await store.prisma.replay.create({ data: { id: crypto.randomUUID(), clusterId, state: 'running', selection: { ids: [] }, snapshotSeq: 0n, reason: 'test', createdBy: 'bob' } });
  const [{ topicId }] = await store.query<{ topicId: number }>('select distinct topic_id as "topicId" from dead_letter') as [{ topicId: number }];
  await store.prisma.replayItem.createMany({ data: [{ topicId, partition: 0, offset: 0n, generation: 1, replayId: replay.id, state: 'claimed' }, { topicId, partition: 0, offset: 1n, generation: 1, replayId: replay.id, state: 'sent', final: true }] });
  const done = await archive({ selection: { filter: { failure: (await failure()).id } } });
  assert.deepEqual([done.counts.changed, done.counts.skippedReplaying], [1, 2]);
  assert.equal((await list({ state: 'archived' })).items[0]!.offset, '2');
});

test('a claim that commits while archiving begins is seen by it: no dead letter is put aside and sent at once', async (t) => {
  const { store, clusterId, archive, failure } = await openWith(t, 2);
  const { id } = await failure();
  const replay = await store.prisma.replay.create({ data: { id: crypto.randomUUID(), clusterId, state: 'running', selection: { ids: [] }, snapshotSeq: 0n, reason: 'test', createdBy: 'bob' } });
  const archiving = await store.transaction(async (tx) => {
    await shareClaims(tx);
    await tx.execute(`insert into replay_item (topic_id, partition, "offset", generation, replay_id, state) select topic_id, partition, "offset", 1, $1, 'claimed' from dead_letter where "offset" = 0`, [replay.id]);
    const asked = archive({ selection: { filter: { failure: id } } });
    await eventually(async () => assert.equal((await store.query(`select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`)).length, 1, 'it waits for the claim'));
    return { asked };
  });
  assert.deepEqual((await archiving.asked).counts, { selected: 2, changed: 1, skippedReplaying: 1, skippedSettled: 0 });
});

test('20,000 rows go in short transactions that an ingest gets in between, and a process that dies half-way leaves the rest to another', async (t) => {
  const { store, failure, archive, more } = await openWith(t, 1);
  await store.execute(
    `insert into dead_letter (topic_id, partition, "offset", cluster_id, origin_topic, origin_group, error_class, failure_id)
     select d.topic_id, 1, n, d.cluster_id, d.origin_topic, d.origin_group, d.error_class, d.failure_id from dead_letter d cross join generate_series(1, 19999) n`,
  );
  await store.transaction((tx) => recount(tx));
  const asked = await archive({ selection: { filter: { failure: (await failure()).id } } });
  assert.equal(asked.state, 'running');
  assert.ok(asked.counts.changed > 0 && asked.counts.changed < 20_000);
  const stop = new AbortController();
  const now = () => new Date();
  const working = runArchive(store, asked.id, { now, maxChunks: 1_000, signal: stop.signal });
  await more(50_000, 50_001);
  assert.equal((await getArchive(store, asked.id)).state, 'running', 'the ingest did not wait for the end');
  stop.abort();
  assert.equal(await working, false);
  await Promise.all([runArchive(store, asked.id, { now, maxChunks: 1_000 }), runArchive(store, asked.id, { now, maxChunks: 1_000 })]);
  const done = await getArchive(store, asked.id);
  assert.deepEqual([done.state, done.counts.changed], ['finished', 20_000]);
  assert.deepEqual((await failure()).states, { archived: 20_000, new: 1 });
  assert.equal((await store.query('select 1 from archive_item')).length, 20_000, 'each once');
});
