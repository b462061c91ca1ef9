import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { packCommitSample, packTopicSample } from '#lib/lag/pack-sample.ts';
import { foldOffsets } from '#lib/operations/fold-offsets.ts';
import { pruneStore } from '#lib/operations/prune-store.ts';
import { readGroupHeat } from '#lib/operations/read-group-heat.ts';
import { rollUpPartitionHours } from '#lib/operations/roll-up-heat.ts';
import { insertSamples } from '#lib/store/lag/save-offsets.ts';
import { ensureAllPartitions, ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '../harness/database.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KEEP = { spans: 7, bodies: 7, charts: 30 };
const at = (time: string) => new Date(`2026-11-21T${time}:00Z`);

interface Ground {
  store: Store;
  /** What a cycle at this time found changed: partition to end and commit. */
  cycle: (time: Date, changed: Record<number, { end?: number; commit?: number | null }>) => Promise<void>;
  /** What the retention collector does with hours that are over. */
  rollUp: (now: Date) => Promise<void>;
  heat: (from: Date, to: Date, now: Date) => ReturnType<typeof readGroupHeat>;
}

async function ground(t: TestContext, partitions = 3): Promise<Ground> {
  const store = await testStore(t);
  const cluster = await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'k' } });
  const group = await store.prisma.consumerGroup.create({ data: { clusterId: cluster.id, name: 'billing', firstSeenAt: at('00:00') } as never });
  const topic = await store.prisma.topic.create({ data: { clusterId: cluster.id, name: 'orders', kafkaTopicId: 'orders', partitionCount: partitions } });
  const began = at('01:00');
  await store.execute('insert into topic_partition_offset (topic_id, partition, high_watermark, changed_at) select $1, p, 100, $3 from generate_series(0, $2::int - 1) p', [topic.id, partitions, began]);
  await store.execute('insert into group_partition_offset (group_id, topic_id, partition, committed_offset, committed_at, watched_since) select $1, $2, p, 100, $4, $4 from generate_series(0, $3::int - 1) p', [group.id, topic.id, partitions, began]);
  const self: Ground = {
    store,
    cycle: async (time, changed) => {
      for (const table of ['topic_offset_sample', 'group_commit_sample']) await ensurePartitions(store, table, time, time);
      const of = Object.entries(changed).map(([partition, one]) => ({ partition: Number(partition), ...one }));
      const ends = of.filter((one) => one.end !== undefined);
      const commits = of.filter((one) => one.commit !== undefined);
      if (ends.length > 0) await insertSamples(store, 'topic_offset_sample', time, [{ id: topic.id, packed: packTopicSample(ends.map((one) => ({ partition: one.partition, highWatermark: BigInt(one.end!), lastStableOffset: BigInt(one.end!), logStartOffset: 0n }))) }]);
      if (commits.length > 0) await insertSamples(store, 'group_commit_sample', time, [{ id: group.id, packed: packCommitSample(commits.map((one) => ({ topicId: topic.id, partition: one.partition, committedOffset: one.commit === null ? null : BigInt(one.commit!) }))) }]);
      await store.execute('update topic_partition_offset p set high_watermark = n.value, changed_at = $4 from unnest($2::int[], $3::bigint[]) as n(partition, value) where p.topic_id = $1 and p.partition = n.partition', [topic.id, ends.map((one) => one.partition), ends.map((one) => one.end), time]);
      await store.execute('update group_partition_offset p set committed_offset = n.value, committed_at = $4 from unnest($2::int[], $3::bigint[]) as n(partition, value) where p.group_id = $1 and p.partition = n.partition', [group.id, commits.map((one) => one.partition), commits.map((one) => one.commit), time]);
      await store.execute('insert into cluster_minute (cluster_id, minute) values ($1, $2) on conflict do nothing', [cluster.id, time]);
    },
    rollUp: async (now) => {
      for (const table of ['topic_offset_block', 'group_commit_block']) await ensurePartitions(store, table, now, now);
      const signal = new AbortController().signal;
      await foldOffsets(store, now, signal);
      await rollUpPartitionHours(store, null, 30 * 24 * HOUR, now, signal);
    },
    heat: (from, to, now) => readGroupHeat(store, { cluster: 'shop', group: 'billing', from, to, now }),
  };
  // The first cycle finds everything changed.
  await self.cycle(began, Object.fromEntries(Array.from({ length: partitions }, (_, partition) => [partition, { end: 100, commit: 100 }])));
  return self;
}

