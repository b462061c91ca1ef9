import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReplayRef } from '#lib/model/replay.ts';
import { getReplaySummary } from '#lib/operations/get-replay-summary.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import { commit, indexed, replayed } from './followed.ts';

test('a commit makes a record consumed; only dead letters read to an end taken after it make it processed', async (t) => {
  const { store, planted, replayId, follow, states } = await replayed(t, 3);
  await follow();
  assert.deepEqual(await states(), ['sent', 'sent', 'sent'], 'nobody has committed');
  await commit(store, planted, 'billing', 2n);
  await indexed(store, planted, 0n);
  await follow();
  assert.deepEqual(await states(), ['consumed', 'consumed', 'sent'], 'the end was taken before the commit was seen');
  await follow();
  assert.deepEqual(await states(), ['processed', 'processed', 'sent']);
  const [replay] = await store.query<{ processed: bigint }>('select processed from replay where id = $1', [replayId]);
  assert.equal(replay?.processed, 2n);
  const letters = await store.query<{ state: string }>('select state from dead_letter order by "offset"');
  assert.deepEqual(letters.map((one) => one.state), ['processed', 'processed', 'replayed']);
});

test('a record that comes back as a dead letter failed again, with the new error', async (t) => {
  const { store, planted, replayId, follow, states } = await replayed(t, 2);
  await commit(store, planted, 'billing', 2n);
  await indexed(store, planted, 0n);
  const [item] = await store.query<{ offset: bigint; generation: number }>('select "offset", generation from replay_item where replay_id = $1 order by "offset" limit 1', [replayId]);
  const ref = formatReplayRef(replayId, { topicId: planted.dlqTopicId, partition: 0, offset: item!.offset }, item!.generation);
  const comesBack = (offset: bigint, replayRef: string) => store.execute(`insert into dead_letter (topic_id, partition, "offset", cluster_id, replay_ref, error_class, error_message) values ($1, 0, $2, $3, $4, 'TimeoutError', 'again')`, [planted.dlqTopicId, offset, planted.clusterId, replayRef]);
  await comesBack(100n, ref);
  await follow();
  await follow();
  assert.deepEqual(await states(), ['failed-again', 'processed']);
  const [row] = await store.query<{ settled: boolean; detail: { error: object; groups: object[] } }>('select settled, detail from replay_item where replay_id = $1 order by "offset" limit 1', [replayId]);
  assert.deepEqual(row?.detail.error, { class: 'TimeoutError', message: 'again', ref: `${planted.dlqTopicId}-0-100` });
  assert.equal(row?.settled, true);
  assert.deepEqual(await store.query('select processed, failed_again as failed from replay where id = $1', [replayId]), [{ processed: 1n, failed: 1n }]);
  const { text } = await getReplaySummary(store, replayId, { publicUrl: 'https://waybill.example', now: new Date() });
  assert.match(text, /^Replay of 2 dead letters to the topics they came from: 1 processed, 1 failed again\.\nReason: test\n/);
  assert.match(text, /By consumer group:\n- billing: .*1 processed/);
  assert.match(text, /New errors of what failed again:\n- TimeoutError: 1\n/);
  assert.ok(text.includes(`- https://waybill.example/dead-letters/${planted.dlqTopicId}-0-100\nReplay: https://waybill.example/replays/${replayId}\n`));
  const parked = await store.query<{ state: string }>('select state from dead_letter where "offset" = 100');
  assert.deepEqual(parked, [{ state: 'new' }], 'one failed replay is not three');
});

test('a record that came back from its third replay is parked', async (t) => {
  const { store, planted, replayId, follow } = await replayed(t, 2);
  const items = await store.query<{ offset: bigint; generation: number }>('select "offset", generation from replay_item where replay_id = $1 order by "offset"', [replayId]);
  const refs = items.map((item) => formatReplayRef(replayId, { topicId: planted.dlqTopicId, partition: 0, offset: item.offset }, item.generation));
  // The second letter once came back from a replay, the first from a replay of the second, and now a third from a replay of the first.
  await store.execute('update dead_letter set replay_ref = $1 where "offset" = $2', ['00000000-0000-0000-0000-000000000000:1-0-999:1', items[1]!.offset]);
  await store.execute('update dead_letter set replay_ref = $1 where "offset" = $2', [refs[1], items[0]!.offset]);
  await store.execute('insert into dead_letter (topic_id, partition, "offset", cluster_id, replay_ref) values ($1, 0, 100, $2, $3)', [planted.dlqTopicId, planted.clusterId, refs[0]]);
  await follow();
  assert.deepEqual(await store.query('select state from dead_letter where "offset" = 100'), [{ state: 'parked' }]);
});

test('a target that nobody reads is said to have no consumer, and nothing is ever taken for processed', async (t) => {
  const { follow, states } = await replayed(t, 1);
  await follow();
  assert.deepEqual(await states(), ['sent']);
  await follow(130_000);
  assert.deepEqual(await states(), ['no-consumer']);
});

test('a span of another cluster at the same coordinate proves nothing; one of this cluster does', async (t) => {
  const { store, planted, follow, states } = await replayed(t, 1);
  const [item] = await store.query<{ topic: string; partition: number; offset: bigint }>('select target_topic as topic, sent_partition as partition, sent_offset as "offset" from replay_item');
  const other = await store.prisma.cluster.create({ data: { name: 'staging', kafkaClusterId: 'staging' } });
  const now = new Date();
  await ensurePartitions(store, 'span', now, now);
  const span = (clusterId: number) =>
    store.execute(
      `insert into span (day, trace_id, span_id, resource_id, cluster_id, name, kind, start_ns, duration_ns, operation, topic, partition, "offset", group_name, received_at) values ($1::date, $2, $3, 0, $4, 'process', 5, 0, 0, 'process', $5, $6, $7, 'billing', $8)`,
      [now.toISOString().slice(0, 10), Buffer.alloc(16, clusterId), Buffer.alloc(8, clusterId), clusterId, item!.topic, item!.partition, item!.offset, now],
    );
  await span(other.id);
  await follow();
  assert.deepEqual(await states(), ['sent']);
  await span(planted.clusterId);
  await follow();
  assert.deepEqual(await states(), ['consumed']);
});
