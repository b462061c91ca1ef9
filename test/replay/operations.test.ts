import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { stripListOf } from '#lib/dead-letter/configured-dialect.ts';
import { headersToStrip } from '#lib/dead-letter/dialects.ts';
import { WaybillError } from '#lib/errors.ts';
import { dryRunReplay } from '#lib/operations/broker/dry-run-replay.ts';
import { cancelReplay } from '#lib/operations/cancel-replay.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { listReplayItems } from '#lib/operations/list-replay-items.ts';
import { listReplays } from '#lib/operations/list-replays.ts';
import { pauseReplay } from '#lib/operations/pause-replay.ts';
import { replayDeadLetters } from '#lib/operations/replay-dead-letters.ts';
import { replayRequestSchema, type WireReplayDetail } from '#lib/operations/replay-wire.ts';
import { resumeReplay } from '#lib/operations/resume-replay.ts';
import { recount } from '#lib/store/dead-letters/add-counts.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { assertExactlyOnce } from './exactly-once.ts';
import { plant } from './fixture.ts';
import { work } from './worker.ts';

const ana = { name: 'ana' };

async function ask(store: Store, body: object, idempotencyKey: string | null = null): Promise<WireReplayDetail> {
  return (await replayDeadLetters(store, { principal: ana, body: replayRequestSchema.parse({ reason: 'provider is back', ...body }), idempotencyKey, approval: { policy: { kind: 'none' }, forMs: 0 } })) as WireReplayDetail;
}

const code = (expected: string) => (error: unknown) => error instanceof WaybillError && error.code === expected;

test('a replay is asked for once: the same key and body answer with the same replay, another body is refused', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 3 });
  const first = await ask(store, { selection: { ids: planted.ids } }, 'key-1');
  assert.deepEqual([first.state, first.queued, first.counts.selected, first.createdBy], ['running', true, 3, 'ana']);
  assert.equal((await ask(store, { selection: { ids: planted.ids } }, 'key-1')).id, first.id);
  await assert.rejects(ask(store, { selection: { ids: planted.ids.slice(1) } }, 'key-1'), code('idempotency-key-reused'));
  const both = await Promise.all([ask(store, { selection: { ids: planted.ids } }, 'key-2'), ask(store, { selection: { ids: planted.ids } }, 'key-2')]);
  assert.equal(both[0].id, both[1].id);
  const audit = await store.query<{ actor: string; action: string; reason: string }>('select actor, action, reason from audit_entry order by id');
  assert.deepEqual(audit, [{ actor: 'ana', action: 'replay.start', reason: 'provider is back' }, { actor: 'ana', action: 'replay.start', reason: 'provider is back' }]);
  await assert.rejects(ask(store, { selection: { ids: ['1-0-999999'] } }), code('not-found'));
  await assert.rejects(ask(store, { selection: { filter: { topic: 'nowhere' } } }), code('selection-empty'));
  assert.equal(replayRequestSchema.safeParse({ selection: { filter: { '__proto__x': '1' } }, reason: 'why not' }).success, false, 'unknown filters are refused, not ignored');
  assert.equal(replayRequestSchema.safeParse({ selection: { ids: planted.ids }, reason: ' ' }).success, false, 'a reason is needed');
});

test('what another replay is sending answers 409 and names it; once more takes the generation that was seen', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 2 });
  const [id] = planted.ids as [string];
  const first = await ask(store, { selection: { ids: [id] }, canary: 1 });
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
  const again = await ask(store, { selection: { ids: [id] } });
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
  assert.deepEqual((await listReplayItems(store, again.id, { limit: 10 })).items.map((one) => [one.state, one.refusal?.code]), [['refused', 'already-replayed']]);
  await assert.rejects(ask(store, { selection: { ids: [{ id, generation: 0 }] } }), (error) => code('replay-conflict')(error) && (error as WaybillError).status === 409);

  const third = await ask(store, { selection: { ids: [{ id, generation: 1 }] } });
  await store.execute(`insert into replay_item (topic_id, partition, "offset", generation, replay_id, state) select topic_id, partition, "offset", 9, $1, 'claimed' from dead_letter where "offset" = 3`, [third.id]);
  await assert.rejects(ask(store, { selection: { ids: [planted.ids[1]!] } }), (error) => code('replay-conflict')(error) && (error as WaybillError).detail['replay'] === third.id);
  assert.deepEqual((await listReplays(store, { limit: 2 })).items.map((one) => one.id), [third.id, again.id]);
  assert.ok(first.id);
});