/** The highest of each quarter of the range, of a row. */
const quarters = (cells: readonly (number | null)[]) => [0, 15, 30, 45].map((from) => cells.slice(from, from + 15).reduce<number | null>((most, cell) => (cell === null ? most : Math.max(most ?? 0, cell)), null));

test('partitions of a day come from hours and the last ones from readings: the spike of the morning is there, an hour nobody read is not', async (t) => {
  const { cycle, rollUp, heat } = await ground(t);
  // Partition 1 stood 900 behind for ten minutes; partition 2 never moved.
  await cycle(at('04:10'), { 0: { end: 150, commit: 140 }, 1: { end: 1_000 } });
  await cycle(at('04:20'), { 1: { commit: 995 } });
  await cycle(at('06:30'), { 0: { commit: 150 } });
  for (const time of ['05:30', '07:30', '08:30', '10:30', '11:30']) await cycle(at(time), {});
  await rollUp(at('13:10'));
  await cycle(at('13:20'), { 0: { end: 190 } });
  const read = await heat(at('04:00'), at('14:00'), at('14:00'));
  assert.equal(read.hoursUntil, at('07:00').toISOString());
  const of = (partition: number) => read.rows.find((row) => row.partition === partition)!.cells;
  // Ten minutes a cell: six an hour.
  assert.deepEqual(of(1).slice(0, 12), [...Array.from({ length: 6 }, () => 900), ...Array.from({ length: 6 }, () => 5)]);
  assert.deepEqual(of(0).slice(0, 18), [...Array.from({ length: 12 }, () => 10), ...Array.from({ length: 6 }, () => 10)]);
  assert.deepEqual(of(2).slice(0, 6), Array.from({ length: 6 }, () => 0));
  assert.deepEqual(of(0).slice(56, 57), [40], 'the reading of 13:20');
  assert.deepEqual(read.rows.map((row) => row.partition), [1, 0, 2], 'furthest behind in that time first');
});

test('hours go on from each other over restarts and quiet hours, and rolling up again changes nothing', async (t) => {
  const { store, cycle, rollUp, heat } = await ground(t, 1);
  await cycle(at('02:10'), { 0: { end: 400 } });
  await rollUp(at('05:10'));
  await cycle(at('06:10'), { 0: { end: 500 } });
  for (const time of ['03:30', '04:30', '05:30']) await cycle(at(time), {});
  await rollUp(at('09:10'));
  const rows = () => store.query('select hour, packed from group_heat_hour order by hour');
  const before = await rows();
  assert.equal(before.length, 3, 'hours in which nothing moved have no row');
  await store.execute(`delete from offset_fold where kind = 'heat' and hour >= $1`, [at('06:00')]);
  await rollUp(at('09:10'));
  assert.deepEqual(await rows(), before);
  const read = await heat(at('02:00'), at('07:00'), at('14:00'));
  assert.deepEqual([0, 12, 24, 36, 48].map((cell) => read.rows[0]?.cells[cell]), [300, 300, 300, 300, 400]);
});

test('thirty days of a thousand partitions are two hundred rows of sixty cells, those furthest behind at that time', async (t) => {
  const { store, cycle, heat } = await ground(t, 1_000);
  await cycle(at('03:10'), Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [i, { end: 100 + i }])));
  await cycle(at('03:40'), Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [i, { commit: 100 + i }])));
  await ensureAllPartitions(store, at('07:10'));
  const pruned = await pruneStore(store, KEEP, at('07:10'), new AbortController().signal);
  assert.deepEqual([pruned.problems, pruned.heatSteps > 0], [[], true], 'the retention collector makes the hours');
  const read = await heat(new Date(at('07:10').getTime() - 30 * 24 * HOUR), at('07:10'), at('07:10'));
  assert.deepEqual([read.total, read.rows.length, read.rows[0]?.partition, read.rows[0]?.cells.length], [1_000, 200, 999, 60]);
  assert.deepEqual(quarters(read.rows[0]!.cells), [null, null, null, 999]);
  const [{ bytes }] = (await store.query<{ bytes: number }>('select sum(length(packed))::int as bytes from group_heat_hour')) as [{ bytes: number }];
  assert.ok(bytes < 12_000, `a row of a thousand partitions takes ${bytes} bytes`);
});
