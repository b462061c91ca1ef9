import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { formatReplayRef } from '#lib/model/replay.ts';
import { ingestRetryRecords } from '#lib/operations/broker/ingest-retry-records.ts';
import { createTopic, testBrokers } from '#test/harness/kafka.ts';
import { commit, indexed, replayed } from './followed.ts';

/** A retry topic on the real broker, known to the store as the collector of dead letters makes it known, and somebody who writes to it. */
async function addRetryTopic(t: TestContext, { store, planted, broker }: Awaited<ReturnType<typeof replayed>>): Promise<{ retryTopic: string; producer: Producer }> {
  const retryTopic = await createTopic(`${planted.target}-retry-0`);
  const listed = (await broker.listTopics()).find((topic) => topic.name === retryTopic);
  await store.execute(`insert into topic (cluster_id, name, kafka_topic_id, partition_count, role, role_source) values ($1, $2, $3, 1, 'retry', 'pattern')`, [planted.clusterId, retryTopic, listed?.topicId]);
  const producer = new Kafka({ brokers: testBrokers(), logLevel: logLevel.ERROR }).producer();
  await producer.connect();
  t.after(() => producer.disconnect());
  return { retryTopic, producer };
}

test('a replayed record is retrying while it waits on a retry topic, and processed once its last retry was passed and nothing came after it', async (t) => {
  const ground = await replayed(t, 2);
  const { store, planted, replayId, broker, follow, states } = ground;
  const { retryTopic, producer } = await addRetryTopic(t, ground);

  const items = await store.query<{ offset: bigint; generation: number; sentPartition: number; sentOffset: bigint }>('select "offset", generation, sent_partition as "sentPartition", sent_offset as "sentOffset" from replay_item where replay_id = $1 order by "offset"', [replayId]);
  const [first, second] = items;
  const ref = formatReplayRef(replayId, { topicId: planted.dlqTopicId, partition: 0, offset: first!.offset }, first!.generation);
  // The first keeps our header, as frameworks do; the second came from a service that drops it and writes Spring's origin instead.
  const partition = Buffer.alloc(4);
  partition.writeInt32BE(second!.sentPartition);
  const offset = Buffer.alloc(8);
  offset.writeBigInt64BE(second!.sentOffset);
  await producer.send({
    topic: retryTopic,
    messages: [
      { value: 'somebody else’s', headers: { 'kafka_exception-message': 'no origin, no replay' } },
      { value: 'first', headers: { 'replay-id': ref, 'kafka_exception-message': 'later' } },
      { value: 'second', headers: { 'kafka_original-topic': planted.target, 'kafka_original-partition': partition, 'kafka_original-offset': offset } },
    ],
  });
  const read = () => ingestRetryRecords({ store, broker, clusterId: planted.clusterId, dialects: [], now: () => new Date(), signal: new AbortController().signal, maxRunMs: 10_000 });
  const figures = await read();
  assert.deepEqual([figures.records, figures.kept, figures.failing], [3, 2, 0]);
  assert.deepEqual([(await read()).records], [0], 'reading goes on where it ended');

  await commit(store, planted, 'billing', 2n);
  await indexed(store, planted, 0n);
  await follow();
  await follow();
  assert.deepEqual(await states(), ['retrying', 'retrying'], 'the commit past the record says nothing: its retries are read and wait');

  await commit(store, planted, 'billing-retry-0', 2n, retryTopic);
  await follow();
  assert.deepEqual(await states(), ['consumed', 'retrying'], 'the first retry was passed, the second waits');

  // The first failed once more: a later attempt, found before the proof for the earlier one was complete.
  await producer.send({ topic: retryTopic, messages: [{ value: 'first again', headers: { 'replay-id': ref } }] });
  await follow();
  assert.deepEqual(await states(), ['consumed', 'retrying'], 'the retry topic was not read to its end: nothing is proved');
  await read();
  await follow();
  assert.deepEqual(await states(), ['retrying', 'retrying']);

  await commit(store, planted, 'billing-retry-0', 4n, retryTopic);
  await follow();
  assert.deepEqual(await states(), ['consumed', 'consumed']);
  await follow();
  assert.deepEqual(await states(), ['processed', 'processed']);
});

test('a retry topic that was never read to its end proves nothing', async (t) => {
  const ground = await replayed(t, 1);
  const { store, planted, follow, states } = ground;
  const { retryTopic, producer } = await addRetryTopic(t, ground);
  await producer.send({ topic: retryTopic, messages: [{ value: 'unread' }] });
  await commit(store, planted, 'billing', 1n);
  await indexed(store, planted, 0n);
  await follow();
  await follow();
  assert.deepEqual(await states(), ['consumed']);
});
