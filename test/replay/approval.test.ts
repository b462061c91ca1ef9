import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '#lib/config.ts';
import { WaybillError } from '#lib/errors.ts';
import type { ApprovalPolicy } from '#lib/model/replay.ts';
import { approveReplay } from '#lib/operations/approve-replay.ts';
import { cancelReplay } from '#lib/operations/cancel-replay.ts';
import { declineReplay } from '#lib/operations/decline-replay.ts';
import { endLateApprovals } from '#lib/operations/end-late-approvals.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { listReplays } from '#lib/operations/list-replays.ts';
import { readOverview } from '#lib/operations/overview.ts';
import { replayDeadLetters } from '#lib/operations/replay-dead-letters.ts';
import { replayRequestSchema, type WireReplayDetail } from '#lib/operations/replay-wire.ts';
import { resumeReplay } from '#lib/operations/resume-replay.ts';
import { acquireReplay } from '#lib/store/replays/hold-replay.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { assertExactlyOnce, killAt } from './exactly-once.ts';
import { plant } from './fixture.ts';
import { work } from './worker.ts';

const ana = { name: 'ana' };
const ben = { name: 'ben' };

async function ask(store: Store, selection: object, policy: ApprovalPolicy = { kind: 'always' }, forMs = 60_000): Promise<WireReplayDetail> {
  return (await replayDeadLetters(store, { principal: ana, body: replayRequestSchema.parse({ reason: 'provider is back', selection }), idempotencyKey: null, approval: { policy, forMs } })) as WireReplayDetail;
}

const code = (expected: string) => (error: unknown) => error instanceof WaybillError && error.code === expected;
const taken = (store: Store, clusterId: number) => acquireReplay(store, { holder: 'eager', leaseMs: 1_000, clusterIds: [clusterId], except: [] });

test('a replay that needs a second person is neither claimed nor sent before one approved, then goes out exactly once', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 20 });
  const asked = await ask(store, { filter: { topic: planted.dlq } });
  assert.deepEqual([asked.state, asked.approval?.decision, asked.counts.selected], ['awaiting-approval', null, 20]);
  assert.equal(await taken(store, planted.clusterId), null, 'no worker may take it');
  await assert.rejects(resumeReplay(store, { id: asked.id, principal: ben }), code('replay-state'), 'going on is no approval');
  assert.deepEqual((await listReplays(store, { limit: 10, state: 'awaiting-approval' })).items.map((one) => one.id), [asked.id]);
  assert.deepEqual((await readOverview(store, { cluster: null, now: new Date(), rangeMs: 1 })).needs.flatMap((need) => (need.kind === 'replay' ? [[need.state, need.by]] : [])), [['awaiting-approval', 'ana']]);

  await assert.rejects(approveReplay(store, { id: asked.id, principal: ana }), (error) => code('own-replay')(error) && (error as WaybillError).status === 403);
  const approved = await approveReplay(store, { id: asked.id, principal: ben, reason: 'looked at it' });
  assert.deepEqual([approved.state, approved.queued, approved.approval?.decision, approved.approval?.decidedBy], ['running', true, 'approved', 'ben']);
  await assert.rejects(approveReplay(store, { id: asked.id, principal: ben }), (error) => code('replay-state')(error) && /already approved by ben/.test((error as Error).message));
  await assert.rejects(resumeReplay(store, { id: asked.id, principal: ana, mode: 'at-least-once' }), code('replay-mode'), 'what was approved is exactly once');
  assert.equal(await killAt(store, planted, { holder: 'killed', die: 'before-commit' }), true);
  assert.equal(await work(store, planted.clusterId, { holder: 'next' }), 'finished');
  await assertExactlyOnce(store, planted, asked.id);
  assert.deepEqual(
    (await store.query<{ actor: string; action: string; reason: string | null }>(`select actor, action, reason from audit_entry order by id`)).map((one) => [one.actor, one.action, one.reason]),
    [['ana', 'replay.start', 'provider is back'], ['ben', 'replay.approve', 'looked at it']],
  );
});

