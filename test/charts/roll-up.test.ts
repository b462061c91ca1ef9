import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { pruneStore } from '#lib/operations/prune-store.ts';
import { rollUpLag } from '#lib/operations/roll-up-lag.ts';
import { rollUpHour } from '#lib/store/lag/roll-up-hour.ts';
import { insertMinutes, type MinuteRow } from '#lib/store/lag/save-minutes.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '../harness/database.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date('2026-11-21T12:30:00Z');
const KEEP = { spans: 7, bodies: 7, charts: 30 };
const live = new AbortController().signal;

function minute(at: string, lagMax: number | null, lagLast: number | null = lagMax, groupId = 1): MinuteRow {
  const big = (value: number | null) => (value === null ? null : BigInt(value));
  return { groupId, minute: new Date(at), lagMax: big(lagMax), lagLast: big(lagLast), secondsMax: lagMax, secondsLast: lagLast, quality: 'exact', producedPerSecond: 10, consumedPerSecond: lagLast, status: lagMax === null ? 'unknown' : 'ok', unknownPartitions: 0, memberCount: 2 };
}

async function stored(t: TestContext, rows: MinuteRow[]): Promise<Store> {
  const store = await testStore(t);
  for (const row of rows) await ensurePartitions(store, 'group_lag_minute', row.minute, row.minute);
  await insertMinutes(store, rows);
  return store;
}

const hours = (store: Store) => store.query<{ group_id: number; hour: Date; lag_max: bigint | null; lag_last: bigint | null; consumed_per_second: number | null; status: string }>('select group_id, hour, lag_max, lag_last, consumed_per_second, status from group_lag_hour order by group_id, hour');
const brief = async (store: Store) => (await hours(store)).map((row) => [row.group_id, row.hour.getUTCHours(), row.lag_max, row.lag_last]);

test('a full hour keeps its spike and its end, the hour under way waits', async (t) => {
  const store = await stored(t, [minute('2026-11-21T10:05:00Z', 40), minute('2026-11-21T10:06:00Z', 9_000, 50), minute('2026-11-21T10:59:00Z', 30), minute('2026-11-21T12:10:00Z', 7)]);
  await rollUpLag(store, NOW, live);
  assert.deepEqual(await brief(store), [[1, 10, 9_000n, 30n]]);
});

test('doing it again changes nothing, and a minute that came late is in the hour the next time', async (t) => {
  const store = await stored(t, [minute('2026-11-21T11:10:00Z', 40)]);
  const justAfter = new Date('2026-11-21T12:01:00Z');
  await rollUpLag(store, justAfter, live);
  const once = await hours(store);
  await rollUpLag(store, justAfter, live);
  assert.deepEqual(await hours(store), once);
  await insertMinutes(store, [minute('2026-11-21T11:59:00Z', 800, 12)]);
  await rollUpLag(store, NOW, live);
  assert.deepEqual(await brief(store), [[1, 11, 800n, 12n]]);
  assert.equal((await rollUpLag(store, NOW, live)).hours, 0, 'an hour nothing can change any more is left alone');
});

test('an hour cut off by a crash is rolled up whole by the next run', async (t) => {
  const store = await stored(t, [minute('2026-11-21T10:05:00Z', 40), minute('2026-11-21T10:05:00Z', 70, 70, 2)]);
  await assert.rejects(
    store.transaction(async (tx) => {
      await ensurePartitions(tx, 'group_lag_hour', NOW, NOW);
      await rollUpHour(tx, new Date('2026-11-21T10:00:00Z'), NOW);
      throw new Error('killed between the rows and the commit');
    }),
  );
  assert.deepEqual(await brief(store), []);
  await rollUpLag(store, NOW, live);
  assert.deepEqual(await brief(store), [[1, 10, 40n, 40n], [2, 10, 70n, 70n]]);
});

test('what stood when the hour began counts for its highest; unknown stays unknown; an hour without a change has no row', async (t) => {
  const store = await stored(t, [minute('2026-11-21T08:50:00Z', 600, 500), minute('2026-11-21T10:30:00Z', 20), minute('2026-11-21T11:00:00Z', null)]);
  await rollUpLag(store, NOW, live);
  assert.deepEqual(await brief(store), [[1, 8, 600n, 500n], [1, 10, 500n, 20n], [1, 11, null, null]]);
  assert.equal((await hours(store)).at(-1)?.status, 'unknown');
});

test('rates are means over the time they held', async (t) => {
  const store = await stored(t, [minute('2026-11-21T10:00:00Z', 0), minute('2026-11-21T10:15:00Z', 100)]);
  await rollUpLag(store, NOW, live);
  assert.equal((await hours(store))[0]?.consumed_per_second, 75);
});

test('minutes go after three days once they are in hours, hours as charts are kept', async (t) => {
  const old = new Date(NOW.getTime() - 5 * DAY);
  const store = await stored(t, [minute(old.toISOString(), 1_234), minute('2026-11-21T10:05:00Z', 1)]);
  for (let round = 0; round < 4; round += 1) assert.deepEqual((await pruneStore(store, KEEP, NOW, live)).problems, []);
  const left = await store.query<{ minute: Date }>('select minute from group_lag_minute order by 1');
  assert.deepEqual(left.map((row) => row.minute.toISOString()), ['2026-11-21T10:05:00.000Z']);
  assert.deepEqual((await brief(store)).map(([, , max]) => max), [1_234n, 1n]);
  await pruneStore(store, { ...KEEP, charts: 2 }, NOW, live);
  assert.equal((await hours(store)).length, 1);
});
