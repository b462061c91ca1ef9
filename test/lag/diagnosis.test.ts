import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { consumerGroupHeartbeatV0, deleteRecordsV2 } from '@platformatic/kafka';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { diagnose } from '#lib/lag/diagnose.ts';
import type { CauseKind, DiagnosisFacts, PartitionEvidence } from '#lib/lag/diagnosis-facts.ts';
import { findSkew } from '#lib/lag/find-skew.ts';
import { handlingOf, retriesAt, topKey, type Attempt } from '#lib/lag/handling.ts';
import { judgeClock } from '#lib/lag/judge-clock.ts';
import { memberChanges } from '#lib/lag/member-changes.ts';
import { type GroupMember, MISSING_RIGHT } from '#lib/model/lag.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import { storeSpans } from '#test/harness/store-spans.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { testCollection } from './collection.ts';
import { commitOffsets, produce, testKafka, testProducer } from './commit-offsets.ts';

const NOW = 1_000_000_000_000;

function partition(number: number, over: Partial<PartitionEvidence> = {}): PartitionEvidence {
  return {
    topic: 'orders', partition: number, committedOffset: 100n, endOffset: 100n, lastStableOffset: 100n, logStartOffset: 0n, lag: 0n, lost: 0n, lagSeconds: 0, status: 'ok',
    producedPerSecond: 5, consumedPerSecond: 5, committedAt: NOW - 5_000, movedAt: NOW - 5_000, leader: 1, owner: `m${number}`, error: null, loss: null, label: null, clock: null, block: null, handling: null, retries: null, topKey: null,
    ...over,
  };
}

function member(id: string, partitions: number[], over: Partial<GroupMember> = {}): GroupMember {
  return { memberId: id, clientId: `client-${id}`, host: '10.0.0.1', instanceId: null, assignments: partitions.length > 0 ? [{ topic: 'orders', partitions }] : [], subscriptions: ['orders'], ...over };
}

/** A group of four partitions and two members that keeps up: nothing is to be said of it. */
function facts(over: Partial<DiagnosisFacts> = {}): DiagnosisFacts {
  return {
    group: 'billing', type: 'classic', status: 'ok', statusSince: NOW - 3_600_000, lag: 0n, lagSeconds: 0, producedPerSecond: 20, consumedPerSecond: 20, memberless: false,
    members: [member('m0', [0, 1]), member('m1', [2, 3])],
    partitions: [0, 1, 2, 3].map((number) => partition(number)),
    handling: null,
    events: { rebalances: 0, changes: 0, joined: 0, left: 0, spanMs: 900_000 },
    hidden: null, missingTopics: [], cycle: { readMs: 40, throttledMs: 0 }, hangingAfterMs: 300_000, nowMs: NOW,
    ...over,
  };
}

const behind = (number: number, lag: bigint, over: Partial<PartitionEvidence> = {}) => partition(number, { endOffset: 100n + lag, lastStableOffset: 100n + lag, lag, lagSeconds: 120, status: 'falling-behind', ...over });
const handling = (over = {}) => ({ attempts: 400, failed: 0, deadLetters: 0, errorRate: 0, meanMs: 120, ...over });
const causes = (over: Partial<DiagnosisFacts>) => diagnose(facts(over));
const only = (over: Partial<DiagnosisFacts>, kind: CauseKind) => {
  const found = causes(over).find((cause) => cause.kind === kind);
  assert.ok(found, `${kind} is missing among ${causes(over).map((cause) => cause.kind).join(', ')}`);
  return found;
};
const not = (over: Partial<DiagnosisFacts>, kind: CauseKind) => assert.equal(causes(over).some((cause) => cause.kind === kind), false, kind);

