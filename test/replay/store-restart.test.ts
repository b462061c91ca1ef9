import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensureAllPartitions } from '#lib/store/partitions.ts';
import { ownStore, postmasterOf } from '#test/harness/own-store.ts';
import { assertExactlyOnce } from './exactly-once.ts';
import { createJob, plant } from './fixture.ts';
import { work } from './worker.ts';

test('PostgreSQL killed with -9 in the middle of a replay, twice, and with it ledger entries that did not reach the disk: each record is there exactly once', async (t) => {
  const { store } = (await ownStore(t))!;
  await ensureAllPartitions(store, new Date());
  const planted = await plant(store, { count: 150, dlqPartitions: 2, targetPartitions: 2 });
  const replayId = await createJob(store, planted);
  const kills: number[] = [];
  let commits = 0;
  for (let runs = 1; ; runs += 1) {
    const end = await work(store, planted.clusterId, {
      holder: 'w',
      batchSize: 10,
      chunkSize: 33,
      failpoint: async (point) => {
        if (point !== 'committed') return;
        commits += 1;
        if (commits !== 3 && commits !== 8) return;
        // Committed at the broker, not written down: whatever of the ledger waits for the disk is lost as well.
        const postmaster = await postmasterOf(store);
        if (postmaster === null) return;
        process.kill(postmaster, 'SIGKILL');
        kills.push(postmaster);
      },
    });
    if (end === 'finished') break;
    assert.ok(end === 'again' || end === 'dropped', `the worker ended with ${end}`);
    assert.ok(runs < 20, 'it never comes to its end');
  }
  if (kills.length === 0) return t.skip('which process is the database can only be told on Linux');
  assert.equal(kills.length, 2);
  await assertExactlyOnce(store, planted, replayId);
});
