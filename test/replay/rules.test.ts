import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WaybillError } from '#lib/errors.ts';
import type { ApprovalPolicy } from '#lib/model/replay.ts';
import { formatReplayRef } from '#lib/model/replay.ts';
import { cancelReplay } from '#lib/operations/cancel-replay.ts';
import { decideReplay } from '#lib/operations/decide-replay.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { getReplayRule, listReplayRules } from '#lib/operations/list-replay-rules.ts';
import { replayRuleRequestSchema } from '#lib/operations/replay-rule-wire.ts';
import { runReplayRules } from '#lib/operations/run-replay-rules.ts';
import { deleteReplayRule, setReplayRule } from '#lib/operations/set-replay-rule.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { plant, type Planted } from './fixture.ts';
import { readCommitted } from './read-committed.ts';
import { work } from './worker.ts';

const ana = { name: 'ana' };
const FAILURE = '1-1-declined';
const start = new Date('2026-11-21T10:00:00Z');
const after = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
const code = (expected: string) => (error: unknown) => error instanceof WaybillError && error.code === expected;

/** Dead letters of one failure that arrived at `start`, and its rule. */
async function ruled(t: Parameters<typeof testStore>[0], count: number, limits: object = {}) {
  const store = await testStore(t);
  const planted = await plant(store, { count });
  await store.execute(
    `insert into failure (id, cluster_id, version, error_class, sample_topic_id, sample_partition, sample_offset, count, first_seen_at, last_seen_at) values ($1, $2, 1, 'shop.CardDeclined', $3, 0, 0, $4, $5, $5)`,
    [FAILURE, planted.clusterId, planted.dlqTopicId, count, start],
  );
  await store.execute('update dead_letter set failure_id = $1, ingested_at = $2', [FAILURE, start]);
  const rule = await setReplayRule(store, FAILURE, replayRuleRequestSchema.parse({ reason: 'the provider has hiccups', ...limits }), ana, start);
  const run = (now: Date, policy: ApprovalPolicy = { kind: 'none' }) => runReplayRules(store, { now, approval: { policy, forMs: 3_600_000 }, signal: new AbortController().signal });
  const replays = () => store.query<{ id: string; selected: bigint; state: string }>('select id, selected, state from replay order by created_at, id');
  return { store, planted, rule, run, replays };
}

const finish = (store: Store, planted: Planted) => work(store, planted.clusterId, { holder: 'w' });

test('a rule sends after its delay, at most its number an hour, one replay at a time, exactly once, and in the name of its person', async (t) => {
  const { store, planted, run, replays, rule } = await ruled(t, 5, { maxPerHour: 3 });
  assert.equal(rule.text, 'retry after 10 min, at most 3 times, at most 3 an hour; stop when more than 20 % fail again');
  assert.equal((await run(after(9))).started, 0, 'before the delay');
  const both = await Promise.all([run(after(10)), run(after(10))]);
  assert.equal(both[0].started + both[1].started, 1, 'two collectors ask for one replay');
  const [first] = await replays();
  assert.deepEqual([first?.selected, first?.state], [3n, 'queued']);
  assert.equal((await run(after(90))).started, 0, 'its replay is not over');
  assert.equal(await finish(store, planted), 'finished');
  assert.equal((await run(after(11))).started, 0, 'its hour is full');
  assert.equal((await run(after(71))).started, 1);
  assert.equal(await finish(store, planted), 'finished');
  assert.deepEqual((await replays()).map((one) => one.selected), [3n, 2n]);
  for (const { id } of await replays()) assert.equal((await getReplay(store, id)).counts.refused, 0);
  const seen = await readCommitted(testBrokers().join(','), planted.target);
  assert.deepEqual(seen.map((record) => record.value?.toString()), planted.letters.map((letter) => letter.value?.toString()), 'each is in the target once, in order');
  assert.equal((await run(after(200))).started, 0, 'nothing is left');
  const replay = await getReplay(store, first!.id);
  assert.deepEqual([replay.createdBy, replay.ruleId, replay.reason], ['ana', rule.id, 'Rule: retry after 10 min, at most 3 times, at most 3 an hour; stop when more than 20 % fail again']);
  const lines = await store.query<{ actor: string; action: string }>('select actor, action from audit_entry order by id');
  const byRule = { actor: 'rule "retry CardDeclined" of ana', action: 'replay.start' };
  assert.deepEqual(lines, [{ actor: 'ana', action: 'replay-rule.set' }, byRule, byRule]);
});

