// How much the store grows by for offsets: the real collection over a made-up broker, an hour of cycles driven as fast as they go.
//   npm run bench lag-growth [--groups 5000] [--partitions 10] [--minutes 60]
// Two hours: one at rest (no offset moves), one in which every partition of every group moves in every cycle, by uneven steps. Each is folded as
// retention does, and its samples dropped. What stays, indexes and dead rows included, is multiplied to a day; samples live two hours and are told apart.
// With fewer groups the figures are scaled to 5,000 groups of 10 partitions: rows of a group do not know of the others. The last line is JSON.
import { parseArgs } from 'node:util';
import type { Broker } from '#lib/brokers/broker.ts';
import type { OffsetsSnapshot, TopicOffsets } from '#lib/brokers/port-offsets.ts';
import { foldOffsets } from '#lib/operations/fold-offsets.ts';
import { openOffsetsCollection } from '#lib/operations/broker/collect-offsets.ts';
import { dropPartitions, ensurePartitions, PARTITIONED } from '#lib/store/partitions.ts';
import { testStore } from '#test/harness/database.ts';

const CYCLE_MS = 10_000;
const HOUR_MS = 3_600_000;
const GOAL_REST_MB = 100;
const GOAL_BUSY_MB = 3_000;
const SAMPLES = ['topic_offset_sample', 'group_commit_sample'];
/** A row a cycle, a minute or an hour, however many groups there are. */
const OF_THE_CLUSTER = new Set(['cluster', 'cluster_minute', 'offset_fold', 'lag_rollup']);

const { values } = parseArgs({ options: { groups: { type: 'string', default: '5000' }, partitions: { type: 'string', default: '10' }, minutes: { type: 'string', default: '60' } }, strict: true });
const groups = Number(values.groups);
const partitions = Number(values.partitions);
const cycles = Math.round((Number(values.minutes) * 60_000) / CYCLE_MS);
const topics = Math.max(1, Math.round(groups / 5));

const ends = Array.from({ length: topics }, () => Array.from({ length: partitions }, () => 1_000_000n));
const commits = Array.from({ length: groups }, () => Array.from({ length: partitions }, () => 999_900n));
let atMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;

/** Uneven, and the same in every run. */
function step(a: number, b: number, cycle: number): bigint {
  return BigInt(1 + ((a * 7_919 + b * 104_729 + cycle * 1_299_709) % 97));
}

function move(cycle: number): void {
  ends.forEach((row, topic) => row.forEach((end, partition) => (row[partition] = end + step(topic, partition, cycle))));
  // Behind the end of its partition, as a group that keeps up is.
  commits.forEach((row, group) => row.forEach((_, partition) => (row[partition] = (ends[group % topics]?.[partition] ?? 0n) - step(group, partition, cycle) - 3n)));
}

function snapshot(): OffsetsSnapshot {
  const read = new Map(
    ends.map((row, i): [string, TopicOffsets] => [
      `topic-${i}`,
      { name: `topic-${i}`, topicId: `00000000-0000-0000-0000-${String(i).padStart(12, '0')}`, internal: false, replicationFactor: 1, leaders: row.map(() => 1), highWatermarks: [...row], lastStableOffsets: [...row], logStartOffsets: row.map(() => 0n), failures: new Map() },
    ]),
  );
  return {
    cluster: { clusterId: 'made-up', controllerId: 1, nodes: [{ id: 1, host: 'made-up', port: 1, rack: null }] },
    groups: commits.map((row, i) => ({ name: `group-${i}`, type: 'classic', state: 'Stable', protocolType: 'consumer', coordinator: 1, failure: null, committed: [{ topic: `topic-${i % topics}`, partitions: row.map((_, p) => p), offsets: [...row] }] })),
    topics: read,
    brokerFailures: new Map(),
    committedReadAt: atMs - 100,
    endsReadAt: atMs,
    requests: 6,
    requestsBesides: 0,
    throttledMs: 0,
    durationMs: 0,
  };
}

