// Spans stored a second over real HTTP, durable before each answer: `npm run bench spans`.
// The receiver runs in this process with a store of its own on BENCH_DATABASE_URL (or WAYBILL_TEST_DATABASE_URL, DATABASE_URL);
// the senders are a child process, so that their work is not counted as the receiver's. Journeys are resolved meanwhile unless
// BENCH_JOURNEYS=off. One JSON line last.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import pg from 'pg';
import { pino } from 'pino';
import { loadConfig } from '#lib/config.ts';
import { systemClock } from '#lib/clock.ts';
import { migrate } from '#lib/store/migrate.ts';
import { ensureAllPartitions } from '#lib/store/partitions.ts';
import { openStore } from '#lib/store/store.ts';
import type { CollectorContext } from '../collectors/context.ts';
import { runJourneysCollector } from '../collectors/journeys.ts';
import { openTracesReceiver } from '../collectors/traces.ts';
import type { LoadReport, LoadRequest } from './parts/spans-load.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 15);
const connections = 8;
const spansPerRequest = 512;
const withJourneys = process.env['BENCH_JOURNEYS'] !== 'off';
const adminUrl = process.env['BENCH_DATABASE_URL'] ?? process.env['WAYBILL_TEST_DATABASE_URL'] ?? process.env['DATABASE_URL'];
if (!adminUrl) throw new Error('BENCH_DATABASE_URL names the PostgreSQL server to measure on; a database of its own is made there and dropped.');

const name = `waybill_bench_${randomUUID().slice(0, 8)}`;
const admin = new pg.Client({ connectionString: adminUrl });
await admin.connect();
await admin.query(`create database "${name}"`);
const url = new URL(adminUrl);
url.pathname = `/${name}`;
const stop = new AbortController();
try {
  await migrate(url.href);
  const store = openStore(url.href, { poolSize: 8 });
  await ensureAllPartitions(store, new Date());
  const [settings] = await store.query<{ fsync: string; commit: string }>(`select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`);
  const context: CollectorContext = {
    store, config: { ...loadConfig({ NODE_ENV: 'production' }, '/nowhere'), otlpPort: 0 }, clock: systemClock, log: pino({ level: 'warn' }),
    brokers: undefined as never, // neither collector asks a broker
    holder: 'bench:1', signal: stop.signal,
  };
  const receiver = await openTracesReceiver(context);
  const journeys = withJourneys ? runJourneysCollector(context) : Promise.resolve();
  let rssMb = 0;
  const watch = setInterval(() => (rssMb = Math.max(rssMb, process.memoryUsage.rss() / 1024 / 1024)), 100);
  const cpuBefore = process.cpuUsage();
  const report = await load({ url: `http://127.0.0.1:${receiver.port}/v1/traces`, connections, spansPerRequest, seconds });
  const cpu = process.cpuUsage(cpuBefore);
  clearInterval(watch);
  const { counts } = receiver.queue;
  await receiver.close();
  stop.abort();
  await journeys;
  const [stored] = await store.query<{ count: bigint; bytes: bigint; journeys: bigint; pending: bigint }>(
    `select (select count(*) from span) as count, (select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent = 'span'::regclass)::bigint as bytes, (select count(*) from journey) as journeys, (select count(*) from journey_pending) as pending`);
  await store.close();
  if (counts.rejected > 0) throw new Error(`${counts.rejected} spans were rejected: the bodies are wrong`);
  if (Number(stored!.count) !== counts.stored || counts.accepted !== counts.stored + counts.duplicate + counts.rejected) throw new Error(`counters do not add up: ${JSON.stringify(counts)}, ${stored!.count} rows`);
  const spansPerSecond = Math.round(counts.stored / report.elapsedSeconds);
  console.log(`${spansPerSecond.toLocaleString('en')} spans/s stored, p50 ${report.p50Ms} ms, p99 ${report.p99Ms} ms, receiver RSS ${Math.round(rssMb)} MB, ${report.refused} requests refused`);
  console.log(JSON.stringify({
    bench: 'spans', spansPerSecond, goal: 10_000, met: spansPerSecond >= 10_000, p50Ms: report.p50Ms, p99Ms: report.p99Ms, rssMb: Math.round(rssMb), spans: counts.stored, refusedRequests: report.refused,
    spansPerCpuSecond: Math.round((counts.stored / (cpu.user + cpu.system)) * 1e6), bytesPerSpan: Math.round(Number(stored!.bytes) / counts.stored), bytesPerSpanSent: report.bytesPerSpan,
    journeysResolved: Number(stored!.journeys), tracesWaiting: Number(stored!.pending), journeys: withJourneys, fsync: settings!.fsync, synchronousCommit: settings!.commit, seconds, connections, spansPerRequest, cpus: cpus().length, node: process.version,
  }));
} finally {
  stop.abort();
  await admin.query(`drop database if exists "${name}" with (force)`);
  await admin.end();
}

function load(request: LoadRequest): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./parts/spans-load.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.once('message', (report) => resolve(report as LoadReport));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the senders ended with ${code}`)));
    child.send(request);
  });
}
