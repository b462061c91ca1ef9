import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testStore } from '#test/harness/database.ts';
import { assertExactlyOnce, killAt } from './exactly-once.ts';
import { createJob, plant } from './fixture.ts';
import { work } from './worker.ts';

const hard = (index: number) => {
  if (index % 5 === 0) return { value: null };
  if (index % 5 === 1) return { value: Buffer.alloc(0), key: null };
  if (index % 5 === 2) return { key: Buffer.alloc(0), headers: [[Buffer.from('a'), null], [Buffer.from('a'), Buffer.alloc(0)], [Buffer.from('b'), Buffer.from([255, 0])], [Buffer.from('a'), Buffer.from('3')]] as [Buffer, Buffer | null][] };
  return {};
};

test('a job sends its whole selection once, byte for byte and in order', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 120, dlqPartitions: 3, targetPartitions: 2, letter: hard });
  const replayId = await createJob(store, planted);
  assert.equal(await work(store, planted.clusterId, { holder: 'w1', batchSize: 50, chunkSize: 33 }), 'finished');
  await assertExactlyOnce(store, planted, replayId);
});

const points = [
  { die: 'opened', what: 'after it took over, before anything was stored (C1)' },
  { die: 'anchored', what: 'after the intent was anchored, before anything was claimed (C2)' },
  { die: 'claimed', what: 'after a chunk was claimed, before anything of it was sent (C2)' },
  { die: 'before-commit', what: 'between send and commit (C3, C6)', after: 2 },
  { die: 'committed', what: 'after the commit, before the ledger (C5)' },
  { die: 'committed', what: 'after a later commit, before the ledger (C5)', after: 3 },
];
for (const point of points) {
  test(`a worker killed ${point.what} leaves each record exactly once`, async (t) => {
    const store = await testStore(t);
    const planted = await plant(store, { count: 60, dlqPartitions: 2, targetPartitions: 2, letter: hard });
    const replayId = await createJob(store, planted);
    assert.equal(await killAt(store, planted, { holder: 'killed', ...point }), true);
    assert.equal(await work(store, planted.clusterId, { holder: 'next' }), 'finished');
    await assertExactlyOnce(store, planted, replayId);
  });
}

test('a paused worker that wakes after another took over drops the job and spoils nothing (C7)', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 60, dlqPartitions: 2, targetPartitions: 2 });
  const replayId = await createJob(store, planted);
  const asleep = Promise.withResolvers<void>();
  const wake = Promise.withResolvers<void>();
  let commits = 0;
  const paused = work(store, planted.clusterId, {
    holder: 'paused',
    leaseMs: 3_000,
    batchSize: 10,
    failpoint: async (point) => {
      if (point !== 'before-commit' || (commits += 1) !== 3) return;
      asleep.resolve();
      await wake.promise;
    },
  });
  await asleep.promise;
  await store.execute(`update replay set lease_until = now() - interval '1 second' where id = $1`, [replayId]); // its renewals stopped
  const second = work(store, planted.clusterId, { holder: 'second', leaseMs: 10_000 });
  assert.equal(await second, 'finished');
  wake.resolve();
  assert.equal(await paused, 'dropped');
  await assertExactlyOnce(store, planted, replayId);
});

test('what the broker finds too large is refused with the reason and the rest goes out', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 20, dlqPartitions: 2, targetPartitions: 2, targetConfig: { 'max.message.bytes': '3000' }, letter: (index) => (index === 7 || index === 8 ? { value: Buffer.alloc(index === 7 ? 2_950 : 9_000, 'x') } : {}) });
  const replayId = await createJob(store, planted);
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
  await assertExactlyOnce(store, planted, replayId, { refused: 2 });
  const reasons = await store.query<{ refusal: string; detail: Record<string, unknown> }>(`select refusal, detail from replay_item where replay_id = $1 and state = 'refused' order by "offset", partition`, [replayId]);
  assert.deepEqual(reasons.map((one) => one.refusal), ['too-large', 'too-large']);
});

test('two jobs over the same dead letters never send one of them twice', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 40 });
  const first = await createJob(store, planted);
  await createJob(store, planted);
  assert.deepEqual((await Promise.all([work(store, planted.clusterId, { holder: 'a', batchSize: 7, chunkSize: 11 }), work(store, planted.clusterId, { holder: 'b', batchSize: 7, chunkSize: 11 })])).sort(), ['finished', 'finished']);
  const states = await store.query<{ topic: number; letters: bigint; sent: bigint; refused: bigint }>(
    `select count(distinct (partition, "offset")) as letters, count(*) filter (where state = 'sent') as sent, count(*) filter (where refusal in ('already-replaying', 'already-replayed')) as refused from replay_item`,
  );
  assert.deepEqual(states, [{ letters: 40n, sent: 40n, refused: 40n }]);
  assert.ok(first);
});
