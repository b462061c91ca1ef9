import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FINGERPRINT_VERSION } from '#lib/dead-letter/fingerprint.ts';
import { failuresQuerySchema, listFailures } from '#lib/operations/list-failures.ts';
import { listDeadLetterFacets } from '#lib/operations/list-dead-letters.ts';
import { regroupDeadLetters } from '#lib/operations/regroup-dead-letters.ts';
import { recount } from '#lib/store/dead-letters/add-counts.ts';
import { testStore } from '#test/harness/database.ts';
import { storeCorpora } from './fixtures.ts';

test('rows grouped by an older version are grouped anew in batches, stopped and gone on with, and notes follow where all rows went one way', async (t) => {
  const store = await testStore(t);
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  const total = await storeCorpora(store, clusterId);
  const now = new Date();
  const list = async () => (await listFailures(store, failuresQuerySchema.parse({ limit: 500 }), now)).items.map(({ id, count, errorClass, frame, message, topics, trend }) => ({ id, count, errorClass, frame, message, topics, trend })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const facets = () => listDeadLetterFacets(store, {});
  const truth = { failures: await list(), facets: await facets() };
  assert.ok(truth.failures.length > 10);

  // An older version made others of them: the first two were one, the rest had other ids.
  const [first, second, third] = truth.failures;
  const old = (id: string): string => (id === second!.id ? old(first!.id) : id.replace(`-${FINGERPRINT_VERSION}-`, '-1-'));
  for (const { id } of truth.failures) {
    await store.execute('update dead_letter set failure_id = $2, words = null where failure_id = $1', [id, old(id)]);
    if (id === second!.id) {
      await store.execute(`update failure set count = count + (select count from failure where id = $2) where id = $1`, [old(id), id]);
      await store.execute('delete from failure where id = $1', [id]);
    } else await store.execute(`update failure set id = $2, version = 1, note = case when $1 = $3 then 'split' when $1 = $4 then 'follows' end, owner = case when $1 = $4 then 'ana' end where id = $1`, [id, old(id), first!.id, third!.id]);
  }
  await recount(store);

  const signal = new AbortController().signal;
  let rows = 0;
  let rounds = 0;
  for (let done = false; !done; rounds++) {
    const answer = await regroupDeadLetters(store, { clusterId, now, signal, batchRows: 3, maxBatches: 2 });
    rows += answer.rows;
    done = answer.done;
    const [{ sum } = { sum: 0n }] = await store.query<{ sum: bigint }>('select sum(count)::bigint as sum from failure');
    // The old failure keeps its count until it is let go; no row is ever counted nowhere.
    assert.ok(sum >= BigInt(total));
  }
  assert.ok(rounds > 5, 'it stopped in between');
  assert.equal(rows, total);
  assert.deepEqual(await list(), truth.failures);
  assert.deepEqual(await facets(), truth.facets);
  const notes = await store.query<{ id: string; note: string | null; owner: string | null }>('select id, note, owner from failure where note is not null or owner is not null');
  assert.deepEqual(notes, [{ id: third!.id, note: 'follows', owner: 'ana' }]);
  assert.deepEqual(await store.query(`select target, before ->> 'note' as note from audit_entry where action = 'failure.regroup'`), [{ target: old(first!.id), note: 'split' }]);
  assert.deepEqual(await store.query(`select 1 from setting where key like 'regroup:%'`), []);
  assert.deepEqual(await store.query('select 1 from dead_letter where words is null'), []);
  assert.deepEqual(await regroupDeadLetters(store, { clusterId, now, signal }), { rows: 0, done: true });
});
