import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { consumerGroupHeartbeatV0 } from '@platformatic/kafka';
import { type Consumer, Kafka as KafkaJs, logLevel } from 'kafkajs';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import type { CauseKind } from '#lib/lag/diagnosis-facts.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import type { GroupDetail } from '#lib/operations/group-detail-shape.ts';
import { storeSpans } from '#test/harness/store-spans.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { testCollection } from './collection.ts';
import { commitOffsets, produce, testKafka, testProducer } from './commit-offsets.ts';

// Causes that build up over minutes: on the real broker, with the clock of the readings moved instead of waited for.

interface Readings {
  store: Store;
  /** One reading, `ms` after the one before. */
  after: (ms: number) => Promise<void>;
  group: (name: string) => Promise<GroupDetail>;
  now: () => number;
}

async function readings(t: TestContext, options: { clientId?: string } = {}): Promise<Readings> {
  const store = await testStore(t);
  // Moved by the test alone: how long it takes changes no rate.
  let atMs = Date.now();
  const { cycle } = testCollection(t, store, { ...options, wrap: (broker) => ({ ...broker, snapshotOffsets: async (request) => {
    const snapshot = await broker.snapshotOffsets(request);
    return { ...snapshot, endsReadAt: atMs };
  } }) });
  return {
    store,
    after: async (ms) => {
      atMs += ms;
      await cycle();
    },
    group: (name) => getGroup(store, { cluster: 'test', group: name, now: new Date(atMs) }),
    now: () => atMs,
  };
}

const causeOf = (group: GroupDetail, kind: CauseKind) => group.diagnosis.find((cause) => cause.kind === kind);

/** Members that read and process nothing by themselves: what they commit is said by the test. */
async function join(t: TestContext, group: string, topic: string, members: number): Promise<Consumer[]> {
  const consumers = Array.from({ length: members }, (_, i) => new KafkaJs({ brokers: testBrokers(), clientId: `worker-${i}`, logLevel: logLevel.NOTHING }).consumer({ groupId: group }));
  t.after(() => Promise.all(consumers.map((consumer) => consumer.disconnect())));
  for (const consumer of consumers) {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
  }
  return consumers;
}

