import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acquireReplay, renewReplay, ReplayLeaseLost } from '#lib/store/replays/hold-replay.ts';
import { claimItems } from '#lib/store/replays/claim-items.ts';
import { saveSent } from '#lib/store/replays/save-items.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { createJob, plant, type Planted } from './fixture.ts';

const sentOf = (planted: Planted, from: number, to: number) =>
  planted.letters.slice(from, to).map((letter) => ({ topicId: planted.dlqTopicId, partition: letter.partition, offset: letter.offset, generation: 1, targetTopic: planted.target, targetPartition: 0, targetOffset: letter.offset }));

async function claimed(store: Store, count: number) {
  const planted = await plant(store, { count });
  const id = await createJob(store, planted);
  const job = await acquireReplay(store, { holder: 'w', leaseMs: 60_000, clusterIds: [planted.clusterId], except: [] });
  await claimItems(store, job!, 'w', count);
  return { planted, id };
}

test('the ledger counts each record once while the lease is renewed beside it', async (t) => {
  const store = await testStore(t);
  const { planted, id } = await claimed(store, 600);
  let saving = true;
  const renewals = (async () => {
    while (saving) await renewReplay(store, id, 'w', 60_000);
  })();
  for (let at = 0; at < 600; at += 4) await saveSent(store, id, 'w', sentOf(planted, at, at + 4));
  await saveSent(store, id, 'w', sentOf(planted, 0, 50)); // what is written down already is not counted again
  saving = false;
  await renewals;
  assert.deepEqual(await store.query('select sent from replay where id = $1', [id]), [{ sent: 600n }]);
  assert.deepEqual(await store.query(`select state, generation, count(*) as count from dead_letter group by 1, 2`), [{ state: 'replayed', generation: 1, count: 600n }]);
});

test('a worker that lost its job writes nothing down', async (t) => {
  const store = await testStore(t);
  const { planted, id } = await claimed(store, 5);
  await assert.rejects(saveSent(store, id, 'somebody else', sentOf(planted, 0, 5)), ReplayLeaseLost);
  assert.deepEqual(await store.query('select state, count(*) as count from replay_item group by 1'), [{ state: 'claimed', count: 5n }]);
  assert.deepEqual(await store.query('select state, count(*) as count from dead_letter group by 1'), [{ state: 'new', count: 5n }]);
});
