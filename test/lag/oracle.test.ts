import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deleteRecordsV2, deleteTopicsV6 } from '@platformatic/kafka';
import { getGroup } from '#lib/operations/get-group.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, uniqueName } from '#test/harness/kafka.ts';
import { startKafkaCluster } from '#test/harness/kafka-cluster.ts';
import { testCollection } from './collection.ts';
import { commitOffsets, produce, testKafka, testProducer } from './commit-offsets.ts';
import { type GroupToMake, makeGroups } from './groups-workload.ts';
import { describeWithTool, type OracleRow } from './kafka-tools.ts';

// Waybill against Kafka's own tools, over a random cluster: every partition of every group, or the test fails. WAYBILL_ORACLE_SEED repeats a run.

const TYPES = { simple: 96, classic: 42, consumer: 36, share: 16, streams: 10 };
type Type = keyof typeof TYPES;

/** Mulberry32: small, and the same on every machine. */
function randomOf(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(next() * count);
  const some = <T>(items: readonly T[], count: number) => items.map((item) => ({ item, at: next() })).toSorted((a, b) => a.at - b.at).slice(0, count).map(({ item }) => item);
  return { below, chance: (p: number) => next() < p, some };
}

/** What one side says of a partition; "-" = no figure. */
interface Figures {
  committed: string;
  end: string | null;
  lag: string;
}

/** Where the two sides differ, in words. A figure that a tool does not print is not compared; a partition without a commit may be left out by either side. */
function differences(ours: ReadonlyMap<string, Figures>, theirs: ReadonlyMap<string, Figures>): string[] {
  const found: string[] = [];
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const a = ours.get(key);
    const b = theirs.get(key);
    if ((a === undefined || b === undefined) && (a ?? b)?.committed === '-') continue;
    const same = a !== undefined && b !== undefined && a.committed === b.committed && a.lag === b.lag && (b.end === null || a.end === b.end);
    if (!same) found.push(`${key}: Waybill ${a ? JSON.stringify(a) : 'has no such partition'}, Kafka's tool ${b ? JSON.stringify(b) : 'has no such partition'}`);
  }
  return found;
}