const cleanups: (() => unknown)[] = [];
const store = await testStore({ after: (hook) => void cleanups.push(hook as () => unknown) });
try {
  for (const { table, everyMs } of PARTITIONED) await ensurePartitions(store, table, new Date(atMs - everyMs), new Date(atMs + 4 * HOUR_MS));
  const broker = { kind: 'kafka', name: 'made-up', snapshotOffsets: async () => snapshot(), describeGroups: async () => [], findOffsetsAtTime: async () => [], confirmGroupsGone: async () => new Map(), confirmTopicsGone: async () => new Map(), seesEveryTopic: async () => true, describeOpenTransactions: async () => [] } as unknown as Broker;
  const collection = openOffsetsCollection({ store, broker, configuredNames: ['made-up'], intervalMs: CYCLE_MS, onIdentified: () => undefined });
  const sizes = async () => {
    const rows = await store.query<{ name: string; bytes: bigint }>(`select coalesce(p.relname, c.relname) as name, sum(pg_total_relation_size(c.oid))::bigint as bytes from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace group by 1`);
    return new Map(rows.map((row) => [row.name, Number(row.bytes)]));
  };
  const run = async (moving: boolean, from: number) => {
    const cpu = process.cpuUsage();
    for (let cycle = 0; cycle < cycles; cycle += 1, atMs += CYCLE_MS) {
      if (moving) move(from + cycle);
      await collection.collect({ now: new Date(atMs), signal: AbortSignal.timeout(120_000) });
      // Autovacuum looks once a minute; a minute passes here in a second or two, so it is called at its own pace.
      if (cycle % 6 === 5) await store.execute('vacuum group_partition_offset, topic_partition_offset, group_figures, consumer_group, cluster');
    }
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1_000 / cycles;
  };
  // The first cycles make the rows of everything and give the tables that are updated in place their size.
  for (let cycle = 0; cycle < 6; cycle += 1, atMs += CYCLE_MS) {
    move(cycle);
    await collection.collect({ now: new Date(atMs), signal: AbortSignal.timeout(120_000) });
  }
  const fold = async () => {
    atMs = Math.ceil(atMs / HOUR_MS) * HOUR_MS;
    for (let open = true; open; ) {
      const { topic, group } = await foldOffsets(store, new Date(atMs + 600_000), new AbortController().signal);
      open = topic.oldestOpen !== null || group.oldestOpen !== null;
    }
    for (const table of SAMPLES) await dropPartitions(store, table, new Date(atMs));
  };
  // Rates fall to 0 within a minute: what is at rest has to have come to rest.
  for (let cycle = 0; cycle < 18; cycle += 1, atMs += CYCLE_MS) await collection.collect({ now: new Date(atMs), signal: AbortSignal.timeout(120_000) });
  await fold();
  const scale = (5_000 / groups) * (10 / partitions) * (60 / Number(values.minutes));
  const phases: Record<string, { keptMb: number; sampleMb: number; byTable: Record<string, number>; cpuMs: number }> = {};
  for (const phase of ['rest', 'busy']) {
    const before = await sizes();
    const cpuMs = await run(phase === 'busy', 10);
    const after = await sizes();
    const sampleMb = SAMPLES.reduce((sum, table) => sum + (after.get(table) ?? 0) - (before.get(table) ?? 0), 0) / 1e6;
    await fold();
    const end = await sizes();
    const byTable: Record<string, number> = {};
    for (const [name, bytes] of end) {
      const grown = bytes - (before.get(name) ?? 0);
      if (!SAMPLES.includes(name) && grown > 0) byTable[name] = mb((grown / 1e6) * (OF_THE_CLUSTER.has(name) ? 1 : scale) * 24);
    }
    phases[phase] = { keptMb: mb(Object.values(byTable).reduce((sum, grown) => sum + grown, 0)), sampleMb: mb(sampleMb * scale), byTable, cpuMs: Math.round(cpuMs) };
    console.log(`${phase}: ${JSON.stringify(phases[phase])}`);
  }
  console.log(JSON.stringify({ bench: 'lag-growth', restToGoal: ratio((phases['rest']?.keptMb ?? NaN) / GOAL_REST_MB), busyToGoal: ratio((phases['busy']?.keptMb ?? NaN) / GOAL_BUSY_MB), restMbPerDay: phases['rest']?.keptMb, busyMbPerDay: phases['busy']?.keptMb, sampleMbPerBusyHour: phases['busy']?.sampleMb, groups, minutes: Number(values.minutes), phases, goals: { restMbPerDay: GOAL_REST_MB, busyMbPerDay: GOAL_BUSY_MB } }));
} finally {
  for (const hook of cleanups) await hook();
}

function mb(value: number): number {
  return Math.round(value * 10) / 10;
}

function ratio(value: number): number {
  return Math.round(value * 100) / 100;
}
