import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { runRequestsCollector } from '../../collectors/requests.ts';
import type { Broker } from '#lib/brokers/broker.ts';
import { type BrokerRegistry, openBrokerRegistry } from '#lib/brokers/registry.ts';
import { systemClock } from '#lib/clock.ts';
import { loadConfig } from '#lib/config.ts';
import { WaybillError } from '#lib/errors.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { askBroker } from '#lib/operations/ask-broker.ts';
import { changeGroup } from '#lib/operations/change-group.ts';
import { changeGroup as changeAtBroker } from '#lib/operations/broker/change-group.ts';
import type { GroupChange } from '#lib/operations/group-change-wire.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { commitOffsets, produce, testKafka, testProducer } from './commit-offsets.ts';
import { makeGroups } from './groups-workload.ts';
import { describeWithTool, runGroupTool } from './kafka-tools.ts';

const refusedAs = (code: string) => (error: unknown) => error instanceof WaybillError && error.code === code;

describe('what an operator changes about a group', () => {
  const hooks: (() => unknown)[] = [];
  const stop = new AbortController();
  let store: Store;
  let brokers: BrokerRegistry;
  let running: Promise<void>;

  before(async () => {
    store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
    await store.prisma.cluster.create({ data: { name: 'test', kafkaClusterId: uniqueName('id') } });
    brokers = openBrokerRegistry([{ name: 'test', brokers: testBrokers() }], { clientId: 'group-actions-test' });
    running = runRequestsCollector({ store, brokers, config: loadConfig({ NODE_ENV: 'test' }), clock: systemClock, log: pino({ level: 'silent' }), holder: 'test:1', signal: stop.signal });
  });
  after(async () => {
    stop.abort();
    await running;
    await brokers.close();
    for (const hook of hooks) await hook();
  });

  const ask = (change: GroupChange, idempotencyKey: string | null = null) => changeGroup(store, { cluster: 'test', change, principal: { name: 'ana' }, idempotencyKey });
  const reset = (group: string, to: Extract<GroupChange, { change: 'reset-offsets' }>['to'], more: Partial<Extract<GroupChange, { change: 'reset-offsets' }>> = {}): GroupChange => ({ change: 'reset-offsets', group, to, topic: null, partitions: null, dryRun: false, reason: 'a test', expect: null, ...more });
  const contextOf = (broker: Broker) => ({ store, broker, clusterId: 1, principal: 'ana', masking: compileMasking([]), dialects: [], headersToStrip: () => [], signal: AbortSignal.timeout(30_000), emit: async () => undefined, atEnd: () => undefined });
  const audited = (group: string) => store.prisma.auditEntry.findMany({ where: { target: `test/${group}` }, orderBy: { id: 'asc' } });

  /** A group without members in two topics: three partitions of 10 to 30 records, at 4, 20 and 9; the second topic has one partition without a commit. */
  async function emptyGroup(t: Parameters<typeof testKafka>[0]) {
    const kafka = testKafka(t);
    const [orders, refunds] = [await createTopic(uniqueName('orders'), { partitions: 2 }), await createTopic(uniqueName('refunds'), { partitions: 2 })];
    const group = uniqueName('billing');
    for (const [topic, partition, count] of [[orders, 0, 10], [orders, 1, 20], [refunds, 0, 30], [refunds, 1, 5]] as const) await produce(testProducer(t), topic, partition, count);
    await commitOffsets(kafka, group, orders, new Map([[0, 4n], [1, 20n]]));
    await commitOffsets(kafka, group, refunds, new Map([[0, 9n]]));
    return { kafka, orders, refunds, group };
  }

  it("says in a dry run where every partition goes, as Kafka's own tool does, and what that skips and repeats", async (t) => {
    const { group, orders, refunds } = await emptyGroup(t);
    const between = new Date();
    await produce(testProducer(t), orders, 0, 7);
    const cases: [GroupChange, string[], [string, string]][] = [
      [reset(group, { kind: 'earliest' }), ['--all-topics', '--to-earliest'], ['0', String(4 + 20 + 9)]],
      [reset(group, { kind: 'latest' }), ['--all-topics', '--to-latest'], [String(13 + 0 + 21), '0']],
      [reset(group, { kind: 'offset', offset: '12' }, { topic: orders }), ['--topic', orders, '--to-offset', '12'], ['8', '8']],
      [reset(group, { kind: 'shift', by: '-6' }), ['--all-topics', '--shift-by', '-6'], ['0', String(4 + 6 + 6)]],
      [reset(group, { kind: 'time', time: between.toISOString() }), ['--all-topics', '--to-datetime', between.toISOString().replace('Z', '')], [String(6 + 21), '0']],
      [reset(group, { kind: 'latest' }, { topic: refunds }), ['--topic', refunds, '--to-latest'], ['21', '0']],
    ];
    for (const [change, args, [skipped, repeated]] of cases) {
      const answer = await ask({ ...change, dryRun: true });
      const said = await runGroupTool('consumer', ['--reset-offsets', '--group', group, '--dry-run', ...args]);
      const theirs = said.split('\n').map((line) => line.trim().split(/\s+/)).filter((cells) => cells[0] === group).map(([, topic, partition, offset]) => `${topic}:${partition} ${offset}`);
      assert.deepEqual(answer.partitions.map((p) => `${p.topic}:${p.partition} ${p.to}`).toSorted(), theirs.toSorted(), args.join(' '));
      assert.deepEqual([answer.skipped, answer.repeated, answer.blockedBecause], [skipped, repeated, null], args.join(' '));
    }
    assert.deepEqual((await describeWithTool('consumer', [group])).map((row) => row.committed).toSorted(), ['20', '4', '9'], 'a dry run changes nothing');
    assert.deepEqual(await audited(group), []);
  });

  it('does what the dry run said, once, with one audit line of the intent and one of the outcome, however often it is asked with the same key', async (t) => {
    const { group, orders } = await emptyGroup(t);
    const dry = await ask(reset(group, { kind: 'shift', by: '-3' }, { topic: orders, dryRun: true, reason: null }));
    const change = reset(group, { kind: 'shift', by: '-3' }, { topic: orders, expect: dry.fingerprint });
    const [first, second] = await Promise.all([ask(change, 'one-click'), ask(change, 'one-click')]);
    assert.deepEqual(second, first);
    assert.deepEqual(await ask(change, 'one-click'), first);
    assert.deepEqual([first.dryRun, first.changed, first.repeated, first.partitions.map((p) => [p.from, p.to])], [false, 2, '6', [['4', '1'], ['20', '17']]]);
    const now = (await describeWithTool('consumer', [group])).filter((row) => row.topic === orders);
    assert.deepEqual(now.map((row) => [row.partition, row.committed]), [[0, '1'], [1, '17']]);
    const lines = await audited(group);
    assert.deepEqual(lines.map((line) => [line.actor, line.action, line.reason]), [['ana', 'group.reset-offsets.begin', 'a test'], ['ana', 'group.reset-offsets', 'a test']]);
    for (const line of lines) assert.deepEqual(line.before, { offsets: [[orders, 0, '4'], [orders, 1, '20']] });
    await assert.rejects(ask(reset(group, { kind: 'latest' }), 'one-click'), refusedAs('idempotency-key-reused'));
    // Without the key, the fingerprint still refuses: the offsets are not what the dry run saw.
    await assert.rejects(ask(change), refusedAs('group-moved'));
  });

  it('resets chosen partitions alone, also one without a commit, and says what it leaves as it is', async (t) => {
    const { group, refunds } = await emptyGroup(t);
    const answer = await ask(reset(group, { kind: 'offset', offset: '3' }, { partitions: [{ topic: refunds, partition: 1 }] }));
    assert.deepEqual(answer.partitions.map((p) => [p.partition, p.from, p.to, p.skipped]), [[1, null, '3', null]]);
    const shifted = await ask(reset(group, { kind: 'shift', by: '100' }, { topic: refunds, dryRun: true }));
    assert.deepEqual(shifted.partitions.map((p) => [p.to, p.note]), [['30', '109 is past the log, which ends at 30.'], ['5', '103 is past the log, which ends at 5.']]);
    await assert.rejects(ask(reset(group, { kind: 'offset', offset: '3' }, { partitions: [{ topic: refunds, partition: 1 }] })), refusedAs('nothing-to-change'));
    await assert.rejects(ask(reset(group, { kind: 'latest' }, { partitions: [{ topic: refunds, partition: 9 }] })), refusedAs('partition-not-found'));
    await assert.rejects(ask(reset(uniqueName('nobody'), { kind: 'latest' })), refusedAs('group-not-found'));
  });

  it('refuses while members are there, and so does Kafka itself where they join after the last look', async (t) => {
    const topic = await createTopic(uniqueName('orders'));
    await produce(testProducer(t), topic, 0, 10);
    const groups = (['classic', 'consumer'] as const).map((type) => ({ type, group: uniqueName(type), topics: [topic], records: 5, keep: true }));
    await makeGroups(t, groups);
    const real = brokers.get('test');
    for (const { group } of groups) {
      const dry = await ask(reset(group, { kind: 'earliest' }, { dryRun: true }));
      assert.match(dry.blockedBecause ?? '', /with 1 member: stop its consumers first/);
      assert.ok(Number(dry.repeated) >= 5, 'the figures are there all the same');
      for (const change of [reset(group, { kind: 'earliest' }), { change: 'delete-group', group, dryRun: false, reason: 'a test', expect: null } as const]) {
        await assert.rejects(ask(change), refusedAs('group-not-empty'));
        const blind = { ...real, describeGroups: async () => [{ group, members: [], protocol: null, state: 'Empty', failure: null }] };
        const atEnd: ((tx: Store) => Promise<void>)[] = [];
        assert.deepEqual((await audited(group)).filter(({ action }) => action.startsWith(change.change === 'delete-group' ? 'group.delete' : 'group.reset')), [], 'what Waybill itself refuses was not begun');
        await assert.rejects(changeAtBroker(change, { ...contextOf(blind), atEnd: (work) => void atEnd.push(work) }), refusedAs('group-not-empty'));
        for (const work of atEnd) await work(store);
      }
      assert.deepEqual((await audited(group)).map(({ action }) => action), ['group.reset-offsets.begin', 'group.reset-offsets.failed', 'group.delete.begin', 'group.delete.failed']);
      assert.notEqual((await describeWithTool('consumer', [group]))[0]?.committed, '0');
    }
  });

  it('forgets a topic that nobody reads any more, beside members that read another, and not the one they read', async (t) => {
    const kafka = testKafka(t);
    const [left, read] = [await createTopic(uniqueName('left')), await createTopic(uniqueName('read'))];
    for (const topic of [left, read]) await produce(testProducer(t), topic, 0, 10);
    const group = uniqueName('moved-on');
    await commitOffsets(kafka, group, left, new Map([[0, 4n]]));
    await makeGroups(t, [{ type: 'consumer', group, topics: [read], records: 5, keep: true }]);
    const forget = (topic: string, dryRun: boolean): GroupChange => ({ change: 'delete-offsets', group, topic, dryRun, reason: 'a test', expect: null });
    await assert.rejects(ask(forget(read, false)), refusedAs('group-not-empty'));
    const dry = await ask(forget(left, true));
    assert.deepEqual([dry.blockedBecause, dry.skipped, dry.repeated, dry.partitions.length], [null, '6', '4', 1]);
    await ask(forget(left, false));
    assert.deepEqual((await describeWithTool('consumer', [group])).map((row) => row.topic), [read]);
    assert.deepEqual((await audited(group)).map((line) => line.action), ['group.delete-offsets.begin', 'group.delete-offsets']);
  });

  it('leaves the line of the intent where the collector dies between the answer of the broker and the end of the request', async (t) => {
    const { group, orders, refunds } = await emptyGroup(t);
    // Its end never comes: what would be written then is not.
    await changeAtBroker({ change: 'delete-group', group, dryRun: false, reason: 'no longer used', expect: null }, contextOf(brokers.get('test')));
    assert.ok(!(await runGroupTool('consumer', ['--list'])).split('\n').includes(group));
    const [line, ...more] = await audited(group);
    assert.deepEqual([line?.actor, line?.action, line?.reason, more.length], ['ana', 'group.delete.begin', 'no longer used', 0]);
    assert.deepEqual(line?.before, { offsets: [[orders, 0, '4'], [orders, 1, '20'], [refunds, 0, '9']] });
  });

  it('answers everybody who asks with the same key as soon as there is an answer, also when one of them leaves', { timeout: 60_000 }, async (t) => {
    const { group } = await emptyGroup(t);
    const once = randomUUID();
    const leaving = new AbortController();
    const { id: clusterId } = await store.prisma.cluster.findFirstOrThrow();
    // Nobody looks again by himself before the test is over.
    const same = (signal?: AbortSignal) => askBroker(store, { clusterId, kind: 'change-group', params: reset(group, { kind: 'earliest' }, { dryRun: true }), principal: 'ana', timeoutMs: 120_000, pollMs: 120_000, once, ...(signal ? { signal } : {}) });
    const [first, gone, second] = [same(), same(leaving.signal), same()];
    leaving.abort();
    await assert.rejects(gone, refusedAs('cancelled'));
    assert.deepEqual(await second, await first);
  });

  it('deletes a group without members, with its audit line, and finds none afterwards', async (t) => {
    const { group } = await emptyGroup(t);
    const gone: GroupChange = { change: 'delete-group', group, dryRun: false, reason: 'no longer used', expect: null };
    const dry = await ask({ ...gone, dryRun: true });
    assert.deepEqual([dry.skipped, dry.repeated, dry.changed], [String(6 + 0 + 21), String(4 + 20 + 9), 3]);
    await ask(gone);
    await assert.rejects(ask(gone), refusedAs('group-not-found'));
    assert.deepEqual((await audited(group)).map((line) => [line.action, line.reason]), [['group.delete.begin', 'no longer used'], ['group.delete', 'no longer used']]);
    assert.ok(!(await runGroupTool('consumer', ['--list'])).split('\n').includes(group));
  });

  it("does not know the groups that hold a replay's progress, empty as they are: none is changed", async (t) => {
    const { kafka, orders } = await emptyGroup(t);
    const group = uniqueName('waybill-replay-0199');
    await commitOffsets(kafka, group, orders, new Map([[0, 4n]]));
    for (const change of [reset(group, { kind: 'earliest' }), reset(group, { kind: 'latest' }, { dryRun: true }), { change: 'delete-offsets', group, topic: orders, dryRun: false, reason: 'a test', expect: null }, { change: 'delete-group', group, dryRun: false, reason: 'a test', expect: null }] as GroupChange[]) {
      await assert.rejects(ask(change), refusedAs('group-not-found'));
    }
    assert.ok((await runGroupTool('consumer', ['--list'])).split('\n').includes(group));
  });

  it('says of share and streams groups that it does not change them, and what does', async (t) => {
    const topic = await createTopic(uniqueName('orders'));
    await produce(testProducer(t), topic, 0, 5);
    const groups = (['share', 'streams'] as const).map((type) => ({ type, group: uniqueName(type), topics: [topic], records: 5, keep: false }));
    await makeGroups(t, groups);
    for (const { type, group } of groups) await assert.rejects(ask(reset(group, { kind: 'earliest' }, { dryRun: true })), (error) => refusedAs('group-type-unsupported')(error) && new RegExp(`kafka-${type}-groups.sh`).test((error as Error).message));
  });
});
