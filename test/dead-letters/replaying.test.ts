import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLettersQuerySchema, listDeadLetterFacets, listDeadLetters } from '#lib/operations/list-dead-letters.ts';
import { recount } from '#lib/store/dead-letters/add-counts.ts';
import { countFailureRows } from '#lib/store/dead-letters/list-failure-rows.ts';
import { readRow } from '#lib/store/dead-letters/read-row.ts';
import { cancelItems } from '#lib/store/replays/save-items.ts';
import { acquireReplay } from '#lib/store/replays/hold-replay.ts';
import { claimItems } from '#lib/store/replays/claim-items.ts';
import { testStore } from '#test/harness/database.ts';
import { createJob, plant } from '#test/replay/fixture.ts';

test('what a replay holds is listed, counted and shown as replaying, and as it was before once the replay lets it go', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 5 });
  await store.execute(`update dead_letter set failure_id = 'f', state = case when "offset" = 0 then 'failed-again' else 'new' end`);
  await recount(store);
  const id = await createJob(store, planted, { selection: { ids: planted.ids.slice(0, 2).map((one) => ({ id: one, generation: null })) } });
  const job = await acquireReplay(store, { holder: 'w', leaseMs: 60_000, clusterIds: [planted.clusterId], except: [] });
  await claimItems(store, job!, 'w', 10);

  const states = async () => {
    const rows = await countFailureRows(store, ['f']);
    return Object.fromEntries(rows.map((row) => [row.state, row.count]));
  };
  assert.deepEqual(await states(), { new: 3, replaying: 2 });
  const listed = async (state: string) => (await listDeadLetters(store, deadLettersQuerySchema.parse({ state }))).items.map((row) => [row.offset, row.state]);
  assert.deepEqual(await listed('replaying'), [['3', 'replaying'], ['0', 'replaying']]);
  assert.deepEqual([(await listed('new')).length, await listed('failed-again')], [3, []]);
  assert.deepEqual((await listDeadLetterFacets(store, {})).filter((facet) => facet.name === 'state').map((facet) => [facet.value, facet.count]), [['new', 3], ['replaying', 2]]);
  assert.equal((await readRow(store, { topicId: planted.dlqTopicId, partition: 0, offset: 0n }))?.state, 'replaying');

  await cancelItems(store, id, 'w');
  assert.deepEqual(await states(), { 'failed-again': 1, new: 4 });
  assert.deepEqual(await listed('replaying'), []);
});