describe('a diagnosis names a cause where its evidence is, and not without', () => {
  it('says nothing of a group that keeps up', () => assert.deepEqual(causes({}), []));
  it('says nothing of a group of which nothing is known', () => {
    const unknown = partition(0, { committedOffset: null, endOffset: null, lastStableOffset: null, logStartOffset: null, lag: null, lost: null, lagSeconds: null, status: 'unknown', producedPerSecond: null, consumedPerSecond: null, committedAt: null, movedAt: null, owner: null });
    assert.deepEqual(causes({ status: 'unknown', lag: null, lagSeconds: null, members: null, partitions: [unknown], producedPerSecond: null, consumedPerSecond: null, cycle: null }), []);
  });

  it('too few consumers: by how long a record takes and how many arrive', () => {
    const slow = { status: 'falling-behind' as const, lag: 4_000n, lagSeconds: 300, producedPerSecond: 38, consumedPerSecond: 16, partitions: [0, 1, 2, 3, 4, 5].map((n) => behind(n, 700n)), handling: handling() };
    const cause = only(slow, 'too-few-consumers');
    assert.equal(cause.headline, 'billing needs 4 more consumers: 38/s arrive, each takes 120 ms, and 2 consumers do 17/s at most.');
    assert.ok(cause.evidence.includes('6 partitions allow it: 2 have a consumer of their own, 4 more could.'));
    assert.match(only({ ...slow, producedPerSecond: 90 }, 'too-few-consumers').evidence.join(' '), /6 partitions allow only 4 more consumers/);
    not({ ...slow, handling: null }, 'too-few-consumers');
    not({ ...slow, handling: handling({ attempts: 5 }) }, 'too-few-consumers');
    not({ ...slow, producedPerSecond: 10 }, 'too-few-consumers');
    not({ ...slow, status: 'ok' }, 'too-few-consumers');
    // Each consumer does several at once: 16/s at 120 ms would need two threads of one.
    assert.match(only({ ...slow, consumedPerSecond: 34 }, 'too-few-consumers').headline, /needs 1 more consumer:/);
  });

  it('more members than partitions', () => {
    const members = [member('m0', [0]), member('m1', [])];
    const one = { members, partitions: [behind(0, 500n)], lag: 500n, status: 'falling-behind' as const };
    assert.equal(only(one, 'idle-members').headline, '1 of 2 members has nothing to do: there is only 1 partition.');
    not({ ...one, members: [member('m0', [0])] }, 'idle-members');
    not({ ...one, status: 'rebalancing' }, 'idle-members');
    not({ ...one, type: 'share' }, 'idle-members');
  });

  it('one slow partition, its hot key or its slow consumer', () => {
    const hot = [partition(0), partition(1), behind(2, 960n, { owner: 'm1', producedPerSecond: 40, topKey: { key: 'tenant-7', records: 80, of: 100 } }), partition(3, { lag: 40n, endOffset: 140n })];
    const skew = { partitions: hot, lag: 1_000n, status: 'falling-behind' as const };
    const cause = only(skew, 'skew');
    assert.equal(cause.headline, '3 of 4 partitions of orders keep up; partition 2 holds 96 % of the lag.');
    assert.match(cause.evidence.join(' '), /73 % of the records arrive there .* even would be 25 %.*The key "tenant-7" has 80 records of the 100/);
    const unkeyed = only({ ...skew, partitions: hot.map((p) => ({ ...p, topKey: null, producedPerSecond: 5 })) }, 'skew');
    assert.doesNotMatch(JSON.stringify(unkeyed), /tenant-7/);
    assert.match(unkeyed.nextStep, /look at its consumer: client-m1/);
    not({ ...skew, partitions: hot.map((p) => behind(p.partition, 250n)) }, 'skew');
    not({ ...skew, partitions: [behind(0, 960n)] }, 'skew');
    assert.equal(findSkew([partition(0), partition(1, { lag: 8n })]), null);
    assert.equal(findSkew([partition(0, { lag: null }), behind(1, 500n)]), null);
  });

  it('a rebalance loop', () => {
    const loop = { status: 'falling-behind' as const, lag: 10n, events: { rebalances: 6, changes: 5, joined: 5, left: 5, spanMs: 900_000 } };
    assert.equal(only(loop, 'rebalance-loop').headline, 'Members of billing rearranged 6 times in the last 15 min; nothing is read meanwhile.');
    assert.ok(only({ status: 'rebalancing', statusSince: NOW - 90_000 }, 'rebalance-loop'));
    not({ events: { rebalances: 2, changes: 2, joined: 2, left: 2, spanMs: 900_000 } }, 'rebalance-loop');
    not({ events: { rebalances: 0, changes: 5, joined: 5, left: 0, spanMs: 900_000 } }, 'rebalance-loop');
  });

  it('a commit past the end or before the start, and one that retention is about to reach', () => {
    assert.match(only({ partitions: [partition(0, { committedOffset: 150n })] }, 'commit-past-end').evidence[0] ?? '', /committed 150, end 100, 50 offsets beyond/);
    not({ partitions: [partition(0, { committedOffset: 150n, error: 'timeout' })] }, 'commit-past-end');
    assert.match(only({ partitions: [behind(0, 50n, { lost: 30n, logStartOffset: 130n, status: 'losing-data' })], lag: 50n, status: 'losing-data' }, 'commit-before-start').headline, /Retention deleted 30 offsets that billing had not read/);
    assert.match(only({ partitions: [behind(0, 50n, { loss: { seconds: 1_200, by: 'retention' } })], lag: 50n }, 'commit-before-start').headline, /reaches unread records of orders partition 0 in about 20 min/);
    not({ partitions: [behind(0, 50n, { loss: { seconds: 90_000, by: 'retention' } })], lag: 50n }, 'commit-before-start');
  });

  it('a topic that does not exist', () => {
    const missing = { missingTopics: ['oders'], members: [member('m0', [], { subscriptions: ['oders'] })] };
    assert.match(only(missing, 'missing-topic').headline, /"oders", a topic that does not exist/);
    not({ ...missing, missingTopics: [] }, 'missing-topic');
    not({ ...missing, members: [member('m0', [], { subscriptions: ['orders'] })] }, 'missing-topic');
  });

  it('a record that fails again and again', () => {
    const poison = { partitions: [behind(0, 20n, { retries: { offset: 100n, attempts: 7, firstAt: NOW - 60_000, lastAt: NOW - 2_000, error: 'CardDeclinedException' } })], lag: 20n, status: 'stalled' as const };
    const cause = only(poison, 'poison-message');
    assert.equal(cause.headline, 'orders partition 0 stands at offset 100: 7 attempts to process it failed with CardDeclinedException.');
    assert.match(cause.evidence.join(' '), /19 records wait behind it/);
    not({ ...poison, partitions: [behind(0, 20n, { retries: { offset: 100n, attempts: 2, firstAt: 0, lastAt: 0, error: null } })] }, 'poison-message');
    not({ ...poison, partitions: [behind(0, 20n)] }, 'poison-message');
  });

  it('a broker that fails, is slow or throttles', () => {
    assert.match(only({ partitions: [partition(0), partition(1, { error: 'The leader did not answer.', leader: 3, status: 'unknown' })] }, 'broker').evidence[0] ?? '', /Led by broker 3: 1 partition/);
    assert.match(only({ cycle: { readMs: 5_200, throttledMs: 0 } }, 'broker').headline, /took 5\.2 s/);
    assert.match(only({ cycle: { readMs: 40, throttledMs: 800 } }, 'broker').headline, /throttle.*800 ms/);
    not({}, 'broker');
  });

  it('a producer with a wrong clock', () => {
    const ahead = { partitions: [partition(0, { clock: { partition: 0, offset: '4', newestAt: NOW + 5 * 86_400_000, seenAt: NOW, kind: 'ahead' } })] };
    assert.equal(only(ahead, 'wrong-clock').headline, 'The record at orders partition 0 offset 4 carries a timestamp 5 d in the future: its producer has a wrong clock.');
    not({}, 'wrong-clock');
    assert.equal(judgeClock({ partition: 0, offset: 4n, newestAt: NOW + 240_000, cameAfter: NOW }, NOW), null);
    assert.equal(judgeClock({ partition: 0, offset: 4n, newestAt: NOW - 86_400_000, cameAfter: null }, NOW), null, 'an old record that nobody saw come is old');
    assert.equal(judgeClock({ partition: 0, offset: 4n, newestAt: NOW - 86_400_000, cameAfter: NOW }, NOW)?.kind, 'behind');
  });

  it('a right that Waybill lacks', () => {
    const error = `${MISSING_RIGHT} DESCRIBE the topic "orders". Grant it: kafka-acls --add.`;
    const cause = only({ partitions: [partition(0, { error, status: 'unknown' })] }, 'missing-right');
    assert.deepEqual([cause.headline, cause.nextStep], [`1 partition of billing is in no figure. Waybill's user has no right to DESCRIBE the topic "orders".`, 'Grant it: kafka-acls --add.']);
    not({ partitions: [partition(0, { error, status: 'unknown' })] }, 'broker');
    assert.ok(only({ hidden: error }, 'missing-right'));
    not({}, 'missing-right');
  });

  it('nobody produces', () => {
    const quiet = { partitions: [partition(0, { movedAt: NOW - 7_200_000, producedPerSecond: 0 })] };
    assert.equal(only(quiet, 'nobody-produces').headline, 'Nobody has produced to orders for 2 h.');
    assert.ok(only(quiet, 'nobody-produces').weight < 0.3);
    not({ partitions: [partition(0, { movedAt: NOW - 60_000, producedPerSecond: 0 })] }, 'nobody-produces');
    not({ ...quiet, lag: 5n }, 'nobody-produces');
  });

  it('no member, members that do not commit, partitions of nobody', () => {
    const stopped = { status: 'stopped' as const, lag: 50n, partitions: [behind(0, 50n, { status: 'stopped', committedAt: NOW - 250_000 })] };
    assert.match(only({ ...stopped, memberless: true, members: [] }, 'no-member').headline, /No member of billing is connected, and 50 records wait/);
    not({ ...stopped }, 'no-member');
    assert.equal(only({ ...stopped, type: 'simple', members: [] }, 'no-member').headline, 'billing commits without joining as a member, and has not committed for 4 min 10 s.');
    not({ ...stopped, type: 'simple', members: [], status: 'ok' }, 'no-member');
    assert.match(only({ ...stopped, members: [member('m0', [0])] }, 'silent-members').evidence[0] ?? '', /4 min 10 s ago/);
    not({ ...stopped, status: 'falling-behind' }, 'silent-members');
    not({ ...stopped, memberless: true, members: [] }, 'silent-members');
    const unowned = { members: [member('m0', [0])], partitions: [partition(0), behind(1, 50n, { owner: null })], lag: 50n };
    assert.match(only(unowned, 'unowned-partitions').headline, /orders partition 1 belongs to no member, and 50 records wait there/);
    not({ ...unowned, partitions: [partition(0), behind(1, 50n)] }, 'unowned-partitions');
    not({ ...unowned, members: null }, 'unowned-partitions');
  });

  it('ranks by evidence and leaves out what another cause explains', () => {
    const found = causes({
      status: 'stopped', lag: 50n, members: [member('m0', [0])],
      partitions: [behind(0, 50n, { status: 'stopped', retries: { offset: 100n, attempts: 7, firstAt: NOW - 60_000, lastAt: NOW - 2_000, error: null } })],
      events: { rebalances: 5, changes: 0, joined: 0, left: 0, spanMs: 900_000 },
    });
    assert.deepEqual(found.map((cause) => cause.kind), ['poison-message', 'rebalance-loop']);
  });
});