test('declined, withdrawn or too late, nothing was claimed and the dead letters are free', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 3 });
  const declined = await ask(store, { ids: planted.ids });
  assert.deepEqual((await declineReplay(store, { id: declined.id, principal: ben, reason: 'the consumer is not mended yet' })).approval?.decision, 'declined');
  const withdrawn = await ask(store, { ids: planted.ids });
  assert.deepEqual((await cancelReplay(store, { id: withdrawn.id, principal: ana })).state, 'cancelled');
  const late = await ask(store, { ids: planted.ids }, { kind: 'always' }, 1);
  await assert.rejects(approveReplay(store, { id: late.id, principal: ben }), code('approval-lapsed'), 'before the collector looked');
  assert.equal(await endLateApprovals(store), 1);
  assert.equal(await endLateApprovals(store), 0);
  const states = await Promise.all([declined, withdrawn, late].map(async ({ id }) => [(await getReplay(store, id)).state, (await getReplay(store, id)).approval?.decision]));
  assert.deepEqual(states, [['cancelled', 'declined'], ['cancelled', null], ['cancelled', 'lapsed']]);
  assert.deepEqual(await store.query('select 1 from replay_item'), []);
  assert.equal(await taken(store, planted.clusterId), null);
  const events = await store.query<{ kind: string; reason: string | null }>(`select kind, detail->>'reason' as reason from replay_event where kind <> 'created' order by id`);
  assert.deepEqual(events, [{ kind: 'declined', reason: 'the consumer is not mended yet' }, { kind: 'cancel-asked', reason: null }, { kind: 'approval-lapsed', reason: null }]);
  assert.deepEqual((await store.query<{ action: string }>(`select action from audit_entry where action not like '%start' order by id`)).map((one) => one.action), ['replay.decline', 'replay.cancel', 'replay.lapse']);
});

test('what is approved is what was asked for: a generation or a row that changed since is refused', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 4 });
  const asked = await ask(store, { filter: { topic: planted.dlq } });
  const fresh = await ask(store, { filter: { topic: planted.dlq, state: 'new' } });
  const other = await ask(store, { ids: [planted.ids[0]!] }, { kind: 'none' });
  await store.execute(`insert into replay_item (topic_id, partition, "offset", generation, replay_id, state) select topic_id, partition, "offset", 1, $1, 'claimed' from dead_letter where "offset" = 0`, [other.id]);
  await assert.rejects(approveReplay(store, { id: asked.id, principal: ben }), (error) => code('replay-conflict')(error) && (error as WaybillError).detail['replay'] === other.id);
  await store.execute('delete from replay_item');
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
  await assert.rejects(approveReplay(store, { id: asked.id, principal: ben }), (error) => code('selection-changed')(error) && /some of its records were replayed/.test((error as Error).message));
  await assert.rejects(approveReplay(store, { id: fresh.id, principal: ben }), (error) => code('selection-changed')(error) && /held 4 records .* holds 3 now/.test((error as Error).message));
  const byId = await ask(store, { ids: [planted.ids[1]!] });
  await store.execute(`update dead_letter set generation = 1 where "offset" = 3`);
  await assert.rejects(approveReplay(store, { id: byId.id, principal: ben }), code('selection-changed'));
  assert.equal((await getReplay(store, byId.id)).state, 'awaiting-approval', 'a refused approval decides nothing');
});

test('of two people who decide at once one is told what the other decided', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 2 });
  const { id } = await ask(store, { ids: planted.ids });
  const ends = await Promise.allSettled([approveReplay(store, { id, principal: ben }), declineReplay(store, { id, principal: { name: 'cyd' }, reason: 'not now' }), approveReplay(store, { id, principal: { name: 'dan' } })]);
  assert.equal(ends.filter((end) => end.status === 'fulfilled').length, 1);
  assert.ok(ends.every((end) => end.status === 'fulfilled' || code('replay-state')(end.reason)));
  assert.equal((await store.query(`select 1 from replay_event where kind in ('approved', 'declined')`)).length, 1);
});

test('whoever made a token cannot approve with it, and a small replay needs nobody', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 3 });
  const mint = (name: string, by: string) => store.execute(`insert into api_token (id, name, hash, role, created_by) values (gen_random_uuid(), $1, decode(md5($1), 'hex'), 'operator', $2)`, [name, by]);
  await mint('helper', 'ana');
  await mint('deep', 'token helper');
  await mint('ben', 'owner');
  const small = await ask(store, { ids: planted.ids.slice(0, 2) }, { kind: 'over', records: 2 });
  assert.deepEqual([small.state, small.approval], ['running', null]);
  const { id } = await ask(store, { ids: planted.ids }, { kind: 'over', records: 2 });
  for (const name of ['token helper', 'token deep']) await assert.rejects(approveReplay(store, { id, principal: { name } }), code('own-replay'));
  assert.equal((await approveReplay(store, { id, principal: { name: 'token ben' } })).approval?.decision, 'approved');
});

test('the policy is read from the environment and refused in a sentence', () => {
  const policy = (text: string) => loadConfig({ NODE_ENV: 'test', WAYBILL_REPLAY_APPROVAL: text }, '/nowhere').replay.approval;
  assert.deepEqual([policy(''), policy('always'), policy('over 1000 records')], [{ kind: 'none' }, { kind: 'always' }, { kind: 'over', records: 1000 }]);
  assert.throws(() => policy('sometimes'), /WAYBILL_REPLAY_APPROVAL is "sometimes": give none, always, or over N records/);
});
