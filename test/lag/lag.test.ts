import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Consumer, deleteTopicsV6 } from '@platformatic/kafka';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import type { Broker } from '#lib/brokers/broker.ts';
import { fetchCommitted } from '#lib/brokers/kafka/fetch-committed.ts';
import { WaybillError } from '#lib/errors.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import { getGroupHistory } from '#lib/operations/get-group-history.ts';
import { listClusterReadings } from '#lib/operations/list-cluster-readings.ts';
import { listGroups } from '#lib/operations/list-groups.ts';
import { renderMetrics } from '#lib/operations/render-metrics.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { testCollection } from './collection.ts';
import { commitOffsets, produce, testKafka, testProducer } from './commit-offsets.ts';
import { describeWithTool } from './kafka-tools.ts';

describe('consumer lag on a real broker', () => {
  it("equals the figures of Kafka's own ConsumerGroupCommand, partition by partition", async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const producer = testProducer(t);
    const topics = [await createTopic(uniqueName('orders'), { partitions: 3 }), await createTopic(uniqueName('payments'), { partitions: 2 })];
    const groups = [uniqueName('billing'), uniqueName('shipping')];
    for (const [i, topic] of topics.entries()) for (let partition = 0; partition < 3 - i; partition += 1) await produce(producer, topic, partition, 10 * (partition + 1));
    await commitOffsets(kafka, groups[0] ?? '', topics[0] ?? '', new Map([[0, 4n], [1, 20n], [2, 0n]]));
    await commitOffsets(kafka, groups[0] ?? '', topics[1] ?? '', new Map([[1, 7n]]));
    await commitOffsets(kafka, groups[1] ?? '', topics[1] ?? '', new Map([[0, 10n], [1, 19n]]));
    const { cycle } = testCollection(t, store);
    await cycle();

    const expected = await describeWithTool('consumer', groups);
    const found = await Promise.all(groups.map((group) => getGroup(store, { cluster: 'test', group, now: new Date() })));
    const rows = found.flatMap((group) => group.partitions.map((p) => ({ group: group.group, topic: p.topic, partition: p.partition, committed: p.committedOffset ?? '-', end: p.endOffset ?? '-', lag: p.lag ?? '-' })));
    const inOrder = (a: { group: string; topic: string; partition: number }, b: typeof a) => a.group.localeCompare(b.group) || a.topic.localeCompare(b.topic) || a.partition - b.partition;
    assert.equal(expected.length, 6);
    assert.deepEqual(rows.toSorted(inOrder), expected.toSorted(inOrder));
    assert.equal(found[0]?.lag, String(6 + 0 + 30 + 13));
  });

  it('reads the same commits from a broker that knows only one group a request', async (t) => {
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    const group = uniqueName('billing');
    await commitOffsets(kafka, group, topic, new Map([[0, 5n], [1, 9n]]));
    const { connection } = await kafka.connections.coordinator('group', group);
    for (const maxVersion of [7, 8, 9] as const) {
      const outcome = (await fetchCommitted(kafka, connection, [group, uniqueName('nobody')], { requests: 0, throttledMs: 0 }, { maxVersion })).get(group);
      assert.deepEqual(outcome, { committed: [{ topic, partitions: [0, 1], offsets: [5n, 9n] }], failure: null }, `OffsetFetch v${maxVersion}`);
    }
  });

  it('shows what an open transaction blocks: the high watermark moves, the last stable offset does not', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('billing');
    await produce(testProducer(t), topic, 0, 50);
    await commitOffsets(kafka, group, topic, new Map([[0, 50n]]));
    const producer = testProducer(t, { transactionalId: uniqueName('tx') });
    const transaction = await producer.beginTransaction();
    await transaction.send({ messages: Array.from({ length: 25 }, (_, i) => ({ topic, partition: 0, key: `t${i}`, value: 'open' })) });
    const { cycle } = testCollection(t, store);
    await cycle();
    const [partition] = (await getGroup(store, { cluster: 'test', group, now: new Date() })).partitions;
    await transaction.abort();
    assert.deepEqual([partition?.endOffset, partition?.lastStableOffset, partition?.lag, partition?.blocked], ['75', '50', '25', '25']);
  });

  it('does not call a group without a commit 0: its lag is unknown', async (t) => {
    const store = await testStore(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('newcomer');
    await produce(testProducer(t), topic, 0, 5);
    const consumer = new KafkaJs({ brokers: testBrokers(), clientId: 'newcomer', logLevel: logLevel.NOTHING }).consumer({ groupId: group });
    t.after(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: false });
    await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
    const { cycle } = testCollection(t, store);
    const found = await eventually(async () => {
      await cycle();
      const detail = await getGroup(store, { cluster: 'test', group, now: new Date() });
      assert.equal(detail.state, 'Stable');
      assert.equal(detail.members, 1);
      return detail;
    });
    assert.equal(found.lag, null);
    assert.equal(found.status, 'unknown');
    assert.match(found.verdict, /never committed/);
    assert.deepEqual(found.memberList[0]?.assignments, [{ topic, partitions: [0] }]);
  });

  it('sees groups of the new consumer protocol (KIP-848) alive, with their members and lag', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    const group = uniqueName('modern');
    await produce(testProducer(t), topic, 1, 9);
    await commitOffsets(kafka, group, topic, new Map([[1, 4n]]));
    const consumer = new Consumer({ clientId: 'modern-client', groupId: group, bootstrapBrokers: testBrokers(), groupProtocol: 'consumer', autocommit: false });
    const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'latest' });
    t.after(async () => {
      await stream.close();
      await consumer.close(true);
    });
    const { cycle } = testCollection(t, store);
    const found = await eventually(
      async () => {
        // Members are read at the end of a cycle: a collection that just began asks for them at once.
        await testCollection(t, store).cycle();
        const detail = await getGroup(store, { cluster: 'test', group, now: new Date() });
        assert.equal(detail.memberList[0]?.assignments[0]?.partitions.length, 2);
        return detail;
      },
      { timeoutMs: 30_000, everyMs: 500 },
    );
    await cycle();
    assert.deepEqual([found.type, found.state, found.members, found.lag], ['consumer', 'Stable', 1, '5']);
    assert.equal(found.memberList[0]?.clientId, 'modern-client');
    assert.equal(found.partitions.find((p) => p.partition === 1)?.member, 'modern-client');
  });

  it('keeps the last good figures with their age when one group and one partition fail, and spoils nothing beside them', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const producer = testProducer(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    const [good, bad] = [uniqueName('good'), uniqueName('bad')];
    await produce(producer, topic, 0, 10);
    await produce(producer, topic, 1, 10);
    for (const group of [good, bad]) await commitOffsets(kafka, group, topic, new Map([[0, 4n], [1, 10n]]));
    let broken = false;
    const wrap = (broker: Broker): Broker => ({
      ...broker,
      async snapshotOffsets(options) {
        const snapshot = await broker.snapshotOffsets(options);
        if (!broken) return snapshot;
        const offsets = snapshot.topics.get(topic);
        offsets?.failures.set(1, { code: 'not-leader-or-follower', message: 'For requests intended only for the leader.', retryable: true });
        return { ...snapshot, groups: snapshot.groups.map((group) => (group.name === bad ? { ...group, committed: null, failure: { code: 'group-authorization-failed', message: 'Not authorized to access group.', retryable: false } } : group)) };
      },
    });
    const { cycle } = testCollection(t, store, { wrap });
    await cycle();
    broken = true;
    await produce(producer, topic, 0, 5);
    const figures = await cycle();
    assert.deepEqual([figures.groupsFailed, figures.partitionsFailed], [1, 1]);

    const now = new Date();
    const healthy = await getGroup(store, { cluster: 'test', group: good, now });
    assert.equal(healthy.partitions[0]?.lag, '11');
    assert.equal(healthy.partitions[1]?.status, 'unknown');
    assert.equal(healthy.partitions[1]?.committedOffset, '10');
    assert.equal(healthy.unknownPartitions, 1);
    assert.notEqual(healthy.status, 'unknown');
    const failing = await getGroup(store, { cluster: 'test', group: bad, now });
    assert.equal(failing.status, 'unknown');
    assert.equal(failing.stale, true);
    assert.match(failing.verdict, /could not be read.*Not authorized/);
    assert.equal(failing.partitions[0]?.committedOffset, '4');
    const [cluster] = (await listClusterReadings(store, { now })).items;
    assert.equal(cluster?.state, 'partial');

    broken = false;
    await cycle();
    const back = await getGroup(store, { cluster: 'test', group: bad, now: new Date() });
    assert.equal(back.stale, false);
    assert.equal(back.lag, '11');
  });

  it('says that the cluster is down and keeps every figure when no broker answers', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('billing');
    await produce(testProducer(t), topic, 0, 10);
    await commitOffsets(kafka, group, topic, new Map([[0, 4n]]));
    let down = false;
    const { cycle } = testCollection(t, store, { wrap: (broker) => ({ ...broker, snapshotOffsets: (options) => (down ? Promise.reject(new Error('connect ECONNREFUSED')) : broker.snapshotOffsets(options)) }) });
    await cycle();
    down = true;
    await assert.rejects(cycle(), /ECONNREFUSED/);
    const soon = new Date();
    const [cluster] = (await listClusterReadings(store, { now: soon })).items;
    assert.equal(cluster?.state, 'down');
    assert.match(cluster?.error ?? '', /ECONNREFUSED/);
    const later = await getGroup(store, { cluster: 'test', group, now: new Date(soon.getTime() + 600_000) });
    assert.deepEqual([later.lag, later.status, later.stale], ['6', 'unknown', true]);
    assert.match(later.verdict, /does not answer/);
    down = false;
    await cycle();
    assert.equal((await listClusterReadings(store, { now: new Date() })).items[0]?.state === 'down', false);
  });

  it('takes a topic that was deleted and recreated for a new one: offsets start at 0 and nothing of the old one is left', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const producer = testProducer(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('billing');
    await produce(producer, topic, 0, 40);
    await commitOffsets(kafka, group, topic, new Map([[0, 30n]]));
    const { cycle } = testCollection(t, store);
    await cycle();
    assert.equal((await getGroup(store, { cluster: 'test', group, now: new Date() })).lag, '10');

    const connection = await kafka.connections.any();
    await deleteTopicsV6.api.async(connection, [{ name: topic }], 10_000);
    await eventually(async () => assert.notEqual((await kafka.connections.metadata({ topics: [topic] })).topics.get(topic)?.errorCode, 0));
    await eventually(async () => void (await createTopic(topic)));
    await eventually(() => produce(testProducer(t), topic, 0, 3));
    await commitOffsets(kafka, group, topic, new Map([[0, 1n]]));
    await eventually(async () => {
      await cycle();
      assert.equal((await getGroup(store, { cluster: 'test', group, now: new Date() })).lag, '2');
    });
    const found = await getGroup(store, { cluster: 'test', group, now: new Date() });
    assert.equal(found.partitions.length, 1);
    assert.notEqual(found.status, 'rewound');
    const incarnations = await store.prisma.topic.findMany({ where: { name: topic }, orderBy: { id: 'asc' } });
    assert.equal(incarnations.length, 2);
    assert.notEqual(incarnations[0]?.deletedAt, null);
    assert.equal(incarnations[1]?.deletedAt, null);
  });

  it('changes no status and no age when the collector is restarted', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('billing');
    await produce(testProducer(t), topic, 0, 10);
    await commitOffsets(kafka, group, topic, new Map([[0, 4n]]));
    // A commit without members: "stopped" as soon as records have waited for half a minute.
    const shift = (ms: number) => (broker: Broker): Broker => ({
      ...broker,
      async snapshotOffsets(options) {
        const snapshot = await broker.snapshotOffsets(options);
        return { ...snapshot, groups: snapshot.groups.map((g) => (g.name === group ? { ...g, type: 'classic' as const } : g)), endsReadAt: snapshot.endsReadAt + ms };
      },
    });
    await testCollection(t, store, { wrap: shift(0) }).cycle();
    await testCollection(t, store, { wrap: shift(60_000) }).cycle();
    const before = await store.prisma.consumerGroup.findFirstOrThrow({ where: { name: group } });
    const partition = () => store.prisma.groupPartitionOffset.findFirstOrThrow({ where: { groupId: before.id } });
    const first = await partition();
    assert.equal(before.status, 'stopped');
    await testCollection(t, store, { wrap: shift(70_000) }).cycle();
    const after = await store.prisma.consumerGroup.findFirstOrThrow({ where: { name: group } });
    assert.deepEqual([after.status, after.statusSince], [before.status, before.statusSince]);
    assert.deepEqual((await partition()).oldestAt, first.oldestAt);
  });

  it('asks the broker how old a backlog is that was there before Waybill', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('billing');
    const old = Date.now() - 7_000_000;
    await testProducer(t).send({ messages: [0, 1, 2, 3, 4].map((i) => ({ topic, partition: 0, key: 'k', value: 'v', timestamp: BigInt(old + i * 1_500_000) })) });
    await commitOffsets(kafka, group, topic, new Map([[0, 1n]]));
    await testCollection(t, store).cycle();
    const now = new Date();
    const [partition] = (await getGroup(store, { cluster: 'test', group, now })).partitions;
    // Record 1 is 5,500 s old; the ladder finds records 0 and 2 or their neighbours around it.
    assert.ok(partition?.lagSeconds !== null && partition !== undefined && partition.lagSeconds >= 3_900 && partition.lagSeconds <= 7_100, `${partition?.lagSeconds}`);
    assert.notEqual(partition.lagSecondsQuality, 'unknown');
  });

  it('refuses a configured name that answers with another cluster id', async (t) => {
    const store = await testStore(t);
    await testCollection(t, store).cycle();
    const other = testCollection(t, store, { wrap: (broker) => ({ ...broker, snapshotOffsets: async (options) => ({ ...(await broker.snapshotOffsets(options)), cluster: { clusterId: 'another-cluster-id', controllerId: null, nodes: [] } }) }) });
    await assert.rejects(other.cycle(), (error: unknown) => error instanceof WaybillError && error.code === 'cluster-mismatch' && error.message.includes('another-cluster-id'));
    assert.equal(await store.prisma.cluster.count(), 1);
    const twin = testCollection(t, store, { name: 'twin', names: ['test', 'twin'] });
    await assert.rejects(twin.cycle(), /same Kafka cluster/);
  });

  it("leaves Waybill's own groups out, and not those that only begin like them", async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const own = `waybill-replay-${uniqueName('job')}`;
    const theirs = uniqueName('waybill-orders');
    for (const group of [own, theirs]) await commitOffsets(kafka, group, topic, new Map([[0, 0n]]));
    await testCollection(t, store).cycle();
    const { items } = await listGroups(store, { cluster: 'test', limit: 5_000, now: new Date() });
    assert.deepEqual([own, theirs].filter((name) => items.some(({ group }) => group === name)), [theirs]);
  });

  it('writes only what changed', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 4 });
    const group = uniqueName('billing');
    await commitOffsets(kafka, group, topic, new Map([[0, 0n], [1, 0n], [2, 0n], [3, 0n]]));
    const { cycle } = testCollection(t, store);
    await cycle();
    const samples = async () => (await store.query<{ n: bigint }>('select count(*) as n from group_commit_sample s join consumer_group g on g.id = s.group_id where g.name = $1', [group]))[0]?.n;
    assert.equal(await samples(), 1n);
    await cycle();
    assert.equal(await samples(), 1n);
    await produce(testProducer(t), topic, 2, 3);
    await commitOffsets(kafka, group, topic, new Map([[2, 3n]]));
    await cycle();
    assert.equal(await samples(), 2n);
  });

  it('gives charts, lists and metrics the same figures, unknown left out and never 0', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('bill"ing\\');
    await produce(testProducer(t), topic, 0, 10);
    await commitOffsets(kafka, group, topic, new Map([[0, 4n]]));
    await testCollection(t, store).cycle();
    const now = new Date();
    const { items } = await listGroups(store, { cluster: 'test', search: group, limit: 10, now });
    assert.equal(items[0]?.lag, '6');
    const history = await getGroupHistory(store, { cluster: 'test', group, now: new Date(now.getTime() + 60_000) });
    assert.equal(history.items.at(-1)?.lag, '6');
    const metrics = await renderMetrics(store, now);
    assert.match(metrics, new RegExp(`waybill_group_lag\\{cluster="test",group="${group.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\\', '\\\\')}"\\} 6`));
    assert.match(metrics, /waybill_offsets_cycle_seconds\{cluster="test"\} \d+\.\d+/);
    assert.doesNotMatch(metrics, / (null|undefined|NaN)$/m);
    const later = await renderMetrics(store, new Date(now.getTime() + 3_600_000));
    assert.doesNotMatch(later, /waybill_group_lag\{/);
    assert.match(later, /waybill_cluster_up\{cluster="test"\} 0/);
  });

  it('pages through groups and refuses a cursor that is none', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const stem = uniqueName('page');
    for (let i = 0; i < 5; i += 1) await commitOffsets(kafka, `${stem}-${i}`, topic, new Map([[0, 0n]]));
    await testCollection(t, store).cycle();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listGroups(store, { cluster: 'test', search: stem, sort: 'group', limit: 2, cursor, now: new Date() });
      seen.push(...page.items.map((group) => group.group));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(seen, [0, 1, 2, 3, 4].map((i) => `${stem}-${i}`));
    await assert.rejects(listGroups(store, { cluster: 'test', cursor: 'nonsense', now: new Date() }), /cursor/);
    await assert.rejects(listGroups(store, { cluster: 'nowhere', now: new Date() }), /No cluster "nowhere"/);
  });
});