test('a rule leaves alone what is archived, parked, held, replayed before, edited, of unknown origin, without bytes, and what came back often enough', async (t) => {
  const { store, planted, run, replays, rule } = await ruled(t, 9, { maxAttempts: 2 });
  const set = (index: number, change: string, params: unknown[] = []) => store.execute(`update dead_letter set ${change} where "offset" = ${3 * index}`, params);
  const { dlqTopicId: topicId, clusterId } = planted;
  const replay = async (edited: boolean) => {
    const id = crypto.randomUUID();
    await store.execute(`insert into replay (id, cluster_id, state, selection, snapshot_seq, reason, created_by) values ($1, $2, 'finished', '{"ids": []}', 0, 'earlier', 'bob')`, [id, clusterId]);
    if (edited) await store.execute(`insert into replay_edit (replay_id, topic_id, partition, "offset", changed, edited_by, header_names, header_values) values ($1, $2, 0, 3000, '{value}', 'bob', '{}', '{}')`, [id, topicId]);
    return id;
  };
  const ref = async (index: number, edited = false) => formatReplayRef(await replay(edited), { topicId, partition: 0, offset: BigInt(3 * index) }, 1);
  await set(0, `state = 'archived'`);
  await set(1, `state = 'parked'`);
  await set(2, 'origin_topic = null');
  await set(3, 'body_day = null');
  await store.prisma.replayItem.create({ data: { topicId, partition: 0, offset: 12n, generation: 1, replayId: await replay(false), state: 'cancelled', final: true, settled: true } });
  await set(5, 'replay_ref = $1', [await ref(1_000)]); // once: may go
  await set(6, 'replay_ref = $1', [await ref(5)]); // twice
  await set(7, 'replay_ref = $1', [await ref(1_000, true)]);
  assert.equal((await run(after(10))).started, 1);
  const [asked] = await replays().then((all) => all.filter((one) => one.state === 'queued'));
  const [row] = await store.query<{ selection: { ids: { id: string }[] } }>('select selection from replay where id = $1', [asked!.id]);
  assert.deepEqual(row?.selection.ids.map((one) => one.id), [planted.ids[5], planted.ids[8]]);
  assert.equal((await getReplayRule(store, FAILURE, after(10))).openReplayId, asked!.id);
  assert.equal(rule.state, 'on');
});

test('a rule stops itself when more fails again than it may, ends its replay, says so, and goes on only when a person turns it on', async (t) => {
  const { store, run, replays } = await ruled(t, 8, { maxPerHour: 6, stopPercent: 50 });
  await run(after(10));
  const [first] = await replays();
  await store.execute(`update replay set state = 'finished', sent = 6, processed = 3, failed_again = 3 where id = $1`, [first!.id]);
  assert.deepEqual(await run(after(75)), { rules: 1, started: 1, stopped: 0, failed: 0 }, 'half may fail');
  await store.execute('update replay set processed = 2, failed_again = 4 where id = $1', [first!.id]);
  assert.equal((await run(after(76))).stopped, 1);
  const stopped = await getReplayRule(store, FAILURE, after(76));
  assert.deepEqual([stopped.state, stopped.stoppedWhy, stopped.stoppedAt], ['stopped', '4 of 6 records failed again, more than the 50 % it may.', after(76).toISOString()]);
  const [, second] = await replays();
  assert.deepEqual(await store.query('select wanted from replay where id = $1', [second!.id]), [{ wanted: 'cancel' }]);
  assert.deepEqual(await store.query(`select actor, reason from audit_entry where action = 'replay-rule.stop'`), [{ actor: 'rule "retry CardDeclined" of ana', reason: stopped.stoppedWhy }]);
  assert.equal((await run(after(500))).rules, 0);
  assert.equal((await listReplayRules(store, after(500))).items[0]?.state, 'stopped');
  await store.execute(`update replay set state = 'cancelled' where id = $1`, [second!.id]);
  await setReplayRule(store, FAILURE, replayRuleRequestSchema.parse({ reason: 'mended' }), { name: 'bob' }, after(600));
  assert.deepEqual([(await run(after(601))).started, (await getReplayRule(store, FAILURE, after(601))).createdBy], [1, 'bob']);
});

