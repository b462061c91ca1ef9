// How long one cycle of lag takes: 5,000 groups x 10 partitions on 10,000 topic partitions, on a real Kafka and a real PostgreSQL.
//   npm run bench lag [--groups 5000] [--partitions 10] [--cycles 5] [--cli]
// The collector runs in this process and does nothing else, so its memory and CPU are the collector's; a child seeds and moves the offsets.
// Three kinds of cycle: the first (everything is new), quiet (nothing moved) and busy (every partition of every group committed and grew).
// The last line is JSON: ratios first, because those carry over to other machines.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createTopicsV7, offsetCommitV9, Producer } from '@platformatic/kafka';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { answerOf, openKafka } from '#lib/brokers/kafka/connect.ts';
import { boundHeapGrowth } from '../collectors/bound-heap-growth.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { openOffsetsCollection } from '#lib/operations/broker/collect-offsets.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import { listGroups } from '#lib/operations/list-groups.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { testBrokers } from '#test/harness/kafka.ts';

const GOAL_CYCLE_MS = 1_000;
const GOAL_RSS_MB = 400;
const SAMPLE_GROUPS = 100;
const RECORDS = 4;

const { values } = parseArgs({ options: { mover: { type: 'boolean', default: false }, groups: { type: 'string', default: '5000' }, partitions: { type: 'string', default: '10' }, cycles: { type: 'string', default: '5' }, cli: { type: 'boolean', default: false }, stem: { type: 'string', default: `bench-${Date.now().toString(36)}` } }, strict: true });
const groups = Number(values.groups);
const partitions = Number(values.partitions);
const cycles = Number(values.cycles);
const topics = Math.max(1, Math.round(groups / 5));
const topicOf = (i: number) => `${values.stem}.topic-${i % topics}`;
const groupOf = (i: number) => `${values.stem}.group-${i}`;

await (values.mover ? move() : measure());

/** The child: makes topics and records, then at each word from the parent commits in every partition of every group and produces in every partition. */
async function move(): Promise<void> {
  const kafka = openKafka({ name: 'bench', brokers: testBrokers() }, { clientId: 'bench-mover', requestTimeoutMs: 60_000 });
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ clientId: 'bench-mover', bootstrapBrokers: testBrokers(), timeout: 60_000, retries: 0 });
  const { controllerId } = await kafka.connections.metadata({ topics: [] });
  const controller = await kafka.connections.node(controllerId ?? 1);
  for (let i = 0; i < topics; i += 200) {
    const batch = Array.from({ length: Math.min(200, topics - i) }, (_, j) => ({ name: topicOf(i + j), numPartitions: partitions, replicationFactor: 1, assignments: [], configs: [] }));
    // Topics of an interrupted run with the same --stem are taken as they are.
    await answerOf(createTopicsV7.api.async(controller, batch, 60_000, false));
  }
  await eventually(
    async () => {
      const { topics: found } = await kafka.connections.metadata();
      for (let i = 0; i < topics; i += 1) if (found.get(topicOf(i))?.partitions.filter((p) => p.leader !== null && p.errorCode === 0).length !== partitions) throw new Error(`${topicOf(i)} has no leaders yet`);
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
  let committed = 0n;
  const everyPartition = async (count: number) => {
    for (let i = 0; i < topics; i += 50) {
      const messages: { topic: string; partition: number; value: Buffer }[] = [];
      for (let topic = i; topic < Math.min(topics, i + 50); topic += 1) for (let partition = 0; partition < partitions; partition += 1) for (let n = 0; n < count; n += 1) messages.push({ topic: topicOf(topic), partition, value: Buffer.from('x') });
      // The metadata names a leader before the broker has made the log.
      await eventually(() => producer.send({ messages, acks: 1 }), { timeoutMs: 180_000, everyMs: 500 });
    }
  };
  const commitAll = async () => {
    const { connection } = await kafka.connections.coordinator('group', groupOf(0));
    const byCoordinator = [connection];
    let next = 0;
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        while (next < groups) {
          const i = next++;
          const at = byCoordinator[0] ?? connection;
          await offsetCommitV9.api.async(at, groupOf(i), -1, '', null, [{ name: topicOf(i), partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, committedOffset: committed, committedLeaderEpoch: -1, committedMetadata: '' })) }]);
        }
      }),
    );
  };
  await everyPartition(RECORDS);
  // A coordinator that has just come into being is loading for a moment.
  await eventually(commitAll, { timeoutMs: 120_000, everyMs: 500 });
  process.send?.('moved');
  for await (const [word] of listen()) {
    if (word === 'end') break;
    committed += 1n;
    await everyPartition(1);
    await commitAll();
    process.send?.('moved');
  }
  await producer.close();
  await kafka.close();
  process.disconnect?.();
}

async function* listen(): AsyncGenerator<[unknown]> {
  for (;;) yield (await once(process, 'message')) as [unknown];
}

interface Cycle {
  ms: number;
  readMs: number;
  cpuMs: number;
  requests: number;
  rows: number;
}