describe('what spans and dead letters say of a group', () => {
  const attempt = (offset: bigint, over: Partial<Attempt> = {}): Attempt => ({ topic: 'orders', partition: 0, offset, failed: false, durationMs: 10, startedAt: Number(offset), key: null, error: null, ...over });
  it('is unknown without an attempt, never 0', () => assert.deepEqual(handlingOf([], [{ topic: 'orders', partition: 0, offset: 1n }]), { attempts: 0, failed: 0, deadLetters: 1, errorRate: null, meanMs: null }));
  it('counts a record that failed and became a dead letter once', () => {
    const { failed, errorRate } = handlingOf([attempt(1n), attempt(2n, { failed: true }), attempt(3n)], [{ topic: 'orders', partition: 0, offset: 2n }, { topic: 'orders', partition: 0, offset: 9n }]);
    assert.deepEqual([failed, errorRate], [1, 0.5]);
  });
  it('sees retries only where every attempt at the committed offset failed', () => {
    const failing = [attempt(5n, { failed: true, startedAt: 1 }), attempt(5n, { failed: true, startedAt: 9, error: 'boom' })];
    assert.deepEqual(retriesAt(failing, 5n), { offset: 5n, attempts: 2, firstAt: 1, lastAt: 9, error: 'boom' });
    assert.equal(retriesAt([...failing, attempt(5n)], 5n), null);
    assert.equal(retriesAt(failing, 6n), null);
  });
  it('counts a key by records, not by attempts', () => assert.deepEqual(topKey([attempt(1n, { key: 'a' }), attempt(1n, { key: 'a' }), attempt(2n, { key: 'b' }), attempt(3n, { key: 'b' })]), { key: 'b', records: 2, of: 3 }));
  it('counts a member that was thrown out and came back as both', () => assert.deepEqual(memberChanges([{ memberId: 'a' }, { memberId: 'b' }], [{ memberId: 'a' }, { memberId: 'c' }]), { joined: 1, left: 1 }));
});

