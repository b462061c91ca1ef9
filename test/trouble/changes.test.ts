import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type Admin, type Producer } from 'kafkajs';
import { recordAudit } from '#lib/access/record-audit.ts';
import { deleteOffsets } from '#lib/brokers/kafka/delete-groups.ts';
import { WaybillError } from '#lib/errors.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { openClockCheck } from '#lib/operations/broker/check-clocks.ts';
import { getTopic } from '#lib/operations/get-topic.ts';
import { getGroupHistory } from '#lib/operations/get-group-history.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopics, uniqueName } from '#test/harness/kafka.ts';
import { type KafkaCluster, startKafkaCluster } from '#test/harness/kafka-cluster.ts';
import { commitOffsets } from '#test/lag/commit-offsets.ts';
import { clientOf, kafkaJsOf, lags, producerOf, type Watch, watchCluster, write } from './watch.ts';

let cluster: KafkaCluster;
const MINUTE = 60_000;

interface Scene {
  store: Store;
  watch: Watch;
  admin: Admin;
  producer: Producer;
  topic: string;
  group: string;
  commit: (offsets: Record<number, bigint>) => Promise<void>;
}

/** A topic with `records` on each of its partitions, and a name for a group. */
async function scene(t: TestContext, { partitions = 1, records = 10 } = {}): Promise<Scene> {
  const store = await testStore(t);
  const kafka = clientOf(t, cluster.config('shop'));
  const { admin } = cluster;
  const producer = await producerOf(t, cluster.brokers());
  const topic = uniqueName('orders');
  await createTopic(topic, partitions);
  const group = uniqueName('billing');
  for (let partition = 0; partition < partitions; partition += 1) if (records > 0) await write(producer, topic, partition, records);
  return { store, watch: watchCluster(t, store, cluster.config('shop')), admin, producer, topic, group, commit: (offsets) => commitOffsets(kafka, group, topic, new Map(Object.entries(offsets).map(([partition, offset]) => [Number(partition), offset]))) };
}

/** Takes timestamps of any clock, as brokers before Kafka 4 did. */
async function createTopic(topic: string, partitions: number): Promise<void> {
  await createTopics(cluster.admin, [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries: [{ name: 'message.timestamp.after.max.ms', value: '9223372036854775807' }] }]);
}

/** Lets a real consumer join, read everything and leave: after it the group is a classic one without members, which offsets can be set for. */
async function consumeAll({ group, topic }: Pick<Scene, 'group' | 'topic'>, records: number): Promise<void> {
  const consumer = kafkaJsOf(cluster.brokers()).consumer({ groupId: group });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    let seen = 0;
    consumer.run({ eachMessage: async () => void (++seen === records && resolve()) }).catch(reject);
  });
  await consumer.stop();
  await consumer.disconnect();
}

