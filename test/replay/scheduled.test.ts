import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaybillError } from '#lib/errors.ts';
import { cancelReplay } from '#lib/operations/cancel-replay.ts';
import { decideReplay } from '#lib/operations/decide-replay.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { pauseReplay } from '#lib/operations/pause-replay.ts';
import { readSchedule } from '#lib/operations/read-schedule.ts';
import { replayDeadLetters } from '#lib/operations/replay-dead-letters.ts';
import { replayRequestSchema, type WireReplayDetail } from '#lib/operations/replay-wire.ts';
import { resumeReplay } from '#lib/operations/resume-replay.ts';
import { startDueReplays } from '#lib/operations/start-due-replays.ts';
import { acquireReplay } from '#lib/store/replays/hold-replay.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { assertExactlyOnce } from './exactly-once.ts';
import { plant, type Planted } from './fixture.ts';
import { work } from './worker.ts';

const ana = { name: 'ana' };
const code = (expected: string) => (error: unknown) => error instanceof WaybillError && error.code === expected;
const now = new Date();
const inHours = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

async function schedule(store: Store, planted: Planted, startBy: Date | null = null, policy: { kind: 'none' | 'always' } = { kind: 'none' }): Promise<WireReplayDetail> {
  const body = replayRequestSchema.parse({ reason: 'at night', selection: { filter: { topic: planted.dlq } }, startAt: inHours(4).toISOString(), ...(startBy ? { startBy: startBy.toISOString() } : {}) });
  return (await replayDeadLetters(store, { principal: ana, body, idempotencyKey: null, approval: { policy, forMs: 3_600_000 }, schedule: readSchedule(body, now) })) as WireReplayDetail;
}

const takes = async (store: Store, planted: Planted) => (await acquireReplay(store, { holder: 'w', leaseMs: 1, clusterIds: [planted.clusterId], except: [] })) !== null;

test('a scheduled replay waits for its time, and sends what was there when it was asked for, exactly once', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 4 });
  const asked = await schedule(store, planted);
  assert.deepEqual([asked.state, asked.counts.selected, asked.startAt], ['scheduled', 4, inHours(4).toISOString()]);
  await store.execute(`insert into dead_letter (topic_id, partition, "offset", cluster_id, origin_topic, origin_partition, body_day) select topic_id, partition, 999, cluster_id, origin_topic, origin_partition, body_day from dead_letter where "offset" = 0`);
  assert.deepEqual(await startDueReplays(store, inHours(3)), { started: 0, missed: 0 });
  assert.equal(await takes(store, planted), false, 'no worker takes it before its time');
  assert.deepEqual(await Promise.all([startDueReplays(store, inHours(4)), startDueReplays(store, inHours(4))]).then((both) => both[0].started + both[1].started), 1, 'two processes start it once');
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
  await assertExactlyOnce(store, planted, asked.id);
  assert.deepEqual((await getReplay(store, asked.id)).counts.selected, 4);
});

test('missed while Waybill was down it runs late, unless it said how late; then it ends as missed, and the audit trail says so', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 1 });
  const late = await schedule(store, planted);
  const punctual = await schedule(store, planted, inHours(5));
  assert.deepEqual(await startDueReplays(store, inHours(9)), { started: 1, missed: 1 });
  const ran = await getReplay(store, late.id);
  assert.deepEqual([ran.state, ran.queued, ran.events[0]?.kind, ran.events[0]?.detail], ['running', true, 'due', { lateSeconds: 5 * 3_600 }]);
  const missed = await getReplay(store, punctual.id);
  assert.deepEqual([missed.state, missed.events[0]?.kind, missed.counts.sent], ['cancelled', 'missed', 0]);
  assert.deepEqual(await store.query(`select actor, target from audit_entry where action = 'replay.missed'`), [{ actor: 'waybill', target: punctual.id }]);
});

test('it can be ended before its time without a worker, started at once, and not paused', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 1 });
  const first = await schedule(store, planted);
  await assert.rejects(pauseReplay(store, { id: first.id, principal: ana }), code('replay-state'));
  assert.deepEqual([(await cancelReplay(store, { id: first.id, principal: ana })).state, await takes(store, planted)], ['cancelled', false]);
  assert.deepEqual(await startDueReplays(store, inHours(5)), { started: 0, missed: 0 });
  const second = await schedule(store, planted);
  assert.equal((await resumeReplay(store, { id: second.id, principal: ana })).queued, true);
  assert.equal(await takes(store, planted), true);
});

test('one that needs a second person waits for that person first, then for its time', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 1 });
  const asked = await schedule(store, planted, null, { kind: 'always' });
  assert.equal(asked.state, 'awaiting-approval');
  assert.deepEqual(await startDueReplays(store, inHours(5)), { started: 0, missed: 0 });
  assert.equal((await decideReplay(store, 'approve', { id: asked.id, principal: { name: 'bob' } })).state, 'scheduled');
  assert.deepEqual(await startDueReplays(store, inHours(5)), { started: 1, missed: 0 });
});

test('a time that is none is refused with what is wrong with it', () => {
  const read = (body: { startAt?: string; startBy?: string }) => () => readSchedule(body, now);
  assert.throws(read({ startAt: inHours(-1).toISOString() }), code('start-invalid'));
  assert.throws(read({ startAt: inHours(24 * 8).toISOString() }), code('start-invalid'));
  assert.throws(read({ startBy: inHours(1).toISOString() }), code('start-invalid'));
  assert.equal(readSchedule({}, now), null);
});