describe('a cause that builds up on a real broker', { concurrency: 2 }, () => {
  it('is a rebalance loop where a member crashes and comes back again and again, and not where a rebalance just never ends', async (t) => {
    const { after, group } = await readings(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    const [looping, scaled] = [uniqueName('looping'), uniqueName('scaled')];
    const beat = (name: string, memberId: string, epoch: number) =>
      eventually(async () => {
        const { connection } = await kafka.connections.coordinator('group', name);
        await consumerGroupHeartbeatV0.api.async(connection, name, memberId, epoch, null, null, 300_000, epoch === 0 ? [topic] : null, null, null, epoch === 0 ? [] : null);
      });
    await beat(looping, randomUUID(), 0);
    for (let i = 0; i < 6; i += 1) {
      const crashing = randomUUID();
      await beat(looping, crashing, 0);
      await beat(scaled, randomUUID(), 0);
      await after(60_000);
      await beat(looping, crashing, -1);
    }
    const found = causeOf(await group(looping), 'rebalance-loop');
    assert.match(found?.headline ?? '', new RegExp(`Members of ${looping} rearranged \\d times in the last 15 min`));
    assert.match(found?.evidence.join(' ') ?? '', /5 members joined and 5 left in that time/);
    // Its members never take up what they were given: it is rebalancing all the time, and that is no loop.
    assert.match(causeOf(await group(scaled), 'rebalance-loop')?.headline ?? '', /has been rebalancing for \d min.*; partitions that move are not read meanwhile/);
  });

  it('is the throttling of the brokers where a quota makes them ask for pauses', async (t) => {
    const clientId = uniqueName('waybill-throttled');
    const { admin } = openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'waybill-lag-tests' });
    const entities = [{ entityType: 'client-id' as const, entityName: clientId }];
    await admin.alterClientQuotas({ entries: [{ entities, ops: [{ key: 'request_percentage', value: 0.1, remove: false }] }] });
    t.after(async () => {
      await admin.alterClientQuotas({ entries: [{ entities, ops: [{ key: 'request_percentage', remove: true }] }] });
      await admin.close();
    });
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('billing');
    await produce(testProducer(t), topic, 0, 5);
    await commitOffsets(kafka, group, topic, new Map([[0, 2n]]));
    const throttled = await readings(t, { clientId });
    await eventually(async () => {
      await throttled.after(10_000);
      const found = causeOf(await throttled.group(group), 'broker');
      assert.match(found?.headline ?? 'no cause', /^The brokers throttle: they asked Waybill to wait/);
      assert.match(found?.nextStep ?? '', /quotas/);
    }, { timeoutMs: 60_000 });
    const free = await readings(t);
    await free.after(0);
    assert.equal(causeOf(await free.group(group), 'broker'), undefined);
  });

  it('is skew where the member that holds one partition is slow, with its name', async (t) => {
    const { after, group } = await readings(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    const name = uniqueName('billing');
    const producer = testProducer(t);
    const consumers = await join(t, name, topic, 2);
    await eventually(async () => {
      await after(60_000);
      assert.deepEqual((await group(name)).memberList.map((member) => member.assignments[0]?.partitions.length), [1, 1]);
    });
    const { memberList } = await group(name);
    const slow = memberList.find((member) => member.assignments[0]?.partitions.includes(1));
    for (let i = 1; i <= 14; i += 1) {
      for (const partition of [0, 1]) await produce(producer, topic, partition, 20);
      await commitAs(consumers, topic, new Map([[0, BigInt(i * 20)], [1, BigInt(i)]]));
      await after(10_000);
    }
    const found = causeOf(await group(name), 'skew');
    assert.match(found?.headline ?? 'no cause', new RegExp(`1 of 2 partitions of ${topic} keep up; partition 1 holds 100 % of the lag`));
    assert.match(found?.evidence.join(' ') ?? '', /50 % of the records arrive there/);
    assert.match(found?.nextStep ?? '', new RegExp(`look at its consumer: ${slow?.clientId} on `));
  });

  it('is too few consumers where records arrive faster than those that are there can process them, and partitions where more would find none', async (t) => {
    const { store, after, group, now } = await readings(t);
    const producer = testProducer(t);
    for (const [partitions, sentence] of [[4, /4 partitions allow it: 1 have a consumer of their own, 3 more could\./], [2, /2 partitions allow only 1 more consumer/]] as const) {
      const topic = await createTopic(uniqueName('orders'), { partitions });
      const name = uniqueName('billing');
      const consumers = await join(t, name, topic, 1);
      await eventually(async () => {
        await after(60_000);
        assert.equal((await group(name)).memberList[0]?.assignments[0]?.partitions.length, partitions);
      });
      // 24 arrive a second and 8 are processed, 100 ms each.
      for (let i = 1; i <= 14; i += 1) {
        for (let partition = 0; partition < partitions; partition += 1) await produce(producer, topic, partition, 240 / partitions);
        await commitAs(consumers, topic, new Map(Array.from({ length: partitions }, (_, partition) => [partition, BigInt((i * 80) / partitions)])));
        await after(10_000);
      }
      assert.equal(causeOf(await group(name), 'too-few-consumers'), undefined, 'how long a record takes is not known');
      const committed = (14n * 80n) / BigInt(partitions);
      await attempts(store, now(), Array.from({ length: 40 }, (_, i) => ({ topic, group: name, offset: committed - BigInt(i + 1), ms: 100 })));
      const found = causeOf(await group(name), 'too-few-consumers');
      assert.match(found?.headline ?? 'no cause', new RegExp(`${name} needs 2 more consumers: 24/s arrive, each takes 100 ms, and 1 consumer does 10/s at most`));
      assert.match(found?.evidence.join(' ') ?? '', sentence);
    }
  });
});

/** Commits as the members that hold the partitions: the broker takes them from nobody else. */
async function commitAs(consumers: readonly Consumer[], topic: string, offsets: ReadonlyMap<number, bigint>): Promise<void> {
  for (const [partition, offset] of offsets) {
    // A member of the group may commit any partition of it.
    await eventually(() => consumers[0]!.commitOffsets([{ topic, partition, offset: String(offset) }]));
  }
}

/** Spans of a consumer on partition 0, stored as the traces collector stores them. */
async function attempts(store: Store, now: number, list: readonly { topic: string; offset: bigint; group: string; ms: number }[]): Promise<void> {
  const [resource] = await store.query<{ id: bigint }>(`insert into resource (hash, service, attributes) values ($1, 'billing', '{}') returning id`, [randomBytes(32)]);
  await storeSpans(
    store,
    list.map(({ topic, offset, group, ms }, i) => ({
      day: new Date(now).toISOString().slice(0, 10), traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), parentSpanId: null, resourceId: resource?.id ?? 0n, clusterId: null, service: 'billing',
      name: `${topic} process`, kind: 5, startNs: BigInt(now - 5_000 + i) * 1_000_000n, durationNs: BigInt(ms) * 1_000_000n, statusCode: 0, statusMessage: null, operation: 'process' as const, topic, partition: 0, offset,
      messageKey: null, group, journeyKey: null, journeyKeyBy: null, eventId: null, causationId: null, batch: false, links: null, attributes: '{}', tells: false,
    })),
    new Date(now),
  );
}