describe('a cluster that changes under its groups', { concurrency: 4 }, () => {
  before(async () => void (cluster = await startKafkaCluster(null)));
  after(() => cluster?.close());

  it('says of commits beyond the end of a recreated topic that the group starts anew, and calls it neither caught up nor behind', async (t) => {
    const { watch, admin, producer, topic, group, commit } = await scene(t, { records: 40 });
    await commit({ 0: 30n });
    await watch.cycle();
    assert.equal((await watch.group(group)).lag, '10');
    await admin.deleteTopics({ topics: [topic] });
    await eventually(async () => assert.ok(!(await admin.listTopics()).includes(topic)));
    await watch.cycle();
    assert.equal((await watch.groups()).find((item) => item.group === group)?.status === 'expired', false, 'its commits went with the topic');
    await eventually(() => createTopic(topic, 1));
    await eventually(() => write(producer, topic, 0, 3));
    // What a consumer of the old topic that never noticed commits into the new one.
    await commit({ 0: 30n });
    await watch.cycle();
    const found = await watch.group(group);
    assert.equal(found.partitions.length, 1);
    assert.equal(found.partitions[0]?.status, 'unknown');
    assert.equal(found.status, 'unknown');
    assert.match(found.verdict, /commit.* beyond the end/);
    assert.match(found.verdict, /auto\.offset\.reset/);
    assert.equal(found.consumedPerSecond, null);
    // The consumer resets itself and goes on: nothing of the past is left.
    await commit({ 0: 1n });
    await watch.cycle();
    const after = await watch.group(group);
    assert.deepEqual([after.lag, after.partitions[0]?.lag], ['2', '2']);
    assert.doesNotMatch(after.verdict, /beyond/);
  });

  it('shows partitions that were added, and no figure of them before somebody commits there', async (t) => {
    const { watch, admin, topic, group, commit } = await scene(t, { partitions: 2 });
    await commit({ 0: 10n, 1: 4n });
    await watch.cycle();
    assert.equal((await watch.group(group)).lag, '6');
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    // kafkajs drops without a word what goes to a partition it has not heard of: a new producer asks.
    await eventually(async () => assert.equal((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length, 4));
    await write(await producerOf(t, cluster.brokers()), topic, 3, 7);
    await watch.cycle();
    const grown = await watch.group(group);
    assert.equal(grown.lag, '6', 'no spike: nobody committed in the new partitions yet');
    await commit({ 0: 10n, 1: 10n, 2: 0n, 3: 2n });
    await watch.cycle();
    assert.deepEqual(lags(await watch.group(group)), { [`${topic}:0`]: '0', [`${topic}:1`]: '0', [`${topic}:2`]: '0', [`${topic}:3`]: '5' });
  });

  it('calls offsets that were set back rewound, and offsets that were set forward no consumption', async (t) => {
    const all = await scene(t, { records: 100 });
    const { watch, producer, topic, group, commit } = all;
    await consumeAll(all, 100);
    await watch.cycle();
    assert.equal((await watch.group(group)).status, 'empty');
    await commit({ 0: 20n });
    watch.skip(10_000);
    await watch.cycle();
    const back = await watch.group(group);
    assert.deepEqual([back.status, back.lag], ['rewound', '80']);
    assert.match(back.verdict, /went back/);
    assert.ok((back.consumedPerSecond ?? 0) === 0, `${back.consumedPerSecond}`);
    await write(producer, topic, 0, 5_000);
    watch.skip(10_000);
    await watch.cycle();
    await commit({ 0: 5_100n });
    watch.skip(10_000);
    await watch.cycle();
    const forward = await watch.group(group);
    assert.deepEqual([forward.status, forward.lag, forward.lagSeconds], ['empty', '0', 0]);
    assert.ok((forward.consumedPerSecond ?? 0) === 0, `5,080 skipped records were shown as ${forward.consumedPerSecond} consumed a second`);
  });

  it('lets a deleted group vanish instead of calling it recovered', async (t) => {
    const all = await scene(t);
    const { watch, admin, group, commit } = all;
    await consumeAll(all, 10);
    await watch.cycle();
    assert.ok((await watch.groups()).some((item) => item.group === group));
    await admin.deleteGroups([group]);
    await watch.cycle();
    assert.equal((await watch.groups()).some((item) => item.group === group), false);
    // The name comes back with records waiting and is deleted then: it never was at 0.
    await commit({ 0: 4n });
    await watch.cycle();
    assert.deepEqual([(await watch.group(group)).lag, (await watch.group(group)).status === 'rewound'], ['6', false]);
    await admin.deleteGroups([group]);
    await watch.cycle();
    const gone = (await watch.groups()).find((item) => item.group === group);
    assert.ok(gone === undefined || (gone.status === 'expired' && gone.lag !== '0'), JSON.stringify(gone));
  });

  it('tells a deletion from an expiry: the group is gone at once, and its old address says when, by whom and with what waiting', async (t) => {
    const { store, watch, admin, topic, group, commit } = await scene(t);
    const goneAs = (sentence: RegExp, detail: Record<string, unknown>) => (error: unknown) => {
      assert.ok(error instanceof WaybillError && error.status === 410, String(error));
      assert.match(error.message, sentence);
      const { how, by, reason, lag, topics } = error.detail;
      assert.deepEqual({ how, by, reason, lag, topics }, detail);
      return true;
    };
    await commit({ 0: 3n });
    await watch.cycle();
    await commit({ 0: 4n });
    await watch.cycle();
    await admin.deleteGroups([group]);
    await watch.cycle();
    assert.equal((await watch.groups()).some((item) => item.group === group), false, 'deleted, with records waiting: nobody has to be told for a day');
    await assert.rejects(watch.group(group), goneAs(/was deleted .*not through Waybill.*the brokers keep offsets for 7 d.*6 records waited then on/, { how: 'deleted', by: null, reason: null, lag: '6', topics: [topic] }));
    await commit({ 0: 9n });
    await watch.cycle();
    assert.equal((await watch.group(group)).lag, '1', 'it is back, and starts anew');
    await recordAudit(store, 'ana', { action: 'group.delete.begin', target: `shop/${group}`, reason: 'retired' });
    await admin.deleteGroups([group]);
    await watch.cycle();
    await assert.rejects(watch.group(group), goneAs(/was deleted .* by ana \("retired"\)\. 1 record waited then/, { how: 'deleted', by: 'ana', reason: 'retired', lag: '1', topics: [topic] }));
    await assert.rejects(watch.group(uniqueName('never')), (error) => error instanceof WaybillError && error.status === 404);
  });

  it('forgets the offsets of a topic that somebody deleted while the group remains, and calls nothing expired', async (t) => {
    const { store, watch, topic, group, commit } = await scene(t);
    const kafka = clientOf(t, cluster.config('shop'));
    const kept = uniqueName('kept');
    await createTopic(kept, 1);
    await commitOffsets(kafka, group, kept, new Map([[0, 0n]]));
    for (const offset of [3n, 4n]) {
      await commit({ 0: offset });
      await watch.cycle();
    }
    const failed = (await deleteOffsets(kafka, group, [{ topic, partition: 0 }])).filter(({ failure }) => failure !== null);
    assert.deepEqual(failed, []);
    await watch.cycle();
    const left = await watch.group(group);
    assert.deepEqual(lags(left), { [`${kept}:0`]: '0' });
    assert.notEqual(left.status, 'expired');
    const restarted = watchCluster(t, store, cluster.config('shop'));
    await restarted.cycle();
    assert.deepEqual(lags(await restarted.group(group)), { [`${kept}:0`]: '0' });
  });

  it('never lets a producer with a wrong clock make the age negative, years long, or the lag wrong', async (t) => {
    const { store, watch, producer, topic, group, commit } = await scene(t, { partitions: 2, records: 0 });
    const now = Date.now();
    await write(producer, topic, 0, 5, now + 5 * 24 * 60 * MINUTE);
    await write(producer, topic, 1, 5, now - 400 * 24 * 60 * MINUTE);
    await commit({ 0: 1n, 1: 1n });
    for (let i = 0; i < 3; i += 1) {
      await watch.cycle();
      watch.skip(10_000);
    }
    const found = await watch.group(group);
    assert.equal(found.lag, '8');
    const [ahead, behind] = found.partitions;
    assert.ok(ahead?.lagSeconds !== null && ahead !== undefined && ahead.lagSeconds >= 0 && ahead.lagSeconds < 600, JSON.stringify(ahead));
    assert.notEqual(ahead.lagSecondsQuality, 'exact');
    assert.ok(behind?.lagSeconds !== null && behind !== undefined && behind.lagSeconds >= 0, JSON.stringify(behind));
    assert.notEqual(behind.lagSecondsQuality, 'exact');
    // The clocks are told: the one ahead at first sight, the one behind where records come in sight of Waybill.
    const clusterId = (await store.prisma.cluster.findFirstOrThrow()).id;
    const registry = openBrokerRegistry([cluster.config('shop')]);
    t.after(() => registry.close());
    const clocks = openClockCheck({ store, broker: registry.get('shop'), clusterId, everyMs: 0 });
    const look = () => clocks.look({ now: watch.now(), signal: AbortSignal.timeout(30_000) });
    await look();
    const kinds = async () => (await watch.group(group)).partitions.map((p) => p.clockWarning?.match(/in the future|before \(the newest/)?.[0] ?? null);
    assert.deepEqual(await kinds(), ['in the future', null]);
    await write(producer, topic, 1, 1, now - 400 * 24 * 60 * MINUTE);
    await watch.cycle();
    await look();
    assert.deepEqual(await kinds(), ['in the future', 'before (the newest']);
    const flagged = await watch.group(group);
    assert.match(flagged.diagnosis.find(({ kind }) => kind === 'wrong-clock')?.headline ?? '', /partition 0 offset 0 carries a timestamp .* in the future/);
    assert.equal((await getTopic(store, { cluster: 'shop', topic, now: watch.now() })).clockWarnings.length, 2);
    await write(producer, topic, 1, 1);
    await watch.cycle();
    await look();
    assert.deepEqual(await kinds(), ['in the future', null]);
    // Seen by Waybill itself, a record's own timestamp says nothing any more.
    await write(producer, topic, 0, 5, now + 5 * 24 * 60 * MINUTE);
    await commit({ 0: 5n });
    await watch.cycle();
    watch.skip(20_000);
    await watch.cycle();
    const [seen] = (await watch.group(group)).partitions;
    assert.ok(seen?.lagSeconds !== null && seen !== undefined && seen.lagSeconds >= 15 && seen.lagSeconds < 120, JSON.stringify(seen));
  });

  it('keeps a gap of ten minutes a gap: no rate spike, no false stop, no age out of nothing', async (t) => {
    const { store, watch, producer, topic, group } = await scene(t, { records: 0 });
    const consumer = kafkaJsOf(cluster.brokers()).consumer({ groupId: group });
    t.after(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
    await write(producer, topic, 0, 100);
    const commitAsMember = (offset: number) => eventually(() => consumer.commitOffsets([{ topic, partition: 0, offset: String(offset) }]));
    await commitAsMember(100);
    for (let i = 0; i < 14; i += 1) {
      await watch.cycle();
      watch.skip(10_000);
    }
    assert.equal((await watch.group(group)).status, 'ok');
    const before = watch.now();
    watch.skip(10 * MINUTE);
    // 6,000 records were produced and consumed meanwhile; 30 of them came a moment ago.
    await write(producer, topic, 0, 6_000);
    await commitAsMember(6_070);
    await watch.cycle();
    const back = await watch.group(group);
    assert.deepEqual([back.lag, back.status], ['30', 'ok']);
    assert.ok(back.producedPerSecond === null || back.producedPerSecond <= 11, `${back.producedPerSecond} records a second`);
    assert.ok(back.consumedPerSecond === null || back.consumedPerSecond <= 11, `${back.consumedPerSecond} records a second`);
    for (let i = 0; i < 3; i += 1) {
      watch.skip(10_000);
      await watch.cycle();
      const next = await watch.group(group);
      assert.equal(next.status, 'ok');
      assert.ok((next.producedPerSecond ?? 0) <= 11 && (next.consumedPerSecond ?? 0) <= 11, JSON.stringify(next));
    }
    const history = await getGroupHistory(store, { cluster: 'shop', group, from: new Date(before.getTime() - 5 * MINUTE).toISOString(), to: watch.now().toISOString(), now: watch.now() });
    const inGap = history.items.filter((item) => Date.parse(item.at) > before.getTime() + MINUTE && Date.parse(item.at) + MINUTE < before.getTime() + 10 * MINUTE);
    assert.deepEqual(inGap, [], 'a chart that draws these would invent them');
  });

  it('calls a group that was caught up before a gap neither stopped nor minutes behind when a record came just now', async (t) => {
    const { watch, producer, topic, group } = await scene(t, { records: 50 });
    const consumer = kafkaJsOf(cluster.brokers()).consumer({ groupId: group });
    t.after(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
    await eventually(() => consumer.commitOffsets([{ topic, partition: 0, offset: '50' }]));
    for (let i = 0; i < 14; i += 1) {
      await watch.cycle();
      watch.skip(10_000);
    }
    watch.skip(10 * MINUTE);
    await write(producer, topic, 0, 2);
    await watch.cycle();
    const back = await watch.group(group);
    assert.equal(back.lag, '2');
    assert.equal(back.status, 'ok', back.verdict);
    assert.ok(back.lagSeconds !== null && back.lagSeconds < 30, `${back.lagSeconds} s old, ${back.lagSecondsQuality}`);
    assert.equal(back.lagSecondsQuality, 'at-least');
    // What really stops after the gap is told after the usual patience.
    for (let i = 0; i < 14; i += 1) {
      watch.skip(10_000);
      await watch.cycle();
    }
    assert.equal((await watch.group(group)).status, 'stopped', (await watch.group(group)).verdict);
  });

  it('knows after a restart that a quiet topic stood still until the end: what comes now is not as old as the quiet', async (t) => {
    const { store, watch, producer, topic, group, commit } = await scene(t);
    await commit({ 0: 10n });
    for (let i = 0; i < 4; i += 1) {
      await watch.cycle();
      watch.skip(30 * MINUTE);
    }
    await watch.cycle();
    const restarted = watchCluster(t, store, cluster.config('shop'));
    restarted.skip(watch.now().getTime() - Date.now() + 10_000);
    await write(producer, topic, 0, 3);
    await restarted.cycle();
    const found = await restarted.group(group);
    assert.equal(found.lag, '3');
    assert.equal(found.lagSecondsQuality, 'exact');
    assert.ok(found.lagSeconds !== null && found.lagSeconds < 20, `${found.lagSeconds}`);
    assert.equal(found.status, 'ok', found.verdict);
  });
});
