import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClusterState } from '#lib/lag/cluster-state.ts';
import { createAnchors } from '#lib/lag/anchors.ts';
import { observeBlocked, TRANSACTION_TIMES } from '#lib/lag/watch-blocked.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, uniqueName } from '#test/harness/kafka.ts';
import { testCollection } from './collection.ts';
import { commitOffsets, produce, testKafka, testProducer } from './commit-offsets.ts';

/** Minutes as milliseconds: the rules are the same. */
const SOON = { storeAfterMs: 0, askAfterMs: 0, askEveryMs: 0 };
const HANGING_AFTER_MS = 50;

describe('a transaction that nobody ends', () => {
  it('is named, with its producer, its transactional id and since when, for the groups that it holds and for no other', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    const [held, before, past] = [uniqueName('held'), uniqueName('before'), uniqueName('past')];
    const transactionalId = uniqueName('tx');
    await produce(testProducer(t), topic, 0, 50);
    await commitOffsets(kafka, held, topic, new Map([[0, 50n], [1, 0n]]));
    await commitOffsets(kafka, before, topic, new Map([[0, 20n]]));
    await commitOffsets(kafka, past, topic, new Map([[0, 60n]]));
    const producer = testProducer(t, { transactionalId });
    const transaction = await producer.beginTransaction();
    await transaction.send({ messages: Array.from({ length: 25 }, (_, i) => ({ topic, partition: 0, key: `t${i}`, value: 'open' })) });

    const { cycle } = testCollection(t, store, { transactionTimes: SOON });
    const read = (group: string) => getGroup(store, { cluster: 'test', group, now: new Date(), hangingAfterMs: HANGING_AFTER_MS });
    const found = await eventually(async () => {
      await cycle();
      const group = await read(held);
      assert.equal(group.partitions[0]?.hanging, true);
      assert.equal(group.partitions[0]?.openTransactions.length, 1);
      return group;
    });
    const [partition, other] = found.partitions;
    const [open] = partition?.openTransactions ?? [];
    assert.equal(open?.transactionalId, transactionalId);
    assert.match(open?.producerId ?? '', /^\d+$/);
    assert.equal(open?.state, 'Ongoing');
    assert.equal(open?.startOffset, '50');
    assert.ok(open?.producerEpoch !== undefined && open.producerEpoch >= 0);
    assert.ok(open?.startedAt !== null && open?.startedAt !== undefined && Date.now() - Date.parse(open.startedAt) < 120_000);
    assert.notEqual(open?.coordinator, null);
    assert.ok((open?.timeoutSeconds ?? 0) > 0);
    assert.deepEqual([partition?.blocked, partition?.lastStableOffset, other?.hanging, other?.blockedSince], ['25', '50', false, null]);
    assert.equal(found.diagnosis[0]?.kind, 'transaction');
    assert.match(found.diagnosis[0]?.headline ?? '', new RegExp(`hanging transaction holds 25 offsets of ${topic} back: partition 0 waits behind the transaction of "${transactionalId}"`));
    assert.match(found.diagnosis[0]?.nextStep ?? '', /kafka-transactions\.sh abort/);

    // A group with records before it can read on; one that reads uncommitted records is not held.
    const reader = await read(before);
    assert.equal(reader.partitions[0]?.hanging, false);
    assert.equal(reader.diagnosis.some((cause) => cause.kind === 'transaction'), false);
    const uncommitted = (await read(past)).diagnosis.find((cause) => cause.kind === 'transaction');
    assert.match(uncommitted?.headline ?? '', /reads past it/);
    assert.ok((uncommitted?.weight ?? 1) < 0.3);

    // Another collector takes over: since when it stands is not forgotten.
    await testCollection(t, store, { transactionTimes: SOON }).cycle();
    assert.equal((await read(held)).partitions[0]?.blockedSince, partition?.blockedSince);

    await transaction.abort();
    const after = await eventually(async () => {
      await cycle();
      const group = await read(held);
      assert.equal(group.partitions[0]?.blocked, '0');
      return group;
    });
    assert.deepEqual([after.partitions[0]?.hanging, after.partitions[0]?.blockedSince, after.partitions[0]?.openTransactions], [false, null, []]);
    assert.equal(after.diagnosis.some((cause) => cause.kind === 'transaction'), false);
    assert.equal(await store.prisma.blockedPartition.count(), 0);
    // 25 aborted records and their marker are offsets, and none of them is a record to read.
    assert.equal(after.partitions[0]?.offsetLabel, 'transactional');
    assert.equal(after.topicFigures[0]?.offsetLabel, 'transactional');
  });

  it('asks no broker about transactions that come and go', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('billing');
    await commitOffsets(kafka, group, topic, new Map([[0, 0n]]));
    let asked = 0;
    const { cycle } = testCollection(t, store, {
      wrap: (broker) => ({
        ...broker,
        describeOpenTransactions: (partitions) => {
          asked += partitions.filter((p) => p.topic === topic).length;
          return broker.describeOpenTransactions(partitions);
        },
      }),
    });
    const producer = testProducer(t, { transactionalId: uniqueName('tx') });
    const transaction = await producer.beginTransaction();
    await transaction.send({ messages: [{ topic, partition: 0, key: 'k', value: 'v' }] });
    await cycle();
    await cycle();
    const open = await getGroup(store, { cluster: 'test', group, now: new Date() });
    await transaction.commit();
    assert.deepEqual([open.partitions[0]?.blocked, open.partitions[0]?.hanging], ['1', false]);
    assert.equal(open.diagnosis.some((cause) => cause.kind === 'transaction'), false);
    assert.equal(asked, 0);
  });
});

