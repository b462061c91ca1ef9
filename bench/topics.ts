// What 5,000 topics with 10,000 partitions cost: a reading of the topics collector, and the list and a topic from the store.
//   npm run bench topics [--topics 5000] [--partitions 2] [--groups 2000] [--readings 5]
// Readings: the first (everything is new), at rest (nothing moved) and all (a record was written to every partition). Medians; the lists are asked 40 times.
// The collector runs in this process with the launcher's settings: its memory holds the offsets collector and the topics collector, as in the product.
// The last line is JSON: shares of the goals first, because those carry over to other machines.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { createTopicsV7, offsetCommitV9, Producer } from '@platformatic/kafka';
import { packTopics } from '#app/(console)/topics/topic-row.ts';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { answerOf, openKafka } from '#lib/brokers/kafka/connect.ts';
import { openOffsetsCollection } from '#lib/operations/broker/collect-offsets.ts';
import { openTopicsCollection } from '#lib/operations/broker/collect-topics.ts';
import { getTopic } from '#lib/operations/get-topic.ts';
import { listTopics } from '#lib/operations/list-topics.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { boundHeapGrowth } from '../collectors/bound-heap-growth.ts';
import { COLLECTORS_HEAP, COLLECTORS_MALLOC } from '../launcher/describe-children.ts';

const GOALS = { listP95Ms: 100, rssMb: 250 };
const TOPICS_OF_A_GROUP = 5;
const ASKED = 40;

const { values } = parseArgs({ options: { topics: { type: 'string', default: '5000' }, partitions: { type: 'string', default: '2' }, groups: { type: 'string', default: '2000' }, readings: { type: 'string', default: '5' }, stem: { type: 'string', default: `bench-${Date.now().toString(36)}` } }, strict: true });
const [topics, partitions, groups, readings] = [values.topics, values.partitions, values.groups, values.readings].map(Number) as [number, number, number, number];
const topicOf = (i: number) => `${values.stem}.topic-${i % topics}`;

if (process.execArgv.includes(COLLECTORS_HEAP)) await measure();
else process.exitCode = spawnSync(process.execPath, [...process.execArgv, COLLECTORS_HEAP, ...process.argv.slice(1)], { stdio: 'inherit', env: { ...COLLECTORS_MALLOC, ...process.env } }).status ?? 1;

interface Reading {
  ms: number;
  readMs: number;
  cpuMs: number;
  requests: number;
  rows: number;
}

async function measure(): Promise<void> {
  boundHeapGrowth();
  const hooks: (() => unknown)[] = [];
  const store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
  const kafka = openKafka({ name: 'bench', brokers: testBrokers() }, { clientId: 'bench-topics', requestTimeoutMs: 60_000 });
  const broker = createKafkaBroker(kafka);
  try {
    const seeding = performance.now();
    const write = await seed(kafka);
    console.log(`${topics} topics x ${partitions} partitions and ${groups} groups made in ${((performance.now() - seeding) / 1_000).toFixed(1)} s`);
    const offsets = openOffsetsCollection({ store, broker, configuredNames: ['bench'], intervalMs: 10_000, onIdentified: () => undefined });
    const signal = AbortSignal.timeout(600_000);
    let nowMs = Date.now();
    // A minute passes between two readings: the offsets are then read at another time.
    const cycle = () => offsets.collect({ now: new Date((nowMs += 60_000)), signal });
    const { clusterId } = await cycle();
    const collection = openTopicsCollection({ store, broker, clusterId, producersKeptMs: 86_400_000 });
    let peakRssMb = 0;
    const watch = setInterval(() => (peakRssMb = Math.max(peakRssMb, process.memoryUsage.rss() / 1e6)), 20);
    const read = async (): Promise<Reading> => {
      await cycle();
      const [cpu, started] = [process.cpuUsage(), performance.now()];
      const figures = await collection.collect({ now: new Date(nowMs), signal });
      const { user, system } = process.cpuUsage(cpu);
      if (figures.topics < topics) throw new Error(`only ${figures.topics} topics were read`);
      return { ms: performance.now() - started, readMs: figures.readMs, cpuMs: (user + system) / 1_000, requests: figures.requests, rows: figures.written };
    };
    const first = await read();
    const several = async (before: () => Promise<void>): Promise<Reading[]> => {
      const done: Reading[] = [];
      for (let i = 0; i < readings; i += 1) {
        await before();
        done.push(await read());
      }
      return done;
    };
    // The second one has a rate for the first time.
    await read();
    const rest = await several(async () => undefined);
    const all = await several(() => write(1));
    clearInterval(watch);

    const now = new Date(nowMs);
    const list = await timed(() => listTopics(store, { cluster: 'bench', limit: 100, now }));
    const sorted = await timed(() => listTopics(store, { cluster: 'bench', limit: 100, sort: '-produced', now }));
    const searched = await timed(() => listTopics(store, { cluster: null, search: 'group-77', limit: 100, now }));
    const whole = await timed(() => listTopics(store, { cluster: null, limit: 20_000, allNames: true, now }));
    const one = await timed(() => getTopic(store, { cluster: 'bench', topic: topicOf(7), now }));
    const page = JSON.stringify(packTopics((await listTopics(store, { cluster: null, limit: 20_000, allNames: true, now })).items));
    console.log(
      JSON.stringify({
        bench: 'topics',
        listToGoal: ratio(Math.max(list.p95, sorted.p95, searched.p95, whole.p95) / GOALS.listP95Ms),
        rssToGoal: ratio(peakRssMb / GOALS.rssMb),
        topics,
        partitions: topics * partitions,
        first: summary([first]),
        rest: summary(rest),
        all: summary(all),
        peakRssMb: Math.round(peakRssMb),
        listMs: list,
        listByRateMs: sorted,
        listSearchedMs: searched,
        wholeListMs: whole,
        topicMs: one,
        page: { kb: Math.round(page.length / 1_000), gzipKb: Math.round(gzipSync(page).length / 1_000) },
        goals: GOALS,
      }),
    );
  } finally {
    await broker.close();
    for (const hook of hooks) await hook();
  }
}

