import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testStore } from '#test/harness/database.ts';
import { startKafkaCluster } from '#test/harness/kafka-cluster.ts';
import { assertExactlyOnce } from './exactly-once.ts';
import { createJob, plant } from './fixture.ts';
import { work } from './worker.ts';

test('the broker killed with -9 in the middle of a replay, with a transaction open and right after one: each record is there exactly once', async (t) => {
  const cluster = await startKafkaCluster(t);
  process.env['WAYBILL_TEST_KAFKA'] = cluster.brokers().join(',');
  const store = await testStore(t);
  const planted = await plant(store, { count: 120, dlqPartitions: 2, targetPartitions: 2 });
  const replayId = await createJob(store, planted);
  const kills: string[] = [];
  const passed = { 'before-commit': 0, committed: 0 };
  let back: Promise<void> = Promise.resolve();
  for (let runs = 1; ; runs += 1) {
    const end = await work(store, planted.clusterId, {
      holder: 'w',
      batchSize: 10,
      chunkSize: 33,
      failpoint: async (point) => {
        if (point !== 'before-commit' && point !== 'committed') return;
        passed[point] += 1;
        if (!(point === 'before-commit' && passed[point] === 3) && !(point === 'committed' && passed[point] === 6)) return;
        await cluster.kill(1);
        kills.push(point);
        back = cluster.start(1);
      },
    });
    await back;
    if (end === 'finished') break;
    assert.ok(end === 'again' || end === 'dropped', `the worker ended with ${end}`);
    assert.ok(runs < 20, 'it never comes to its end');
  }
  assert.deepEqual(kills, ['before-commit', 'committed']);
  await assertExactlyOnce(store, planted, replayId);
});