test('a canary sends its prefix and waits; approved, the rest follows', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 30, dlqPartitions: 2 });
  const { id } = await ask(store, { selection: { filter: { topic: planted.dlq, state: 'new' } }, canary: 4 });
  assert.equal(await work(store, planted.clusterId, { holder: 'w', batchSize: 10 }), 'canary');
  const waiting = await getReplay(store, id);
  assert.deepEqual([waiting.state, waiting.counts.sent], ['canary', 4]);
  await resumeReplay(store, { id, principal: ana });
  assert.equal(await work(store, planted.clusterId, { holder: 'w', batchSize: 10 }), 'finished');
  await assertExactlyOnce(store, planted, id);
});

test('a replay pauses and goes on, or ends, between two batches; what was sent stays sent', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 40 });
  const { id } = await ask(store, { selection: { filter: { topic: planted.dlq } }, rate: 10 });
  let batches = 0;
  const end = await work(store, planted.clusterId, {
    holder: 'w',
    batchSize: 5,
    failpoint: async (point) => {
      if (point === 'committed' && (batches += 1) === 2) await pauseReplay(store, { id, principal: ana, reason: 'hold on' });
    },
  });
  assert.equal(end, 'paused');
  const paused = await getReplay(store, id);
  assert.ok(paused.counts.sent >= 10 && paused.counts.sent < 40, String(paused.counts.sent));
  await assert.rejects(pauseReplay(store, { id, principal: ana }), code('replay-state'));
  await resumeReplay(store, { id, principal: ana });
  await cancelReplay(store, { id, principal: ana, reason: 'enough' });
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'cancelled');
  const cancelled = await getReplay(store, id);
  assert.deepEqual([cancelled.state, cancelled.counts.sent, cancelled.states], ['cancelled', paused.counts.sent, { sent: paused.counts.sent, cancelled: 40 - paused.counts.sent }]);
  const free = await store.query<{ state: string; count: bigint }>('select state, count(*) as count from dead_letter group by 1 order by 1');
  assert.deepEqual(free, [{ state: 'new', count: BigInt(40 - paused.counts.sent) }, { state: 'replayed', count: BigInt(paused.counts.sent) }]);
  const audit = await store.query<{ action: string }>('select action from audit_entry order by id');
  assert.deepEqual(audit.map((one) => one.action), ['replay.start', 'replay.pause', 'replay.resume', 'replay.cancel']);
  await assert.rejects(resumeReplay(store, { id, principal: ana }), code('replay-state'));
});

test('a dry run names refusals, destinations, groups and headers, and sends nothing', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, {
    count: 6,
    targetPartitions: 2,
    targetConfig: { 'max.message.bytes': '2000', 'cleanup.policy': 'compact' },
    letter: (index) => ({ ...(index === 5 ? { value: Buffer.alloc(4_000) } : index === 2 ? { value: null } : {}), headers: [[Buffer.from('correlation-id'), Buffer.from('o')], [Buffer.from('kafka_dlt-exception-message'), Buffer.from('boom')]] }),
  });
  await store.execute(`update dead_letter set dialect = 'spring-kafka'`);
  await store.execute(`update dead_letter set state = 'archived' where "offset" = 0`);
  await recount(store);
  await store.execute(`update dead_letter set origin_topic = null, origin_partition = null where "offset" = 3`);
  await store.execute(`insert into consumer_group (cluster_id, name) values ($1, 'billing')`, [planted.clusterId]);
  await store.execute(`insert into group_partition_offset (group_id, topic_id, partition, committed_offset) select g.id, t.id, 0, 5 from consumer_group g, topic t where t.name = $1`, [planted.target]);
  const broker = createKafkaBroker(openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'dry-run-test' }));
  t.after(() => broker.close());
  const dryRun = (selection: Parameters<typeof dryRunReplay>[0]['selection']) =>
    dryRunReplay({ selection, target: null, partitioning: 'origin', mode: 'exactly-once' }, { store, broker, clusterId: planted.clusterId, headersToStrip, signal: new AbortController().signal });
  const run = await dryRun({ ids: planted.ids.map((id) => ({ id, generation: null })) });
  assert.deepEqual([run.selected, run.examined, run.sendable], [6, 6, 3]);
  assert.equal((await dryRun({ filter: { topic: planted.dlq } })).selected, 5, 'a filter holds what its list shows: nothing that is archived');
  assert.deepEqual(run.refusals.map((one) => one.code), ['archived', 'origin-unknown', 'too-large']);
  assert.match(run.refusals[2]!.text, /larger than .* allows \(max\.message\.bytes 2000\)/);
  assert.deepEqual(run.destinations, [{ topic: planted.target, partition: 0, records: 2 }, { topic: planted.target, partition: 1, records: 1 }]);
  assert.deepEqual(run.groups, [{ group: 'billing', topics: [planted.target] }]);
  assert.deepEqual(run.headersRemoved, ['kafka_dlt-exception-message']);
  assert.deepEqual(run.headersAdded, ['replay-id', 'replay-count', 'traceparent']);
  assert.deepEqual([run.mode, run.modeReason], ['exactly-once', null]);
  assert.match(run.warnings.join(' '), /compacted/);
  assert.match(run.warnings.join(' '), /1 of 3 records is a tombstone \(a null value\)/);
  assert.deepEqual(await store.query('select count(*) as count from replay_item'), [{ count: 0n }]);
});

