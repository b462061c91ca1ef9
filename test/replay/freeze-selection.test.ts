import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recount } from '#lib/store/dead-letters/add-counts.ts';
import { freezeSelection } from '#lib/store/replays/freeze-selection.ts';
import { acquireReplay } from '#lib/store/replays/hold-replay.ts';
import { claimItems } from '#lib/store/replays/claim-items.ts';
import type { ClaimAhead } from '#lib/store/replays/look-ahead.ts';
import { summariseSelection } from '#lib/store/replays/select-dead-letters.ts';
import { storeCorpora } from '#test/dead-letters/fixtures.ts';
import { testStore } from '#test/harness/database.ts';
import { createJob, type Planted } from './fixture.ts';

test('what a selection holds is told by the kept counts as by its rows, and it is claimed whole, once and in order, in chunks of any size', async (t) => {
  const store = await testStore(t);
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  const { id: otherId } = await store.prisma.cluster.create({ data: { name: 'staging', kafkaClusterId: 'def' } });
  await storeCorpora(store, clusterId);
  await storeCorpora(store, otherId);
  await store.execute(`update dead_letter set state = 'archived' where "offset" % 5 = 0 and partition = 0`);
  await recount(store);
  const [row] = await store.query<{ topic: string; failure: string; originTopic: string; originGroup: string; errorClass: string }>(
    `select t.name as topic, d.failure_id as failure, d.origin_topic as "originTopic", d.origin_group as "originGroup", d.error_class as "errorClass" from dead_letter d join topic t on t.id = d.topic_id
     where d.cluster_id = $1 and d.origin_topic is not null and d.origin_group is not null and d.error_class is not null and d.state = 'new' order by d.seq limit 1`,
    [clusterId],
  );
  const { topic, failure, originTopic, originGroup, errorClass } = row!;
  for (const filter of [{}, { topic }, { failure }, { originTopic }, { originGroup }, { errorClass }, { topic, errorClass }, { originTopic, originGroup }, { topic: 'nobody' }, { state: 'new' }, { failure, state: 'archived' }, { search: 'order' }] as Record<string, string>[]) {
    const { snapshotSeq, summary } = await freezeSelection(store, { filter }, clusterId);
    const counted = await summariseSelection(store, { filter }, clusterId, snapshotSeq);
    const what = JSON.stringify(filter);
    assert.equal(summary.count, counted.count, what);
    assert.deepEqual(summary.originTopics.map((one) => `${one.topic} ${one.count}`).toSorted(), counted.originTopics.map((one) => `${one.topic} ${one.count}`).toSorted(), what);
    for (const at of counted.start) {
      const start = summary.start.find((one) => one.topic === at.topic && one.partition === at.partition);
      assert.ok(start && start.offset <= at.offset, `${what}: ${at.topic} p${at.partition} begins at or before its first`);
    }

    const replayId = await createJob(store, { clusterId } as Planted, { selection: { filter } });
    const job = await acquireReplay(store, { holder: 'w', leaseMs: 60_000, clusterIds: [clusterId], except: [] });
    const ahead: ClaimAhead = { keys: [], exhausted: false };
    let claimed = 0;
    for (let at = job!; ; ) {
      const chunk = await claimItems(store, at, 'w', 3, ahead);
      claimed += chunk.claimed + chunk.refused;
      if (chunk.complete) break;
      at = { ...at, claimCursor: chunk.cursor };
    }
    assert.equal(BigInt(claimed), counted.count, what);
    const items = await store.query<{ place: string }>('select topic_id || \' \' || partition || \' \' || "offset" as place from replay_item where replay_id = $1', [replayId]);
    assert.equal(new Set(items.map((one) => one.place)).size, claimed, what);
    await store.execute('delete from replay_item');
    await store.execute('delete from replay');
  }
});

test('what is archived after it was found and before it is claimed is left out', async (t) => {
  const store = await testStore(t);
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  await storeCorpora(store, clusterId);
  const [row] = await store.query<{ failure: string; count: bigint }>('select failure_id as failure, count(*) as count from dead_letter group by 1 order by 2 desc limit 1');
  const replayId = await createJob(store, { clusterId } as Planted, { selection: { filter: { failure: row!.failure } } });
  const job = await acquireReplay(store, { holder: 'w', leaseMs: 60_000, clusterIds: [clusterId], except: [] });
  const ahead: ClaimAhead = { keys: [], exhausted: false };
  const first = await claimItems(store, job!, 'w', 1, ahead);
  const second = await claimItems(store, { ...job!, claimCursor: first.cursor }, 'w', 1, ahead);
  assert.ok(ahead.keys.length > 0 || second.complete, 'the rest was found with it');
  await store.execute(`update dead_letter d set state = 'archived' where failure_id = $1 and not exists (select 1 from replay_item i where i.topic_id = d.topic_id and i.partition = d.partition and i."offset" = d."offset")`, [row!.failure]);
  const rest = await claimItems(store, { ...job!, claimCursor: second.cursor }, 'w', 1_000, ahead);
  assert.deepEqual([rest.claimed, rest.refused, rest.complete], [0, 0, true]);
  assert.deepEqual(await store.query('select count(*) as count from replay_item where replay_id = $1', [replayId]), [{ count: 2n }]);
});
