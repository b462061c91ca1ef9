import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testStore } from '#test/harness/database.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { dropAnswers } from './dropping-proxy.ts';
import { assertExactlyOnce } from './exactly-once.ts';
import { createJob, plant } from './fixture.ts';
import { work } from './worker.ts';

const lost = [
  { apiKey: 0, what: 'records were appended (C4)' },
  { apiKey: 28, what: 'progress was added to the transaction' },
  { apiKey: 26, what: 'a transaction was committed' },
];
for (const { apiKey, what } of lost) {
  test(`the answer that ${what} is lost: each record is there exactly once all the same`, async (t) => {
    const store = await testStore(t);
    const planted = await plant(store, { count: 60, dlqPartitions: 2, targetPartitions: 2 });
    const replayId = await createJob(store, planted);
    const [host, port] = testBrokers()[0]!.split(':') as [string, string];
    const proxy = await dropAnswers({ host, port: Number(port) }, apiKey, new Set([2, 3, 6]));
    try {
      // Where the client gives up the job starts over, as the collector would let it.
      for (let runs = 1; (await work(store, planted.clusterId, { holder: 'w', batchSize: 10, chunkSize: 25 })) === 'again'; runs += 1) {
        assert.ok(runs < 10, 'it never comes to its end');
        await store.execute('update replay set lease_until = now() - interval \'1 second\' where id = $1', [replayId]);
      }
      assert.ok(proxy.dropped >= 2, `${proxy.dropped} answers were lost`);
    } finally {
      await proxy.close();
    }
    await assertExactlyOnce(store, planted, replayId);
  });
}