describe('a diagnosis on a real broker', () => {
  const kafkaJs = () => new KafkaJs({ brokers: testBrokers(), clientId: 'waybill-diagnosis', logLevel: logLevel.NOTHING });
  const kinds = (group: { diagnosis: { kind: CauseKind }[] }) => group.diagnosis.map((cause) => cause.kind);
  const read = (store: Store, group: string) => getGroup(store, { cluster: 'test', group, now: new Date() });

  it('finds commits past the end and before the start of a log', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    const [past, before, fine] = [uniqueName('past'), uniqueName('before'), uniqueName('fine')];
    await produce(testProducer(t), topic, 0, 30);
    await commitOffsets(kafka, past, topic, new Map([[0, 45n]]));
    await commitOffsets(kafka, before, topic, new Map([[0, 5n]]));
    await commitOffsets(kafka, fine, topic, new Map([[0, 25n]]));
    const { connection } = await kafka.connections.leader(topic, 0);
    await deleteRecordsV2.api.async(connection, [{ name: topic, partitions: [{ partitionIndex: 0, offset: 20n }] }], 10_000);
    await testCollection(t, store).cycle();
    const [first, second, third] = [await read(store, past), await read(store, before), await read(store, fine)];
    assert.ok(kinds(first).includes('commit-past-end'), kinds(first).join());
    assert.deepEqual([second.diagnosis[0]?.kind, second.lost, second.lossSeconds], ['commit-before-start', '15', 0]);
    assert.match(second.diagnosis[0]?.headline ?? '', /Retention deleted 15 offsets/);
    assert.equal(kinds(third).some((kind) => kind.startsWith('commit-')), false);
  });

  it('finds members without a partition, and then that nobody is connected', async (t) => {
    const store = await testStore(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('billing');
    const consumers = [0, 1].map(() => kafkaJs().consumer({ groupId: group, sessionTimeout: 10_000 }));
    t.after(() => Promise.all(consumers.map((consumer) => consumer.disconnect())));
    for (const consumer of consumers) {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({ eachMessage: async () => undefined });
    }
    const producer = testProducer(t);
    await produce(producer, topic, 0, 5);
    const { cycle } = testCollection(t, store);
    await eventually(
      async () => {
        await cycle();
        const found = await read(store, group);
        assert.deepEqual([found.state, found.memberList.length, found.partitions[0]?.lag], ['Stable', 2, '0']);
        assert.equal(found.diagnosis.find((cause) => cause.kind === 'idle-members')?.headline, '1 of 2 members has nothing to do: there is only 1 partition.');
        assert.equal(kinds(found).includes('missing-topic'), false);
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    await Promise.all(consumers.map((consumer) => consumer.disconnect()));
    await produce(producer, topic, 0, 7);
    const alone = await eventually(async () => {
      await cycle();
      const found = await read(store, group);
      assert.deepEqual([found.state, found.lag], ['Empty', '7']);
      return found;
    }, { timeoutMs: 30_000, everyMs: 500 });
    assert.equal(alone.diagnosis[0]?.kind, 'no-member');
    assert.equal(kinds(alone).includes('idle-members'), false);
    // It joined and left, each once: no loop.
    assert.equal(kinds(alone).includes('rebalance-loop'), false);
  });

  it('finds a subscription to a topic that does not exist', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const [wrong, right] = [uniqueName('billing'), uniqueName('billing')];
    const [topic, typo] = [await createTopic(uniqueName('orders')), uniqueName('oders')];
    for (const [group, names] of [[wrong, [typo]], [right, [topic]]] as const) {
      await eventually(async () => {
        const { connection } = await kafka.connections.coordinator('group', group);
        await consumerGroupHeartbeatV0.api.async(connection, group, randomUUID(), 0, null, null, 60_000, [...names], null, null, []);
      });
    }
    const { cycle } = testCollection(t, store);
    await cycle();
    const [found, other] = [await read(store, wrong), await read(store, right)];
    assert.equal(found.diagnosis[0]?.kind, 'missing-topic');
    assert.match(found.diagnosis[0]?.headline ?? '', new RegExp(`${wrong} is subscribed to "${typo}", a topic that does not exist`));
    assert.equal(kinds(other).includes('missing-topic'), false);
  });

  it('finds the record that fails again and again, and says the error rate only of the group whose spans it has', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const [group, silent] = [uniqueName('billing'), uniqueName('audit')];
    await produce(testProducer(t), topic, 0, 30);
    await commitOffsets(kafka, group, topic, new Map([[0, 10n]]));
    await commitOffsets(kafka, silent, topic, new Map([[0, 10n]]));
    const { cycle } = testCollection(t, store);
    await cycle();
    await spans(store, Array.from({ length: 4 }, () => ({ topic, offset: 10n, group, failed: true })));
    const found = await read(store, group);
    assert.match(found.diagnosis[0]?.headline ?? '', new RegExp(`${topic} partition 0 stands at offset 10: 4 attempts to process it failed with CardDeclinedException`));
    assert.deepEqual([found.errorRate, found.attempts, found.partitions[0]?.retries], [1, 4, { offset: '10', attempts: 4, error: 'CardDeclinedException: no' }]);
    const other = await read(store, silent);
    assert.deepEqual([other.errorRate, other.attempts, other.processingMs, kinds(other).includes('poison-message')], [null, null, null, false]);

    await spans(store, [{ topic, offset: 10n, group, failed: false }]);
    const mended = await read(store, group);
    assert.equal(kinds(mended).includes('poison-message'), false);
    assert.equal(mended.errorRate, 0.8);
  });

  it('gives the rates of each partition and topic, and the time until retention reaches a record', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    const group = uniqueName('billing');
    const producer = testProducer(t);
    await produce(producer, topic, 0, 10);
    await commitOffsets(kafka, group, topic, new Map([[0, 0n], [1, 0n]]));
    // Two readings, a minute apart: the clock of the readings is moved, not waited for.
    const start = Date.now() - 60_000;
    let at = start;
    const { cycle } = testCollection(t, store, { wrap: (broker) => ({ ...broker, snapshotOffsets: async (options) => ({ ...(await broker.snapshotOffsets(options)), endsReadAt: at }) }) });
    await cycle();
    at += 30_000;
    await produce(producer, topic, 0, 30);
    await commitOffsets(kafka, group, topic, new Map([[0, 10n]]));
    await cycle();
    at += 30_000;
    await produce(producer, topic, 0, 30);
    await commitOffsets(kafka, group, topic, new Map([[0, 25n]]));
    await cycle();
    await store.execute(`insert into topic_facts (topic_id, config, changed_at) select id, '{"cleanup.policy":"compact,delete","retention.ms":"3600000","retention.bytes":"-1"}', now() from topic where name = $1`, [topic]);
    const found = await getGroup(store, { cluster: 'test', group, now: new Date(at) });
    const [first, second] = found.partitions;
    assert.deepEqual([first?.producedPerSecond, first?.consumedPerSecond, first?.neverDrains], [1, 25 / 60, true]);
    assert.deepEqual([second?.producedPerSecond, second?.consumedPerSecond], [0, 0]);
    const [total] = found.topicFigures;
    assert.deepEqual([total?.topic, total?.lag, total?.producedPerSecond, total?.consumedPerSecond, total?.neverDrains, total?.offsetLabel], [topic, '45', 1, 25 / 60, true, 'compacted']);
    assert.deepEqual([first?.lossBy, second?.lossSeconds], ['retention', null]);
    assert.ok(first?.lossSeconds !== null && first !== undefined && first.lossSeconds > 3_400 && first.lossSeconds <= 3_600, String(first?.lossSeconds));
  });
});

/** Spans of a consumer, stored as the traces collector stores them. */
async function spans(store: Store, list: readonly { topic: string; offset: bigint; group: string; failed: boolean }[]): Promise<void> {
  const now = Date.now();
  const [resource] = await store.query<{ id: bigint }>(`insert into resource (hash, service, attributes) values ($1, 'billing', '{}') returning id`, [randomBytes(32)]);
  await storeSpans(
    store,
    list.map(({ topic, offset, group, failed }, i) => ({
      day: new Date(now).toISOString().slice(0, 10), traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), parentSpanId: null, resourceId: resource?.id ?? 0n, clusterId: null, service: 'billing',
      name: `${topic} process`, kind: 5, startNs: BigInt(now - 5_000 + i) * 1_000_000n, durationNs: 20_000_000n, statusCode: failed ? 2 : 0, statusMessage: failed ? 'CardDeclinedException: no' : null, operation: 'process' as const, topic, partition: 0, offset,
      messageKey: null, group, journeyKey: null, journeyKeyBy: null, eventId: null, causationId: null, batch: false, links: null, attributes: '{}', tells: false,
    })),
    new Date(now),
  );
}