describe('the oracle', () => {
  it("agrees with Kafka's own tools on every partition of 200 groups of all types", { timeout: 900_000 }, async (t) => {
    const seed = Number(process.env['WAYBILL_ORACLE_SEED'] ?? Date.now() % 1_000_000);
    t.diagnostic(`seed ${seed}: WAYBILL_ORACLE_SEED=${seed} repeats this run`);
    const random = randomOf(seed);
    // A broker of its own: --all-groups is all of them, and one group of another test that goes while the tool looks ends the tool.
    const cluster = await startKafkaCluster(t);
    process.env['WAYBILL_TEST_KAFKA'] = cluster.brokers().join(',');
    const store = await testStore(t);
    const kafka = testKafka(t);

    // Logs: plain records, gaps where transactions were aborted, and partitions without anything.
    const topics: { name: string; visible: number[]; ends: number[] }[] = [];
    for (let i = 0; i < 22; i += 1) {
      const partitions = 1 + random.below(5);
      topics.push({ name: await createTopic(uniqueName(`oracle-${i}`), { partitions }), visible: Array.from({ length: partitions }, () => 0), ends: Array.from({ length: partitions }, () => 0) });
    }
    const producer = testProducer(t);
    const aborting = testProducer(t, { transactionalId: uniqueName('oracle-aborts') });
    for (const topic of topics) {
      for (let partition = 0; partition < topic.ends.length; partition += 1) {
        for (let rounds = random.below(3); rounds > 0; rounds -= 1) {
          const count = 1 + random.below(30);
          await produce(producer, topic.name, partition, count);
          let markers = 0;
          if (random.chance(0.3)) {
            const transaction = await aborting.beginTransaction();
            await transaction.send({ messages: Array.from({ length: count }, (_, n) => ({ topic: topic.name, partition, key: `a${n}`, value: 'aborted' })) });
            await transaction.abort();
            // The aborted records, which a read_uncommitted client sees, and a control record, which nobody does.
            topic.visible[partition]! += count;
            markers = count + 1;
          }
          topic.visible[partition]! += count;
          topic.ends[partition]! += count + markers;
        }
      }
    }
    const doomed = topics.slice(0, 2);
    const living = topics.slice(2);
    const recordsOf = (chosen: readonly (typeof topics)[number][]) => chosen.reduce((sum, topic) => sum + topic.visible.reduce((a, b) => a + b, 0), 0);

    const groups: { type: Type; group: string }[] = [];
    const toMake: GroupToMake[] = [];
    for (const type of Object.keys(TYPES) as Type[]) {
      for (let i = 0; i < TYPES[type]; i += 1) {
        const group = uniqueName(`oracle-${type}-${i}`);
        groups.push({ type, group });
        let chosen = random.some(living, 1 + random.below(3));
        // A share group without a record has no offset, and is gone with its last member.
        while (type === 'share' && recordsOf(chosen) === 0) chosen = random.some(living, 3);
        // Kafka's own tools end with an error where a member holds a topic that is gone, and the one for streams groups shows no group without members.
        const loses = i % 16 === 3 && type !== 'streams' && recordsOf(chosen) > 0;
        if (loses) chosen.push(...random.some(doomed, 1));
        if (type === 'simple') {
          for (const topic of chosen) {
            const partitions = random.some([...topic.ends.keys()], 1 + random.below(topic.ends.length));
            await commitOffsets(kafka, group, topic.name, new Map(partitions.map((partition) => [partition, BigInt(random.chance(0.2) ? topic.ends[partition]! : random.below(topic.ends[partition]! + 1))])));
          }
          continue;
        }
        const records = recordsOf(chosen);
        // All that there is for streams, which read on by themselves, and for most share groups; a part for the others; now and then nobody commits.
        const part = type === 'streams' || (type === 'share' && random.chance(0.7)) ? records : random.chance(0.15) && !loses && type !== 'share' ? 0 : Math.min(records, 1 + random.below(40));
        toMake.push({
          type,
          group,
          topics: chosen.map((topic) => topic.name),
          records: part,
          // Without a commit and without a member there would be no group. What a member of a share group was given and did not acknowledge changes by itself: those leave.
          keep: !loses && type !== 'share' && (part === 0 || type === 'streams' || random.chance(0.4)),
        });
      }
    }
    const began = performance.now();
    const told = (what: string) => t.diagnostic(`${Math.round((performance.now() - began) / 1_000)} s: ${what}`);
    await makeGroups(t, toMake, { timeoutMs: 300_000, leave: false });
    told('groups made');

    // Then the logs move on: new records, records deleted from the start, topics deleted, transactions that stay open.
    const open = testProducer(t, { transactionalId: uniqueName('oracle-open'), transactionTimeoutMs: 600_000 });
    const transaction = await open.beginTransaction();
    for (const topic of living) {
      for (const partition of topic.ends.keys()) {
        if (random.chance(0.4)) await produce(producer, topic.name, partition, 1 + random.below(20));
        if (random.chance(0.3)) {
          const { connection } = await kafka.connections.leader(topic.name, partition);
          await deleteRecordsV2.api.async(connection, [{ name: topic.name, partitions: [{ partitionIndex: partition, offset: BigInt(random.below(topic.ends[partition]! + 1)) }] }], 10_000);
        }
        if (random.chance(0.2)) await transaction.send({ messages: [{ topic: topic.name, partition, key: 'open', value: 'open' }] });
      }
    }
    const { controllerId, nodes } = await kafka.connections.metadata();
    await deleteTopicsV6.api.async(await kafka.connections.node(controllerId ?? nodes[0]?.nodeId ?? -1), doomed.map(({ name }) => ({ name, topicId: null as never })), 10_000);

    const { cycle, registry } = testCollection(t, store);
    await eventually(async () => {
      const { groups: read } = await registry.get('test').snapshotOffsets({ signal: AbortSignal.timeout(30_000) });
      assert.ok(!read.some((group) => group.committed?.some(({ topic }) => doomed.some(({ name }) => name === topic))), 'commits in the deleted topics are still there');
    });
    const names = new Map(groups.map(({ type, group }) => [group, type]));
    const read = async () => {
      await cycle();
      const found = new Map<string, Figures>();
      for (const { group } of groups) {
        const detail = await getGroup(store, { cluster: 'test', group, now: new Date() });
        for (const p of detail.partitions) found.set(`${group} ${p.topic}:${p.partition}`, { committed: p.committedOffset ?? '-', end: p.endOffset ?? '-', lag: p.lag ?? '-' });
        const sum = detail.partitions.reduce((total, p) => total + BigInt(p.lag ?? 0), 0n);
        if (detail.lag !== null) assert.equal(detail.lag, String(sum), `${group}: its lag is the sum of its partitions`);
      }
      return found;
    };
    /** Everything that either side derives its figures from, straight from the broker. */
    const position = async () => {
      const { groups: listed, topics: logs } = await registry.get('test').snapshotOffsets({ signal: AbortSignal.timeout(60_000) });
      return new Map<string, unknown>([...listed.map((group) => [group.name, group.committed] as const), ...[...logs.values()].map((log) => [log.name, log.highWatermarks] as const)]);
    };
    const { ours, theirs } = await eventually(
      async () => {
        const before = await position();
        const rows: OracleRow[] = [];
        for (const tool of ['consumer', 'share', 'streams'] as const) rows.push(...(await describeWithTool(tool, 'all')));
        told('read by the tools');
        const after = await read();
        told('read by Waybill');
        assert.deepEqual(await position(), before, 'it was not quiet while the two looked');
        // Of a partition without a commit the tool for streams groups calls the whole log lag. The others print none, and Waybill has none: it is neither 0 nor the whole log.
        // The tool for share groups prints no end: the ones for the others do, of the same partition.
        const ends = new Map(rows.filter((row) => row.end !== null).map((row) => [`${row.topic}:${row.partition}`, row.end]));
        return { ours: after, theirs: new Map(rows.filter((row) => names.has(row.group)).map((row) => [`${row.group} ${row.topic}:${row.partition}`, { committed: row.committed, end: row.end ?? ends.get(`${row.topic}:${row.partition}`) ?? null, lag: row.committed === '-' ? '-' : row.lag }])) };
      },
      { timeoutMs: 120_000 },
    );
    await transaction.abort();

    const compared = new Map<Type, { groups: Set<string>; partitions: number; ends: number; uncommitted: number }>();
    for (const [key, row] of theirs) {
      const group = key.slice(0, key.indexOf(' '));
      const type = names.get(group)!;
      const tally = compared.get(type) ?? { groups: new Set(), partitions: 0, ends: 0, uncommitted: 0 };
      compared.set(type, tally);
      tally.groups.add(group);
      tally.partitions += 1;
      if (row.end !== null) tally.ends += 1;
      if (row.committed === '-') tally.uncommitted += 1;
    }
    for (const [type, tally] of compared) t.diagnostic(`${type}: ${tally.partitions} partitions of ${tally.groups.size} groups compared, ${tally.ends} of them with their end, ${tally.uncommitted} without a commit`);
    t.diagnostic(`${theirs.size} partitions in all`);

    const found = differences(ours, theirs);
    assert.deepEqual(found, [], `${found.length} partitions differ`);
    for (const type of Object.keys(TYPES) as Type[]) assert.equal(compared.get(type)?.groups.size, TYPES[type], `not all ${type} groups were compared`);
    // It can fail: a figure that is off by one, and a partition that one side lacks.
    const [key, figures] = [...ours].find(([, row]) => row.committed !== '-') ?? assert.fail();
    for (const field of ['committed', 'lag'] as const) assert.equal(differences(new Map([...ours, [key, { ...figures, [field]: String(BigInt(figures[field]) + 1n) }]]), theirs).length, 1, field);
    assert.equal(differences(new Map([...ours].filter(([other]) => other !== key)), theirs).length, 1);
  });
});
