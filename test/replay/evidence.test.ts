import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { Producer } from '@platformatic/kafka';
import { kafkaClientOptions, openKafka } from '#lib/brokers/kafka/connect.ts';
import { replayGroupName } from '#lib/model/replay.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { cancelReplay } from '#lib/operations/cancel-replay.ts';
import { resumeReplay } from '#lib/operations/resume-replay.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers } from '#test/harness/kafka.ts';
import { assertExactlyOnce, killAt } from './exactly-once.ts';
import { createJob, plant } from './fixture.ts';
import { readCommitted } from './read-committed.ts';
import { work } from './worker.ts';

const config = { name: 'test', brokers: testBrokers() };

function admin(t: TestContext) {
  const kafka = openKafka(config, { clientId: 'evidence-test' });
  t.after(() => kafka.close());
  return kafka.admin;
}

async function killedAfterCommit(t: TestContext) {
  const store = await testStore(t);
  const planted = await plant(store, { count: 30, dlqPartitions: 2, targetPartitions: 2 });
  const replayId = await createJob(store, planted);
  assert.equal(await killAt(store, planted, { holder: 'killed', die: 'committed', after: 1 }), true);
  return { store, planted, replayId };
}

test('where the broker lost the job’s progress the target itself says what was sent', async (t) => {
  const { store, planted, replayId } = await killedAfterCommit(t);
  await admin(t).deleteGroups({ groups: [replayGroupName(replayId)] });
  assert.equal(await work(store, planted.clusterId, { holder: 'next', batchSize: 10 }), 'finished');
  await assertExactlyOnce(store, planted, replayId);
});

test('where another application’s open transaction hides our records nothing is guessed: a person decides', async (t) => {
  const { store, planted, replayId } = await killedAfterCommit(t);
  await admin(t).deleteGroups({ groups: [replayGroupName(replayId)] });
  // It began before ours in the log's eyes: everything after it is not stable.
  const other = new Producer({ ...kafkaClientOptions(config, { clientId: 'other' }), transactionalId: `other-${randomUUID()}`, idempotent: true, producerId: -1n, producerEpoch: -1, retryDelay: 20, retries: 50, timeout: 60_000 });
  t.after(() => other.close(true));
  const transaction = await other.beginTransaction();
  await transaction.send({ messages: [0, 1].map((partition) => ({ topic: planted.target, partition, value: Buffer.from('other') })) });

  assert.equal(await work(store, planted.clusterId, { holder: 'next', scanTimeoutMs: 1_000 }), 'needs-decision');
  const undecided = await getReplay(store, replayId);
  assert.equal(undecided.state, 'needs-decision');
  assert.ok(undecided.counts.needsDecision > 0);
  await assert.rejects(resumeReplay(store, { id: replayId, principal: { name: 'ana' } }), /cannot be proved/);

  await transaction.abort();
  const before = (await readCommitted(testBrokers().join(','), planted.target)).length;
  await resumeReplay(store, { id: replayId, principal: { name: 'ana' }, undecided: 'give-up' });
  assert.equal(await work(store, planted.clusterId, { holder: 'next' }), 'finished');
  assert.deepEqual(await store.query('select count(*) as open from replay_item where not final'), [{ open: 0n }]);
  const after = await getReplay(store, replayId);
  assert.equal((await readCommitted(testBrokers().join(','), planted.target)).length, before + after.counts.sent - undecided.counts.sent, 'nothing that was given up is sent');
});

test('where retention took the evidence nothing is guessed either', async (t) => {
  const { store, planted, replayId } = await killedAfterCommit(t);
  const kafka = admin(t);
  await kafka.deleteGroups({ groups: [replayGroupName(replayId)] });
  const ends = await kafka.listOffsets({ topics: [{ name: planted.target, partitions: [0, 1].map((partitionIndex) => ({ partitionIndex, timestamp: -1n })) }] });
  await kafka.deleteRecords({ topics: [{ name: planted.target, partitions: ends[0]!.partitions.map((at) => ({ partition: at.partitionIndex, offset: at.offset })) }] });
  assert.equal(await work(store, planted.clusterId, { holder: 'next' }), 'needs-decision');
  const items = await store.query<{ why: string }>(`select distinct detail->>'why' as why from replay_item where replay_id = $1 and state = 'needs-decision'`, [replayId]);
  assert.match(items[0]!.why, /no longer holds offset/);
});

test('where the dead-letter topic is gone the job says so, and goes on exactly once when it is there again, or ends', async (t) => {
  const { store, planted, replayId } = await killedAfterCommit(t);
  const kafka = admin(t);
  await kafka.deleteTopics({ topics: [planted.dlq] });
  await eventually(async () => assert.ok(!(await kafka.listTopics()).includes(planted.dlq)));
  assert.equal(await work(store, planted.clusterId, { holder: 'next' }), 'needs-decision');
  assert.match((await getReplay(store, replayId)).lastError ?? '', /-dlq does not exist any more.* Create it again, empty and with as many partitions/);

  await createTopic(planted.dlq, { partitions: 2 });
  await resumeReplay(store, { id: replayId, principal: { name: 'ana' } });
  assert.equal(await work(store, planted.clusterId, { holder: 'next' }), 'finished');
  await assertExactlyOnce(store, planted, replayId);

  const other = await plant(store, { count: 10 });
  const ended = await createJob(store, other);
  assert.equal(await killAt(store, other, { holder: 'killed', die: 'claimed' }), true);
  await kafka.deleteTopics({ topics: [other.dlq] });
  await eventually(async () => assert.ok(!(await kafka.listTopics()).includes(other.dlq)));
  await cancelReplay(store, { id: ended, principal: { name: 'ana' } });
  assert.equal(await work(store, planted.clusterId, { holder: 'next' }), 'cancelled');
});

test('a ledger restored from an older backup is put right from the target, and nothing is sent again (C8)', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, { count: 30, dlqPartitions: 2, targetPartitions: 2 });
  const replayId = await createJob(store, planted);
  assert.equal(await work(store, planted.clusterId, { holder: 'first', batchSize: 10, chunkSize: 12 }), 'finished');
  // The backup was made before the first batch was written down, and before the later chunks were claimed.
  await store.execute(`update replay_item set state = 'claimed', final = false, target_topic = null, sent_partition = null, sent_offset = null, sent_at = null`);
  await store.execute(`delete from replay_item where partition = 1`);
  await store.execute(`update dead_letter set generation = 0, state = 'new' where partition = 1`);
  await store.execute(`update replay set state = 'running', sent = 0, claim_complete = false, claim_cursor = (select jsonb_build_object('topicId', topic_id, 'partition', partition, 'offset', "offset"::text) from replay_item order by topic_id desc, partition desc, "offset" desc limit 1)`);
  assert.equal(await work(store, planted.clusterId, { holder: 'second', batchSize: 10, chunkSize: 12 }), 'finished');
  await assertExactlyOnce(store, planted, replayId);
});
