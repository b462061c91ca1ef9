// What the map takes when a day of a busy site is in the store: 60 services, 200 topics, 100 groups, 600 ways with figures in every minute.
//   npm run bench map [--services 60] [--topics 200] [--groups 100] [--hours 26] [--runs 30]
// Filled by SQL, in the shape that resolving writes. The last line is JSON: p50 and p95 of the operation for each range, the goal 300 ms at 24 h.
import { parseArgs } from 'node:util';
import { emptyHistogram, packHistogram } from '#lib/journey/time-histogram.ts';
import { readMap } from '#lib/operations/read-map.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import { testStore } from '#test/harness/database.ts';

const GOAL_MS = 300;
const { values } = parseArgs({ options: { services: { type: 'string', default: '60' }, topics: { type: 'string', default: '200' }, groups: { type: 'string', default: '100' }, hours: { type: 'string', default: '26' }, runs: { type: 'string', default: '30' } } });
const [services, topics, groups, hours, runs] = [values.services, values.topics, values.groups, values.hours, values.runs].map(Number) as [number, number, number, number, number];
const RANGES = { '15m': 15, '1h': 60, '6h': 360, '24h': 1_440 } as const;

const hooks: (() => unknown)[] = [];
const store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
try {
  const now = new Date();
  const since = new Date(now.getTime() - hours * 3_600_000);
  for (const table of ['hop_minute', 'hop_hour', 'group_lag_hour', 'group_lag_minute']) await ensurePartitions(store, table, since, now);
  // A dozen classes around 50 ms, as a queue that is now and then slow has them.
  const spread = emptyHistogram();
  for (let place = 12; place < 24; place++) spread[place] = Math.round(200 * Math.exp(-((place - 17) ** 2) / 8)) + 1;
  const packed = packHistogram(spread);
  const { id: cluster } = await store.prisma.cluster.create({ data: { name: 'bench', kafkaClusterId: 'bench', state: 'ok', lastCycleAt: now, lastCycle: { groupsFailed: 0, intervalMs: 10_000 } } });
  await store.execute(`insert into topic (cluster_id, name, kafka_topic_id, partition_count) select $1, 'topic-' || n, 'id-' || n, 12 from generate_series(1, $2::int) n`, [cluster, topics]);
  await store.execute(`insert into topic_partition_offset (topic_id, partition, high_watermark, last_stable_offset, log_start_offset, changed_at) select t.id, p, 100000, 100000, 0, now() from topic t, generate_series(0, 11) p`);
  await store.execute(`insert into consumer_group (cluster_id, name, status) select $1, 'group-' || n, 'ok' from generate_series(1, $2::int) n`, [cluster, groups]);
  await store.execute(`insert into group_partition_offset (group_id, topic_id, partition, committed_offset) select g.id, t.id, p, 99000 from consumer_group g, topic t, generate_series(0, 11) p where (t.id * 7 + g.id) % $1::int < 2`, [groups]);
  await store.execute(`insert into group_lag_minute (group_id, minute, status, consumed_per_second) select g.id, m, 'ok', 40 from consumer_group g, generate_series(date_trunc('minute', $1::timestamptz), $2, '1 minute') m`, [since, now]);
  await store.execute(`insert into group_lag_hour (group_id, hour, status, consumed_per_second) select g.id, m, 'ok', 40 from consumer_group g, generate_series(date_trunc('hour', $1::timestamptz), $2, '1 hour') m`, [since, now]);
  await store.execute(`insert into lag_rollup (hour, rolled_at) select m, now() from generate_series(date_trunc('hour', $1::timestamptz), $2, '1 hour') m`, [since, now]);
  await store.execute(`insert into cluster_minute (cluster_id, minute) select $3, m from generate_series(date_trunc('minute', $1::timestamptz), $2, '1 minute') m`, [since, now, cluster]);
  await store.execute(
    `insert into cluster_throughput (cluster_id, since, until, seconds, records, unknown_topics, topic_ids, topic_records)
     select $3, m - interval '1 minute', m, 60, 120000, 0, (select array_agg(id) from (select id from topic order by id limit 50) x), array_fill(2400::bigint, array[50]) from generate_series(date_trunc('minute', $1::timestamptz), $2, '1 minute') m`,
    [since, now, cluster],
  );
  // Each topic is written by one service and read by two, of which one names its group.
  await store.execute(
    `insert into hop_way (key, cluster_id, kind, service, topic, group_name, first_seen_at, seen_at)
     select decode(md5(n || '-' || part), 'hex'), $1, case part when 0 then 'send' else 'process' end, 'service-' || ((n + part * 17) % $2::int), 'topic-' || n, case part when 1 then 'group-' || (1 + n % $3::int) else '' end, $4, now()
     from generate_series(1, $5::int) n, generate_series(0, 2) part`,
    [cluster, services, groups, since, topics],
  );
  const fill = (table: 'hop_minute' | 'hop_hour', column: 'minute' | 'hour', hops: number) =>
    store.transaction(async (tx) => {
      await tx.execute('set local statement_timeout = 0');
      return tx.execute(
        `insert into ${table} (${column}, way_id, hops, failed, failed_attempts, dead_letters, uncertain, queue, processing)
         select m, w.id, $3::int, 1, 2, 0, 0, case w.kind when 'send' then ''::bytea else $4::bytea end, case w.kind when 'send' then ''::bytea else $4::bytea end
         from generate_series(date_trunc($5, $1::timestamptz), $2::timestamptz, ('1 ' || $5)::interval) m, hop_way w`,
        [since, now, hops, packed, column],
      );
    });
  const began = performance.now();
  const minutes = await fill('hop_minute', 'minute', 900);
  const hourRows = await fill('hop_hour', 'hour', 54_000);
  await store.execute('vacuum (analyze)');
  const [size] = await store.query<{ minutes: bigint; hours: bigint }>(
    `select (select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent = 'hop_minute'::regclass)::bigint as minutes, (select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent = 'hop_hour'::regclass)::bigint as hours`);
  console.log(`${minutes} minutes and ${hourRows} hours of ${topics * 3} ways filled in ${Math.round((performance.now() - began) / 1_000)} s: ${Math.round(Number(size!.minutes) / 1e6)} and ${Math.round(Number(size!.hours) / 1e6)} MB`);

  const results: Record<string, { p50Ms: number; p95Ms: number; nodes: number; edges: number }> = {};
  for (const [name, length] of Object.entries(RANGES)) {
    const ask = () => readMap(store, { cluster: null, from: new Date(now.getTime() - length * 60_000), to: now, now });
    let map = await ask();
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const at = performance.now();
      map = await ask();
      times.push(performance.now() - at);
    }
    times.sort((a, b) => a - b);
    results[name] = { p50Ms: round(times[Math.floor(runs / 2)]!), p95Ms: round(times[Math.min(runs - 1, Math.floor(runs * 0.95))]!), nodes: map.nodes.length, edges: map.edges.length };
    console.log(`${name.padEnd(4)} p50 ${results[name].p50Ms} ms, p95 ${results[name].p95Ms} ms: ${map.nodes.length} nodes, ${map.edges.length} edges of ${JSON.stringify(map.total)}`);
  }
  const day = results['24h']!;
  console.log(JSON.stringify({ bench: 'map', dayP95Ms: day.p95Ms, goalMs: GOAL_MS, shareOfGoal: Number((day.p95Ms / GOAL_MS).toFixed(2)), minuteBytes: Math.round(Number(size!.minutes) / minutes), ranges: results }));
} finally {
  for (const hook of hooks) await hook();
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
