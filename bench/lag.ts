// How long one cycle of lag takes: 5,000 groups x 10 partitions on 10,000 topic partitions, on a real Kafka and a real PostgreSQL.
//   npm run bench lag [--groups 5000] [--partitions 10] [--cycles 5] [--without-tool]
// The collector runs in this process, with the launcher's settings, and does nothing else: its memory and CPU are the collector's. Children seed and
// move the offsets, and read the same with franz-go's kadm (where Go is installed), Kafka's own command-line tool (half a minute) and kafkajs's admin.
// Cycles: the first (everything is new), at rest (nothing moved), some (one partition in a hundred moved) and all (every partition of every group
// committed and grew). Medians. The last line is JSON: ratios first, because those carry over to other machines.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import { listGroups } from '#lib/operations/list-groups.ts';
import { openOffsetsCollection } from '#lib/operations/broker/collect-offsets.ts';
import { testStore } from '#test/harness/database.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { boundHeapGrowth } from '../collectors/bound-heap-growth.ts';
import { COLLECTORS_HEAP, COLLECTORS_MALLOC } from '../launcher/describe-children.ts';

const GOALS = { someMs: 500, allMs: 3_000, readMs: 300, readCpuMs: 250, requestsPerBroker: 6, rssMb: 250, listP95Ms: 100, toKadm: 1.2 };
const SAMPLE_GROUPS = 100;
const RECORDS = 4;

const { values } = parseArgs({ options: { groups: { type: 'string', default: '5000' }, partitions: { type: 'string', default: '10' }, cycles: { type: 'string', default: '5' }, 'without-tool': { type: 'boolean', default: false }, stem: { type: 'string', default: `bench-${Date.now().toString(36)}` } }, strict: true });
const groups = Number(values.groups);
const partitions = Number(values.partitions);
const cycles = Number(values.cycles);
const topics = Math.max(1, Math.round(groups / 5));
const topicOf = (i: number) => `${values.stem}.topic-${i % topics}`;
const groupOf = (i: number) => `${values.stem}.group-${i}`;

if (process.execArgv.includes(COLLECTORS_HEAP)) await measure();
else process.exitCode = spawnSync(process.execPath, [...process.execArgv, COLLECTORS_HEAP, ...process.argv.slice(1)], { stdio: 'inherit', env: { ...COLLECTORS_MALLOC, ...process.env } }).status ?? 1;

interface Cycle {
  ms: number;
  readMs: number;
  readCpuMs: number;
  cpuMs: number;
  requests: number;
  rows: number;
}

