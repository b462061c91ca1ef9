import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getFailure } from '#lib/operations/list-failures.ts';
import { testStore } from '#test/harness/database.ts';
import { createJob, type Planted } from '#test/replay/fixture.ts';
import { header, storeDeadLetters } from './fixtures.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test('a failure says when the broker takes the first row that waits, and when the first stored bytes go, whichever row arrived first', async (t) => {
  const store = await testStore(t);
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  await storeDeadLetters(store, clusterId, 'orders.dlq', Array.from({ length: 7 }, () => ({ key: null, value: Buffer.from('{}'), headers: [header('original-topic', 'orders'), header('error', 'card was declined'), header('error-name', 'CardDeclined')] })));
  const now = new Date();
  const rows = [
    { hours: 30, state: 'new', arrivedDaysAgo: 3 },
    { hours: 5, state: 'failed-again', arrivedDaysAgo: 2 },
    { hours: 1, state: 'processed', arrivedDaysAgo: 9 }, // nobody waits for it
    { hours: -1, state: 'new', arrivedDaysAgo: 4 }, // the broker took it already
    { hours: 2, state: 'new', arrivedDaysAgo: 8 }, // a replay holds it
    { hours: null, state: 'new', arrivedDaysAgo: 5 }, // kept for ever
    { hours: 40, state: 'new', arrivedDaysAgo: 16 } // its bytes are gone,
  ];
  for (const [offset, row] of rows.entries()) {
    const arrived = new Date(now.getTime() - row.arrivedDaysAgo * DAY_MS);
    await store.execute('update dead_letter set state = $2, expires_at = $3, ingested_at = $4 where "offset" = $1', [BigInt(offset), row.state, row.hours === null ? null : new Date(now.getTime() + row.hours * HOUR_MS), arrived]);
  }
  const replayId = await createJob(store, { clusterId, dlq: 'orders.dlq' } as Planted);
  await store.execute(`insert into replay_item (topic_id, partition, "offset", generation, replay_id, state, final) select topic_id, partition, "offset", 1, $1, 'claimed', false from dead_letter where "offset" = 4`, [replayId]);
  const [{ id }] = (await store.query<{ id: string }>('select id from failure')) as [{ id: string }];

  const failure = await getFailure(store, id, now, 14);
  assert.equal(failure?.expiresAt, new Date(now.getTime() + 5 * HOUR_MS).toISOString());
  // Its oldest bytes are of five days ago; whole days go, once their last moment is 14 days old.
  const day = Date.parse(`${new Date(now.getTime() - 5 * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`);
  assert.equal(failure?.bytesExpireAt, new Date(day + 15 * DAY_MS).toISOString());

  await store.execute(`update replay_item set state = 'cancelled', final = true, settled = true`);
  const released = await getFailure(store, id, now, 14);
  assert.equal(released?.expiresAt, new Date(now.getTime() + 2 * HOUR_MS).toISOString(), 'a row that is given back waits again');
  await store.execute(`update dead_letter set state = 'archived'`);
  const nothing = await getFailure(store, id, now, 14);
  assert.deepEqual([nothing?.expiresAt, nothing?.bytesExpireAt], [null, null]);
});
