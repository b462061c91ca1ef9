import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import type { Broker } from '#lib/brokers/broker.ts';
import { openOffsetsCollection } from '#lib/operations/broker/collect-offsets.ts';
import { openTopicsCollection } from '#lib/operations/broker/collect-topics.ts';
import { loadTopicFacts } from '#lib/store/topics/load-topic-facts.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';

describe('what changes seldom about topics', () => {
  const hooks: (() => unknown)[] = [];
  const { signal } = new AbortController();
  let store: Store;
  let broker: Broker;
  let clusterId: number;
  let topic: string;
  let offsets: ReturnType<typeof openOffsetsCollection>;
  const cycle = () => offsets.collect({ now: new Date(), signal });
  const facts = async (name = topic) => (await loadTopicFacts(store, clusterId)).topics.find((one) => one.name === name)!;
  const produce = async (count: number) => {
    const producer = new Kafka({ brokers: testBrokers(), clientId: 'topics-test', logLevel: logLevel.ERROR }).producer();
    await producer.connect();
    await producer.send({ topic, messages: Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: 'x'.repeat(1_000) })) });
    await producer.disconnect();
  };

  before(async () => {
    store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
    broker = createKafkaBroker(openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'topics-test' }));
    topic = await createTopic(uniqueName('facts'), { partitions: 3, config: { 'retention.ms': '7200000', 'cleanup.policy': 'compact,delete' } });
    offsets = openOffsetsCollection({ store, broker, configuredNames: ['test'], intervalMs: 1_000, onIdentified: () => undefined });
    ({ clusterId } = await cycle());
  });
  after(async () => {
    await broker.close();
    for (const hook of hooks) await hook();
  });

  it('are settings, replicas, sizes and the rate between two readings; a reading that found nothing new writes no row of the topic', async () => {
    const topics = openTopicsCollection({ store, broker, clusterId, producersKeptMs: 86_400_000 });
    await topics.collect({ now: new Date(), signal });
    const first = await facts();
    assert.equal(first.config?.['cleanup.policy'], 'compact,delete');
    assert.equal(first.config?.['retention.ms'], '7200000');
    assert.deepEqual([first.replicas?.length, first.in_sync_replicas?.length, first.partition_bytes], [3, 3, [0n, 0n, 0n]]);
    // The end offsets were read once: no rate yet, which is not a rate of 0.
    assert.equal(first.produced_per_second, null);
    await cycle();
    await topics.collect({ now: new Date(), signal });
    const quiet = await facts();
    assert.equal(quiet.produced_per_second, 0);
    await cycle();
    await topics.collect({ now: new Date(Date.now() + 5_000), signal });
    assert.deepEqual(await facts().then(({ changed_at }) => changed_at), quiet.changed_at);
    await produce(500);
    await cycle();
    await topics.collect({ now: new Date(), signal });
    const moved = await facts();
    assert.ok(moved.produced_per_second !== null && moved.produced_per_second > 0);
    assert.equal(moved.end_total, 500n);
    assert.ok(moved.partition_bytes!.reduce<bigint>((sum, bytes) => sum + (bytes ?? 0n), 0n) > 10_000n);
    assert.equal(moved.size_error, null);
  });

  it('survive a restart of the collector: the rate goes on from the stored offsets', async () => {
    const topics = openTopicsCollection({ store, broker, clusterId, producersKeptMs: 86_400_000 });
    await produce(200);
    await cycle();
    await topics.collect({ now: new Date(), signal });
    assert.ok((await facts()).produced_per_second! > 0);
  });

  it('have their settings read every five minutes, those of a new topic at once, and keep them in between', async () => {
    const asked: string[][] = [];
    const watched: Broker = {
      ...broker,
      async describeTopics(options) {
        const snapshot = await broker.describeTopics(options);
        asked.push(snapshot.topics.filter((one) => one.config !== null).map((one) => one.name));
        return snapshot;
      },
    };
    const topics = openTopicsCollection({ store, broker: watched, clusterId, producersKeptMs: 86_400_000 });
    const start = Date.now();
    const read = async (afterMs: number) => {
      await topics.collect({ now: new Date(start + afterMs), signal });
      return asked.at(-1)!;
    };
    assert.ok((await read(0)).includes(topic));
    assert.ok(!(await read(60_000)).includes(topic));
    assert.equal((await facts()).config?.['retention.ms'], '7200000');
    const young = await createTopic(uniqueName('young'));
    await eventually(async () => assert.ok((await read(120_000)).includes(young)));
    assert.ok(!asked.at(-1)!.includes(topic));
    assert.ok((await read(300_000)).includes(topic));
  });

  it('tell the throughput between two readings by topic, also across a restart', async () => {
    const readings = () => store.query<{ records: bigint; written: bigint | null; unknown_topics: number }>('select records, topic_records[array_position(topic_ids, $2)] as written, unknown_topics from cluster_throughput where cluster_id = $1 order by until', [clusterId, topicId]);
    const [{ id: topicId }] = (await store.query<{ id: number }>('select id from topic where name = $1', [topic])) as [{ id: number }];
    const before = (await readings()).length;
    for (const count of [70, 30]) {
      await produce(count);
      await cycle();
      await openTopicsCollection({ store, broker, clusterId, producersKeptMs: 86_400_000 }).collect({ now: new Date(), signal });
    }
    const own = (await readings()).slice(before);
    assert.deepEqual(own.map((row) => row.written), [70n, 30n]);
    // Other tests write to the broker at the same time.
    assert.ok(own.every((row) => row.records >= row.written!));
  });

  it('say "not known" with its reason where the broker refuses sizes or settings, and keep the rest', async () => {
    const refused = { code: 'cluster-authorization-failed', message: 'Cluster authorization failed.', retryable: false };
    const blind: Broker = {
      ...broker,
      async describeTopics(options) {
        const snapshot = await broker.describeTopics(options);
        return { ...snapshot, sizeFailures: new Map([[1, refused]]), topics: snapshot.topics.map((one) => ({ ...one, config: null, configFailure: refused, partitions: one.partitions.map((partition) => ({ ...partition, bytes: null })) })) };
      },
    };
    await openTopicsCollection({ store, broker: blind, clusterId, producersKeptMs: 86_400_000 }).collect({ now: new Date(), signal });
    const stored = await facts();
    assert.deepEqual([stored.config, stored.config_error, stored.partition_bytes], [null, 'Cluster authorization failed.', [null, null, null]]);
    assert.match(stored.size_error ?? '', /Broker 1 does not tell/u);
    const [{ size_bytes }] = (await store.query<{ size_bytes: bigint | null }>('select size_bytes from topic_facts where topic_id = $1', [stored.id])) as [{ size_bytes: bigint | null }];
    assert.equal(size_bytes, null);
  });

  it('go with the topic', async () => {
    const other = await createTopic(uniqueName('gone'));
    const topics = openTopicsCollection({ store, broker, clusterId, producersKeptMs: 86_400_000 });
    // The layout of the cluster is read besides the cycles: a new topic is seen by the next one or the one after.
    const { id } = await eventually(async () => {
      await cycle();
      await topics.collect({ now: new Date(), signal });
      const seen = await facts(other);
      assert.ok(seen, `${other} has facts`);
      return seen;
    });
    const admin = new Kafka({ brokers: testBrokers(), logLevel: logLevel.ERROR }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [other] });
    await admin.disconnect();
    await eventually(async () => {
      await cycle();
      await topics.collect({ now: new Date(), signal });
      assert.deepEqual(await store.query('select 1 from topic_facts where topic_id = $1', [id]), []);
    });
  });
});