test('where replays need a second person a rule asks for one, and a declined or cancelled replay stops it', async (t) => {
  const { store, run, replays } = await ruled(t, 2);
  await run(after(10), { kind: 'always' });
  const [asked] = await replays();
  assert.equal(asked?.state, 'awaiting-approval');
  await assert.rejects(decideReplay(store, 'approve', { id: asked!.id, principal: ana }), code('own-replay'));
  await decideReplay(store, 'decline', { id: asked!.id, principal: { name: 'bob' }, reason: 'not by itself' });
  assert.equal((await run(after(20), { kind: 'always' })).stopped, 1);
  assert.equal((await getReplayRule(store, FAILURE, after(20))).stoppedWhy, 'bob declined its replay.');
  await setReplayRule(store, FAILURE, replayRuleRequestSchema.parse({ reason: 'once more' }), ana, after(30));
  await run(after(90));
  await cancelReplay(store, { id: (await replays())[1]!.id, principal: { name: 'bob' } });
  await store.execute(`update replay set state = 'cancelled' where wanted = 'cancel'`);
  await run(after(91));
  assert.equal((await getReplayRule(store, FAILURE, after(91))).stoppedWhy, 'bob cancelled its replay.');
});

test('killed between deciding and creating, or right after, nothing is left behind and the next process asks for one replay', async (t) => {
  const { store, run, replays } = await ruled(t, 2);
  for (const die of ['decided', 'created']) {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('rule-child.ts', import.meta.url)), JSON.stringify({ databaseUrl: store.databaseUrl, now: after(10), die })], { stdio: 'inherit' });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    assert.equal(signal, 'SIGKILL', 'it died where it should');
    assert.deepEqual([await replays(), await store.query(`select 1 from audit_entry where action = 'replay.start'`)], [[], []], die);
  }
  assert.equal((await run(after(11))).started, 1);
  assert.equal((await replays()).length, 1);
});

test('a rule is made once per failure, changed by whoever turns it on, and removed; each leaves a line', async (t) => {
  const { store, rule, run } = await ruled(t, 1);
  const changed = await setReplayRule(store, FAILURE, replayRuleRequestSchema.parse({ reason: 'off for the night', state: 'off' }), { name: 'bob' }, after(5));
  assert.deepEqual([changed.id, changed.state, changed.createdBy], [rule.id, 'off', 'bob']);
  assert.equal((await run(after(60))).rules, 0);
  await assert.rejects(setReplayRule(store, 'no-such', replayRuleRequestSchema.parse({ reason: 'try' }), ana, start), code('failure-not-found'));
  assert.equal(replayRuleRequestSchema.safeParse({ reason: 'too often', maxAttempts: 4 }).success, false, 'after three replays a record is parked');
  await deleteReplayRule(store, FAILURE, ana);
  await assert.rejects(deleteReplayRule(store, FAILURE, ana), code('not-found'));
  assert.deepEqual((await store.query<{ action: string }>('select action from audit_entry order by id')).map((line) => line.action), ['replay-rule.set', 'replay-rule.set', 'replay-rule.delete']);
});
