import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getGroup } from '#lib/operations/get-group.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, uniqueName } from '#test/harness/kafka.ts';
import { testCollection } from './collection.ts';
import { produce, testProducer } from './commit-offsets.ts';
import { type GroupToMake, makeGroups } from './groups-workload.ts';

describe('groups of every type on a real broker', () => {
  it('shows classic, consumer, share and streams groups with their members, hosts, assignments and lag', async (t) => {
    const store = await testStore(t);
    const producer = testProducer(t);
    const orders = await createTopic(uniqueName('orders'), { partitions: 2 });
    const refunds = await createTopic(uniqueName('refunds'));
    for (const partition of [0, 1]) await produce(producer, orders, partition, 30);
    await produce(producer, refunds, 0, 30);
    const make = (type: GroupToMake['type'], topics: string[], records: number): GroupToMake => ({ type, group: uniqueName(type), topics, records, keep: true });
    const groups = { classic: make('classic', [orders], 20), consumer: make('consumer', [orders], 20), share: make('share', [refunds], 30), streams: make('streams', [orders, refunds], 90) };
    await makeGroups(t, Object.values(groups));
    // The streams application is paused: what comes now waits.
    await produce(producer, refunds, 0, 5);

    const { cycle } = testCollection(t, store);
    await cycle();
    const read = (type: keyof typeof groups) => getGroup(store, { cluster: 'test', group: groups[type].group, now: new Date() });
    for (const type of Object.keys(groups) as (keyof typeof groups)[]) {
      const found = await read(type);
      assert.deepEqual([found.type, found.state, found.members], [type, 'Stable', 1], type);
      const [member] = found.memberList;
      assert.match(member?.clientId ?? '', new RegExp(`^client-of-${groups[type].group}`));
      assert.equal(member?.host, '127.0.0.1');
      const expected = groups[type].topics.map((topic) => ({ topic, partitions: topic === orders ? [0, 1] : [0] }));
      assert.deepEqual(member?.assignments.toSorted((a, b) => a.topic.localeCompare(b.topic)), expected.toSorted((a, b) => a.topic.localeCompare(b.topic)), type);
      assert.deepEqual([...new Set(found.partitions.map((p) => p.member))], [member?.clientId], type);
    }
    for (const type of ['classic', 'consumer'] as const) assert.equal((await read(type)).lag, '40', type);
    assert.equal((await read('streams')).lag, '5');
    // Twenty of thirty were accepted, every third was given back, five came later.
    const share = await read('share');
    assert.equal(share.lag, '15');
    assert.ok(BigInt(share.partitions[0]?.committedOffset ?? '99') <= 2n, 'the start stands still before the first record that was given back');
  });

  it('shows a partition that a member holds without a commit, with its log and without a lag', async (t) => {
    const store = await testStore(t);
    const topic = await createTopic(uniqueName('orders'));
    await produce(testProducer(t), topic, 0, 7);
    const group = uniqueName('newcomer');
    await makeGroups(t, [{ type: 'consumer', group, topics: [topic], records: 0, keep: true }]);
    await testCollection(t, store).cycle();
    const [partition] = (await getGroup(store, { cluster: 'test', group, now: new Date() })).partitions;
    assert.deepEqual([partition?.topic, partition?.partition, partition?.committedOffset, partition?.endOffset, partition?.lag, partition?.member], [topic, 0, null, '7', null, `client-of-${group}`]);
  });

  it('describes a group that changed its protocol since it was listed by the protocol it speaks now, and never as dead', async (t) => {
    const store = await testStore(t);
    const { registry } = testCollection(t, store);
    const topic = await createTopic(uniqueName('orders'));
    await produce(testProducer(t), topic, 0, 3);
    const groups = (['classic', 'consumer', 'streams'] as const).map((type): GroupToMake => ({ type, group: uniqueName(type), topics: [topic], records: 3, keep: true }));
    await makeGroups(t, groups);
    const broker = registry.get('test');
    const { groups: listed } = await broker.snapshotOffsets({ signal: AbortSignal.timeout(30_000) });
    const stale = groups.map(({ group, type }) => ({ name: group, type: type === 'classic' ? ('consumer' as const) : ('classic' as const), coordinator: listed.find((one) => one.name === group)?.coordinator ?? -1 }));
    for (const described of await broker.describeGroups(stale)) assert.deepEqual([described.state, described.members?.length, described.failure], ['Stable', 1, null], described.group);
    const [gone] = await broker.describeGroups([{ name: uniqueName('never'), type: 'classic', coordinator: stale[0]?.coordinator ?? -1 }]);
    assert.deepEqual([gone?.state, gone?.members], ['Dead', []]);
  });

  it('migrates a live group from classic to KIP-848 without ever showing it dead or without members', async (t) => {
    const store = await testStore(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    for (const partition of [0, 1]) await produce(testProducer(t), topic, partition, 10);
    const group = uniqueName('migrating');
    await makeGroups(t, [{ type: 'classic', group, topics: [topic], records: 5, keep: true }]);
    const { cycle } = testCollection(t, store);
    await cycle();
    const seen: string[] = [];
    const look = async () => {
      await testCollection(t, store).cycle();
      const found = await getGroup(store, { cluster: 'test', group, now: new Date() });
      seen.push(`${found.type} ${found.state} ${found.members}`);
      assert.notEqual(found.state, 'Dead');
      assert.ok((found.members ?? 0) >= 1, seen.join(', '));
      return found;
    };
    assert.equal((await look()).type, 'classic');
    await makeGroups(t, [{ type: 'consumer', group, topics: [topic], records: 0, keep: true }]);
    const both = await eventually(async () => {
      const found = await look();
      assert.deepEqual([found.type, found.members], ['consumer', 2], seen.join(', '));
      return found;
    }, { timeoutMs: 60_000, everyMs: 500 });
    assert.deepEqual(both.memberList.flatMap((member) => member.assignments.flatMap((a) => a.partitions)).toSorted((a, b) => a - b), [0, 1]);
  });
});
