import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopics } from '#test/harness/kafka.ts';
import { type KafkaCluster, startKafkaCluster } from '#test/harness/kafka-cluster.ts';
import { commitOffsets } from '#test/lag/commit-offsets.ts';
import { clientOf, lags, producerOf, watchCluster, write } from './watch.ts';

const GROUPS = Array.from({ length: 12 }, (_, i) => `billing-${i}`);

describe('a cluster of three real brokers in trouble', () => {
  let cluster: KafkaCluster;
  after(() => cluster?.close());
  before(async () => {
    // Leaderships go back to their own broker within seconds of its return: by default it takes five minutes.
    cluster = await startKafkaCluster(null, { nodes: 3, settings: { 'leader.imbalance.check.interval.seconds': '1', 'leader.imbalance.per.broker.percentage': '0', 'offsets.topic.replication.factor': '2' } });
    await createTopics(cluster.admin, [
      { topic: 'kept', replicaAssignment: [1, 2, 3].map((id, partition) => ({ partition, replicas: [id, (id % 3) + 1, ((id + 1) % 3) + 1] })) },
      { topic: 'single', replicaAssignment: [1, 2, 3].map((id, partition) => ({ partition, replicas: [id] })) },
    ]);
  });

  it('keeps what the living brokers hold exact, what died unknown with its age, and finds the groups again at their new coordinators', async (t) => {
    const store = await testStore(t);
    const kafka = clientOf(t, cluster.config('shop'));
    const producer = await producerOf(t, cluster.brokers());
    for (const topic of ['kept', 'single']) for (const partition of [0, 1, 2]) await write(producer, topic, partition, 10);
    for (const group of GROUPS) for (const topic of ['kept', 'single']) await commitOffsets(kafka, group, topic, new Map([[0, 4n], [1, 4n], [2, 4n]]));
    const watch = watchCluster(t, store, cluster.config('shop'), { requestTimeoutMs: 1_500 });
    await eventually(async () => {
      await watch.cycle();
      assert.deepEqual((await watch.groups()).map((group) => group.lag), GROUPS.map(() => '36'));
    });
    // What no reading may ever say, also while the test waits for another outcome: collected, because waiting forgives.
    const wrong: string[] = [];
    const everybody = async () => {
      await watch.cycle();
      const groups = await watch.groups();
      if (groups.length !== GROUPS.length) wrong.push(`${groups.length} groups are left`);
      // 6 records wait on each of six partitions all the time: no reading may say less or more.
      for (const group of groups) if (group.lag !== '36') wrong.push(JSON.stringify(group));
      return groups;
    };
    const before = await Promise.all(GROUPS.map((group) => watch.group(group)));
    assert.deepEqual(new Set(before.map((group) => group.coordinator)), new Set([1, 2, 3]), 'the groups are spread over the brokers');
    assert.equal((await watch.cluster()).state, 'ok');

    await cluster.kill(3);
    await everybody();
    const orphans = before.filter((group) => group.coordinator === 3).map((group) => group.group);
    await eventually(async () => {
      await everybody();
      for (const name of orphans) {
        const group = await watch.group(name);
        assert.notEqual(group.coordinator, 3);
        assert.deepEqual(lags(group), { 'kept:0': '6', 'kept:1': '6', 'kept:2': '6', 'single:0': '6', 'single:1': '6', 'single:2': 'unknown' });
      }
    }, { timeoutMs: 40_000 });
    const reading = await watch.cluster();
    assert.equal(reading.state, 'partial');
    assert.equal(reading.lastCycle?.partitionsFailed, 1);
    const [orphan = ''] = orphans;
    const lost = (await watch.group(orphan)).partitions.find((p) => p.topic === 'single' && p.partition === 2);
    assert.equal(lost?.endOffset, '10', 'the last good figure stays');
    assert.match(lost?.error ?? '', /leader/);
    assert.ok(Date.parse(lost?.observedAt ?? '') <= Date.now());
    assert.match((await watch.group(orphan)).verdict, /1 partition could not be read/);
    // The others go on exactly.
    await write(await producerOf(t, cluster.brokers()), 'kept', 2, 5);
    await watch.cycle();
    for (const name of GROUPS) assert.equal((await watch.group(name)).partitions.find((p) => p.topic === 'kept' && p.partition === 2)?.lag, '11');
    for (const name of GROUPS) await commitOffsets(kafka, name, 'kept', new Map([[2, 9n]]));

    await cluster.start(3);
    await eventually(async () => {
      const groups = await everybody();
      assert.deepEqual(groups.filter((group) => group.unknownPartitions > 0 || group.stale), []);
      assert.equal((await watch.cluster()).state, 'ok');
    }, { timeoutMs: 40_000 });
    // And its groups come back to it: once more nothing is missed on the way.
    await eventually(async () => {
      await everybody();
      for (const name of orphans) assert.equal((await watch.group(name)).coordinator, 3);
    }, { timeoutMs: 40_000 });
    assert.deepEqual(wrong, []);
  });

  it('takes no group for deleted whose coordinator has no replica left', async (t) => {
    const store = await testStore(t);
    const watch = watchCluster(t, store, cluster.config('shop'), { requestTimeoutMs: 1_500 });
    await eventually(async () => {
      await watch.cycle();
      assert.equal((await watch.cluster()).state, 'ok');
    });
    const before = (await watch.groups()).map((group) => group.group);
    assert.ok(before.length >= GROUPS.length);
    const wrong: string[] = [];
    const look = async () => {
      await watch.cycle();
      const groups = await watch.groups();
      if (groups.length !== before.length) wrong.push(`${groups.length} of ${before.length} groups are left`);
      for (const group of groups) if (group.lag === null || group.lag === '0') wrong.push(JSON.stringify(group));
      return groups;
    };
    await Promise.all([cluster.kill(2), cluster.kill(3)]);
    await eventually(async () => {
      const groups = await look();
      // The dead are out of the metadata: nobody fails to answer any more, and still nobody lists these groups.
      assert.equal((await watch.cluster()).brokers.length, 1);
      const unknown = groups.filter((group) => group.status === 'unknown');
      assert.ok(unknown.length > 0 && unknown.length < before.length, `${unknown.length} unknown`);
      for (const group of unknown) assert.match(group.verdict, /could not be read .*ago: /);
    }, { timeoutMs: 40_000 });
    await Promise.all([cluster.start(2), cluster.start(3)]);
    await eventually(async () => {
      const groups = await look();
      assert.deepEqual(groups.filter((group) => group.stale || group.unknownPartitions > 0), []);
    }, { timeoutMs: 40_000 });
    assert.deepEqual(wrong, []);
  });

  it('goes on with the others while one broker takes connections and does not answer', async (t) => {
    const store = await testStore(t);
    const kafka = clientOf(t, cluster.config('shop'));
    await commitOffsets(kafka, 'hung', 'kept', new Map([[0, 0n], [1, 0n], [2, 0n]]));
    const watch = watchCluster(t, store, cluster.config('shop'), { requestTimeoutMs: 1_500 });
    await eventually(() => watch.cycle());
    const figures = async () => Object.fromEntries((await watch.groups()).map((group) => [group.group, group.lag]));
    const before = await figures();
    // The first of the bootstrap list: whoever only asks that one, hangs with it.
    cluster.freeze(1);
    try {
      await watch.cycle();
      const reading = await watch.cluster();
      assert.equal(reading.state, 'partial');
      assert.match(reading.error ?? '', /2 of 3 brokers answered/);
      assert.deepEqual(await figures(), before);
    } finally {
      cluster.resume(1);
    }
    await eventually(async () => {
      await watch.cycle();
      assert.equal((await watch.cluster()).state, 'ok');
    });
  });
});