describe('the watch over last stable offsets', () => {
  const cluster = () => {
    const state = createClusterState(1);
    const partitions = Array.from({ length: 200 }, () => ({ leader: 1, endOffset: 10n, lastStableOffset: 10n, logStartOffset: 0n, grown: 0n, changedAt: 0, failedSince: null, error: null, anchors: createAnchors(), backfilledAt: null }));
    const topic = { id: 7, name: 'orders', kafkaTopicId: '', internal: false, partitions };
    state.topics.set('orders', topic);
    state.topicsById.set(7, topic);
    return { state, partitions };
  };

  it('starts anew when the offset moves, and forgets a partition that is free', () => {
    const { state, partitions } = cluster();
    const watch = new Map();
    partitions[3]!.lastStableOffset = 5n;
    assert.deepEqual(observeBlocked(watch, state, TRANSACTION_TIMES, 0).store, []);
    assert.equal(observeBlocked(watch, state, TRANSACTION_TIMES, 30_000).store.length, 1);
    watch.get('7:3').stored = true;
    partitions[3]!.lastStableOffset = 6n;
    const moved = observeBlocked(watch, state, TRANSACTION_TIMES, 40_000);
    assert.deepEqual([moved.freed.length, moved.store.length, watch.get('7:3').since], [1, 0, 40_000]);
    partitions[3]!.lastStableOffset = 10n;
    assert.deepEqual([observeBlocked(watch, state, TRANSACTION_TIMES, 50_000).freed.length, watch.size], [0, 0]);
  });

  it('asks about at most 50 partitions in a cycle, those first that were never asked, and each once a minute', () => {
    const { state, partitions } = cluster();
    const watch = new Map();
    for (const partition of partitions) partition.lastStableOffset = 5n;
    observeBlocked(watch, state, TRANSACTION_TIMES, 0);
    const seen = new Set<number>();
    for (let at = 60_000; at < 100_000; at += 10_000) {
      const { ask } = observeBlocked(watch, state, TRANSACTION_TIMES, at);
      assert.equal(ask.length, 50);
      for (const one of ask) {
        assert.equal(seen.has(one.partition), false);
        seen.add(one.partition);
        one.askedAt = at;
      }
    }
    assert.equal(seen.size, 200);
    assert.equal(observeBlocked(watch, state, TRANSACTION_TIMES, 100_000).ask.length, 0);
  });
});
