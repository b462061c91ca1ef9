import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Broker } from '#lib/brokers/broker.ts';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { followMemory, followOutcomes } from '#lib/operations/broker/follow-outcomes.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { createJob, plant, type Planted } from './fixture.ts';
import { work } from './worker.ts';

/** A finished replay of `count` dead letters, with what follows it a step at a time and what the collectors of offsets and dead letters would have stored. */
export async function replayed(t: TestContext, count: number) {
  const store = await testStore(t);
  const planted = await plant(store, { count });
  const replayId = await createJob(store, planted);
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
  const broker = createKafkaBroker(openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'outcomes-test' }));
  t.after(() => broker.close());
  const memory = followMemory();
  let nowMs = Date.now();
  const follow = async (passMs = 10) => {
    nowMs += passMs;
    return followOutcomes({ store, brokerOf: () => broker, clusterIds: [planted.clusterId], memory, now: () => new Date(nowMs++), signal: new AbortController().signal });
  };
  const states = async () => (await store.query<{ state: string }>('select state from replay_item where replay_id = $1 order by "offset"', [replayId])).map((one) => one.state);
  return { store, planted, replayId, broker: broker as Broker, follow, states };
}

/** What the offsets collector stores of a group that committed on partition 0 of the target, or of another topic. */
export async function commit(store: Store, planted: Planted, group: string, offset: bigint, topic = planted.target) {
  await store.execute('insert into consumer_group (cluster_id, name) values ($1, $2) on conflict do nothing', [planted.clusterId, group]);
  await store.execute(
    `insert into group_partition_offset (group_id, topic_id, partition, committed_offset, committed_at)
     select g.id, t.id, 0, $3, now() from consumer_group g, topic t where g.name = $1 and t.name = $2
     on conflict (group_id, topic_id, partition) do update set committed_offset = excluded.committed_offset`,
    [group, topic, offset],
  );
}

/** How far partition 0 of the dead-letter topic, or of another one, was read. */
export async function indexed(store: Store, planted: Planted, nextOffset: bigint) {
  await store.execute('insert into dead_letter_position (topic_id, partition, next_offset, last_read_at) values ($1, 0, $2, now()) on conflict (topic_id, partition) do update set next_offset = excluded.next_offset', [planted.dlqTopicId, nextOffset]);
}