async function measure(): Promise<void> {
  // As the collector itself does.
  boundHeapGrowth();
  const cleanups: (() => unknown)[] = [];
  const store = await testStore({ after: (hook) => void cleanups.push(hook as () => unknown) });
  const child = fork(import.meta.filename, ['--mover', '--groups', String(groups), '--partitions', String(partitions), '--stem', values.stem], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const moved = async () => {
    const [word] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown];
    if (word !== 'moved') throw new Error('the mover ended early');
  };
  try {
    console.log(`seeding ${topics} topics x ${partitions} partitions and ${groups} groups`);
    const seeding = performance.now();
    await moved();
    console.log(`seeded in ${((performance.now() - seeding) / 1_000).toFixed(1)} s`);

    const registry = openBrokerRegistry([{ name: 'bench', brokers: testBrokers() }], { clientId: 'waybill-bench' });
    const collection = openOffsetsCollection({ store, broker: registry.get('bench'), configuredNames: ['bench'], intervalMs: 10_000, onIdentified: (id) => registry.bind(id, 'bench') });
    let peakRssMb = 0;
    const watch = setInterval(() => (peakRssMb = Math.max(peakRssMb, process.memoryUsage.rss() / 1e6)), 20);
    const cycle = async (): Promise<Cycle> => {
      const cpu = process.cpuUsage();
      const started = performance.now();
      const figures = await collection.collect({ now: new Date(), signal: AbortSignal.timeout(120_000) });
      const { user, system } = process.cpuUsage(cpu);
      if (figures.groupPartitions < groups * partitions) throw new Error(`only ${figures.groupPartitions} committed partitions were read`);
      return { ms: performance.now() - started, readMs: figures.readMs, cpuMs: (user + system) / 1_000, requests: figures.requests, rows: figures.rowsWritten };
    };
    const first = await cycle();
    // The first cycles also ask how old the backlog is, 2,000 partitions each; after that it is known.
    for (let i = 0; i < 6; i += 1) await cycle();
    const quiet: Cycle[] = [];
    for (let i = 0; i < cycles; i += 1) quiet.push(await cycle());
    const busy: Cycle[] = [];
    for (let i = 0; i < cycles; i += 1) {
      child.send('move');
      await moved();
      busy.push(await cycle());
    }
    clearInterval(watch);
    const rssMb = process.memoryUsage.rss() / 1e6;

    const listing: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const started = performance.now();
      const page = await listGroups(store, { cluster: 'bench', search: values.stem, limit: 100, now: new Date() });
      listing.push(performance.now() - started);
      if (page.total !== groups) throw new Error(`the list has ${page.total} groups`);
    }
    const one = await getGroup(store, { cluster: 'bench', group: groupOf(0), now: new Date() });
    // A batch sent twice while a log was being made leaves a record too many, never one too few.
    if (one.lag === null || BigInt(one.lag) < BigInt(RECORDS * partitions)) throw new Error(`the lag of a group is ${one.lag}, not ${RECORDS * partitions}`);

    // The same question to kafkajs's admin, which asks group by group and topic by topic: a sample, and what it would be for all.
    const admin = new KafkaJs({ brokers: testBrokers(), clientId: 'bench-kafkajs', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const sampled = performance.now();
    const sampleSize = Math.min(SAMPLE_GROUPS, groups);
    for (let i = 0; i < sampleSize; i += 1) {
      await admin.fetchOffsets({ groupId: groupOf(i) });
      await admin.fetchTopicOffsets(topicOf(i));
    }
    const kafkajsMs = ((performance.now() - sampled) / sampleSize) * groups;
    await admin.disconnect();

    let cliMs: number | null = null;
    if (values.cli) {
      const { describeWithTool } = await import('#test/lag/kafka-tools.ts');
      const started = performance.now();
      await describeWithTool('consumer', [groupOf(0)]);
      const startUpMs = performance.now() - started;
      const again = performance.now();
      await describeWithTool('consumer', Array.from({ length: sampleSize }, (_, i) => groupOf(i)));
      // Its start-up counted once, the rest grows with the groups.
      cliMs = startUpMs + Math.max(0, performance.now() - again - startUpMs) * (groups / sampleSize);
    }
    await registry.close();
    child.send('end');
    await once(child, 'exit');

    const quietMs = median(quiet.map((c) => c.ms));
    const busyMs = median(busy.map((c) => c.ms));
    console.log(
      JSON.stringify({
        bench: 'lag',
        quietCycleToGoal: ratio(quietMs / GOAL_CYCLE_MS),
        busyCycleToGoal: ratio(busyMs / GOAL_CYCLE_MS),
        rssToGoal: ratio(peakRssMb / GOAL_RSS_MB),
        kafkajsAdminToOurReading: ratio(kafkajsMs / median(busy.map((c) => c.readMs))),
        ...(cliMs === null ? {} : { consumerGroupCommandToOurReading: ratio(cliMs / median(busy.map((c) => c.readMs))) }),
        groups,
        groupPartitions: groups * partitions,
        topicPartitions: topics * partitions,
        quiet: summary(quiet),
        busy: summary(busy),
        first: summary([first]),
        peakRssMb: Math.round(peakRssMb),
        rssMb: Math.round(rssMb),
        listGroupsMs: Math.round(median(listing)),
        kafkajsAdminMs: Math.round(kafkajsMs),
        ...(cliMs === null ? {} : { consumerGroupCommandMs: Math.round(cliMs) }),
        goals: { cycleMs: GOAL_CYCLE_MS, rssMb: GOAL_RSS_MB },
      }),
    );
  } finally {
    if (child.connected) child.disconnect();
    child.kill();
    for (const hook of cleanups) await hook();
  }
}

function summary(runs: readonly Cycle[]): Record<string, number> {
  return { ms: Math.round(median(runs.map((c) => c.ms))), readMs: Math.round(median(runs.map((c) => c.readMs))), cpuMs: Math.round(median(runs.map((c) => c.cpuMs))), requests: median(runs.map((c) => c.requests)), rows: median(runs.map((c) => c.rows)) };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

function ratio(value: number): number {
  return Math.round(value * 100) / 100;
}