/** Makes topics, records and groups. @returns what writes so many records to every partition */
async function seed(kafka: ReturnType<typeof openKafka>): Promise<(count: number) => Promise<void>> {
  const { controllerId } = await kafka.connections.metadata({ topics: [] });
  const controller = await kafka.connections.node(controllerId ?? 1);
  for (let i = 0; i < topics; i += 500) {
    const batch = Array.from({ length: Math.min(500, topics - i) }, (_, j) => ({ name: topicOf(i + j), numPartitions: partitions, replicationFactor: 1, assignments: [], configs: [] }));
    await answerOf(createTopicsV7.api.async(controller, batch, 60_000, false));
  }
  const write = async (count: number) => {
    const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ clientId: 'bench-topics', bootstrapBrokers: testBrokers(), timeout: 60_000, retries: 0 });
    try {
      for (let i = 0; i < topics; i += 250) {
        await producer.send({ messages: Array.from({ length: Math.min(250, topics - i) * partitions * count }, (_, n) => ({ topic: topicOf(i + Math.floor(n / (partitions * count))), partition: n % partitions, value: Buffer.from('x') })), acks: 1 });
      }
    } finally {
      await producer.close();
    }
  };
  // The metadata names a leader before the broker has made the log.
  await eventually(() => write(1), { timeoutMs: 180_000, everyMs: 1_000 });
  for (let i = 0; i < groups; i += 1) {
    const group = `${values.stem}.group-${i}`;
    const committed = Array.from({ length: TOPICS_OF_A_GROUP }, (_, j) => ({ name: topicOf(i * TOPICS_OF_A_GROUP + j), partitions: Array.from({ length: partitions }, (_unused, partitionIndex) => ({ partitionIndex, committedOffset: 0n, committedLeaderEpoch: -1, committedMetadata: '' })) }));
    await eventually(async () => offsetCommitV9.api.async((await kafka.connections.coordinator('group', group)).connection, group, -1, '', null, committed), { timeoutMs: 60_000, everyMs: 200 });
  }
  return write;
}

async function timed(work: () => Promise<unknown>): Promise<{ median: number; p95: number }> {
  const ms: number[] = [];
  for (let i = 0; i < ASKED; i += 1) {
    const started = performance.now();
    await work();
    ms.push(performance.now() - started);
  }
  ms.sort((a, b) => a - b);
  return { median: Math.round(ms[ASKED >> 1] ?? NaN), p95: Math.round(ms[Math.floor(ASKED * 0.95)] ?? NaN) };
}

function summary(runs: readonly Reading[]): Record<keyof Reading, number> {
  const of = (key: keyof Reading) => Math.round(runs.map((run) => run[key]).toSorted((a, b) => a - b)[runs.length >> 1] ?? NaN);
  return { ms: of('ms'), readMs: of('readMs'), cpuMs: of('cpuMs'), requests: of('requests'), rows: of('rows') };
}

function ratio(value: number): number {
  return Math.round(value * 100) / 100;
}