async function measure(): Promise<void> {
  // As the collector itself does.
  boundHeapGrowth();
  const cleanups: (() => unknown)[] = [];
  const store = await testStore({ after: (hook) => void cleanups.push(hook as () => unknown) });
  const child = fork(new URL('./parts/lag-mover.ts', import.meta.url), ['--groups', String(groups), '--partitions', String(partitions), '--stem', values.stem], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
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
    const real = registry.get('bench');
    let readCpuMs = 0;
    const broker: typeof real = {
      ...real,
      async snapshotOffsets(options) {
        const before = process.cpuUsage();
        const snapshot = await real.snapshotOffsets(options);
        readCpuMs = cpuSince(before);
        return snapshot;
      },
    };
    const collection = openOffsetsCollection({ store, broker, configuredNames: ['bench'], intervalMs: 10_000, onIdentified: (id) => registry.bind(id, 'bench') });
    let peakRssMb = 0;
    const watch = setInterval(() => (peakRssMb = Math.max(peakRssMb, process.memoryUsage.rss() / 1e6)), 20);
    const cycle = async (): Promise<Cycle> => {
      const cpu = process.cpuUsage();
      const started = performance.now();
      const figures = await collection.collect({ now: new Date(), signal: AbortSignal.timeout(120_000) });
      if (figures.groupPartitions < groups * partitions) throw new Error(`only ${figures.groupPartitions} committed partitions were read`);
      return { ms: performance.now() - started, readMs: figures.readMs, readCpuMs, cpuMs: cpuSince(cpu), requests: figures.requests, rows: figures.rowsWritten };
    };
    const several = async (word: 'some' | 'all' | null): Promise<Cycle[]> => {
      const done: Cycle[] = [];
      for (let i = 0; i < cycles; i += 1) {
        if (word !== null) {
          child.send(word);
          await moved();
        }
        done.push(await cycle());
      }
      return done;
    };
    const first = await cycle();
    // The first cycles also ask how old the backlog is, 2,000 partitions each; after that it is known.
    for (let i = 0; i < 6; i += 1) await cycle();
    const rest = await several(null);
    const some = await several('some');
    const sampleBytes = async () => Number((await store.query<{ bytes: bigint }>(`select coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint as bytes from pg_inherits where inhparent in ('topic_offset_sample'::regclass, 'group_commit_sample'::regclass)`))[0]?.bytes ?? 0n);
    const bytesBefore = await sampleBytes();
    const all = await several('all');
    const bytesPerCycle = Math.round(((await sampleBytes()) - bytesBefore) / cycles);
    clearInterval(watch);
    const rssMb = process.memoryUsage.rss() / 1e6;

    const listing: number[] = [];
    for (let i = 0; i < 40; i += 1) {
      const started = performance.now();
      const page = await listGroups(store, { cluster: 'bench', search: values.stem, limit: 100, now: new Date() });
      listing.push(performance.now() - started);
      if (page.total !== groups) throw new Error(`the list has ${page.total} groups`);
    }
    const one = await getGroup(store, { cluster: 'bench', group: groupOf(0), now: new Date() });
    // A batch sent twice while a log was being made leaves a record too many, never one too few.
    if (one.lag === null || BigInt(one.lag) < BigInt(RECORDS * partitions)) throw new Error(`the lag of a group is ${one.lag}, not ${RECORDS * partitions}`);
    await registry.close();

    // Loaded only now: what it takes is not the collector's.
    const others = await import('./parts/lag-others.ts');
    const kadm = others.readWithKadm(testBrokers(), cycles);
    const sample = Array.from({ length: Math.min(SAMPLE_GROUPS, groups) }, (_, i) => groupOf(i));
    const kafkajsMs = await others.readWithKafkaJs(testBrokers(), sample, topicOf, groups);
    const toolMs = values['without-tool'] ? null : await others.readWithTool();
    child.send('end');
    await once(child, 'exit');

    const readMs = median([...rest, ...some, ...all].map((c) => c.readMs));
    const listP95Ms = listing.toSorted((a, b) => a - b)[Math.floor(listing.length * 0.95)] ?? NaN;
    console.log(
      JSON.stringify({
        bench: 'lag',
        ...(kadm ? { readingToKadm: ratio(readMs / kadm.ms) } : {}),
        kafkajsAdminToReading: ratio(kafkajsMs / readMs),
        ...(toolMs === null ? {} : { consumerGroupCommandToReading: ratio(toolMs / readMs) }),
        someToGoal: ratio(median(some.map((c) => c.ms)) / GOALS.someMs),
        allToGoal: ratio(median(all.map((c) => c.ms)) / GOALS.allMs),
        rssToGoal: ratio(peakRssMb / GOALS.rssMb),
        listToGoal: ratio(listP95Ms / GOALS.listP95Ms),
        groups,
        groupPartitions: groups * partitions,
        topicPartitions: topics * partitions,
        rest: summary(rest),
        some: summary(some),
        all: summary(all),
        first: summary([first]),
        peakRssMb: Math.round(peakRssMb),
        rssMb: Math.round(rssMb),
        sampleBytesPerCycleWhereAllMove: bytesPerCycle,
        listGroupsMs: { median: Math.round(median(listing)), p95: Math.round(listP95Ms) },
        kadm,
        kafkajsAdminMs: Math.round(kafkajsMs),
        consumerGroupCommandMs: toolMs === null ? null : Math.round(toolMs),
        goals: GOALS,
      }),
    );
  } finally {
    if (child.connected) child.disconnect();
    child.kill();
    for (const hook of cleanups) await hook();
  }
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function summary(runs: readonly Cycle[]): Record<keyof Cycle, number> {
  const of = (key: keyof Cycle) => Math.round(median(runs.map((c) => c[key])));
  return { ms: of('ms'), readMs: of('readMs'), readCpuMs: of('readCpuMs'), cpuMs: of('cpuMs'), requests: of('requests'), rows: of('rows') };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

function ratio(value: number): number {
  return Math.round(value * 100) / 100;
}