test('a dry run strips home-made headers as the replay does, and says of how many records it speaks', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 5_200, letter: () => ({ headers: [[Buffer.from('correlation-id'), Buffer.from('o')], [Buffer.from('acme-failed-topic'), Buffer.from('orders')], [Buffer.from('acme-why'), Buffer.from('boom')]] }) });
  await store.execute(`update dead_letter set dialect = 'configured'`);
  const broker = createKafkaBroker(openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'dry-run-test' }));
  t.after(() => broker.close());
  const run = await dryRunReplay(
    { selection: { filter: { topic: planted.dlq } }, target: null, partitioning: 'origin', mode: 'exactly-once' },
    { store, broker, clusterId: planted.clusterId, headersToStrip: stripListOf({ topic: 'acme-failed-topic', errorMessage: 'acme-why' }), signal: new AbortController().signal },
  );
  assert.deepEqual(run.headersRemoved, ['acme-failed-topic', 'acme-why']);
  assert.deepEqual([run.selected, run.examined, run.sendable], [5_200, 5_000, 5_000]);
  assert.match(run.warnings.join(' '), /Only the first 5000 of 5200 records were looked at, in the order they would be sent/);
});

test('only a replay that lacks the rights for transactions and has sent nothing may go on at least once', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 4 });
  const denied = await ask(store, { selection: { ids: planted.ids.slice(0, 2) } });
  await store.execute(`update replay set state = 'needs-decision', last_error = 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED' where id = $1`, [denied.id]);
  await resumeReplay(store, { id: denied.id, principal: ana, mode: 'at-least-once' });
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
  const done = await getReplay(store, denied.id);
  assert.deepEqual([done.mode, done.counts.sent], ['at-least-once', 2]);

  const begun = await ask(store, { selection: { ids: planted.ids.slice(2) }, canary: 1 });
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'canary');
  await assert.rejects(resumeReplay(store, { id: begun.id, principal: ana, mode: 'at-least-once' }), code('replay-mode'));
  await store.execute(`update replay set state = 'needs-decision' where id = $1`, [begun.id]);
  await assert.rejects(resumeReplay(store, { id: begun.id, principal: ana, mode: 'at-least-once' }), code('replay-mode'));
  assert.equal((await getReplay(store, begun.id)).mode, 'exactly-once');
});

test('the rate of a replay that began a moment ago is not spread over a minute', async (t) => {
  const store = await testStore(t);
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  const id = '00000000-0000-4000-8000-000000000001';
  await store.execute(`insert into replay (id, cluster_id, state, selection, snapshot_seq, reason, created_by, started_at, sent) values ($1, $2, 'running', '{"filter":{}}', 1, 'test', 'ana', now() - interval '5 seconds', 100)`, [id, clusterId]);
  await store.execute(`insert into replay_item (topic_id, partition, "offset", generation, replay_id, state, final, sent_at) select 1, 0, n, 1, $1, 'sent', true, now() from generate_series(1, 100) n`, [id]);
  const { ratePerSecond } = await getReplay(store, id);
  assert.ok(ratePerSecond !== null && ratePerSecond > 2, `${ratePerSecond}/s of 100 in a few seconds`);
});
