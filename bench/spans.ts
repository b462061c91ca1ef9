// Spans stored a second over real HTTP, durable before each answer: `npm run bench spans`. Receiver and resolver are one process with the settings
// of the collectors, the senders another, PostgreSQL a third; all share the machine. BENCH_DATABASE_URL (or WAYBILL_TEST_DATABASE_URL, DATABASE_URL)
// names the server, on which a database of its own is made and dropped. BENCH_SECONDS (60), BENCH_JOURNEYS=off. One JSON line last.
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '#lib/store/migrate.ts';
import { ensureAllPartitions } from '#lib/store/partitions.ts';
import { openStore, type Store } from '#lib/store/store.ts';
import { COLLECTORS_HEAP, COLLECTORS_MALLOC } from '../launcher/describe-children.ts';
import type { LoadReport, LoadRequest } from './parts/spans-load.ts';
import type { ReceiverReport } from './parts/spans-receiver.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 60);
const connections = 8;
const spansPerRequest = 512;
const withJourneys = process.env['BENCH_JOURNEYS'] !== 'off';
const goals = { spansPerSecond: 30_000, p99Ms: 250, receiverRssMb: 400, bytesPerSpan: 300, secondsBehind: 5 };
/** Node's own options for the measured process, such as --cpu-prof. */
const options = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');
const mostSecondsBehind = 120;
const warmUpSeconds = 3;

const adminUrl = process.env['BENCH_DATABASE_URL'] ?? process.env['WAYBILL_TEST_DATABASE_URL'] ?? process.env['DATABASE_URL'];
if (!adminUrl) throw new Error('BENCH_DATABASE_URL names the PostgreSQL server to measure on; a database of its own is made there and dropped.');
const name = `waybill_bench_${randomUUID().slice(0, 8)}`;
const admin = new pg.Client({ connectionString: adminUrl });
await admin.connect();
await admin.query(`create database "${name}"`);
const url = new URL(adminUrl);
url.pathname = `/${name}`;
let child: ChildProcess | null = null;
try {
  await migrate(url.href);
  const store = openStore(url.href, { poolSize: 2 });
  await ensureAllPartitions(store, new Date());
  const [settings] = await store.query<{ fsync: string; commit: string }>(`select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`);
  child = fork(new URL('./parts/spans-receiver.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: ['--disable-warning=ExperimentalWarning', COLLECTORS_HEAP, ...options], env: { ...process.env, ...COLLECTORS_MALLOC } });
  child.send({ databaseUrl: url.href, journeys: withJourneys });
  const { port } = await answer<{ port: number }>(child);
  await send({ url: `http://127.0.0.1:${port}/v1/traces`, connections, spansPerRequest, seconds: warmUpSeconds });
  child.send('begin');
  await answer(child);
  const load = await send({ url: `http://127.0.0.1:${port}/v1/traces`, connections, spansPerRequest, seconds });
  child.send('report');
  const { counts, measured, peakRssMb, ownCpuMs, databaseCpuMs, walBytes } = await answer<ReceiverReport>(child);
  const secondsBehind = withJourneys ? await untilResolved(store) : null;
  child.send('stop');
  await once(child, 'exit');

  const sizes = await sizesOf(store);
  const bytes = (tables: readonly string[]) => Math.round(tables.reduce((sum, table) => sum + (sizes.find((size) => size.table === table)?.bytes ?? 0), 0) / counts.stored);
  const [rows] = await store.query<{ spans: number; journeys: number }>('select (select count(*) from span)::int as spans, (select count(*) from journey)::int as journeys');
  await store.close();
  if (counts.rejected > 0) throw new Error(`${counts.rejected} spans were rejected: the bodies are wrong`);
  if (rows!.spans !== counts.stored || counts.accepted !== counts.stored + counts.duplicate + counts.rejected) throw new Error(`counters do not add up: ${JSON.stringify(counts)}, ${rows!.spans} rows`);

  for (const size of sizes) console.log(`${(size.bytes / counts.stored).toFixed(1).padStart(8)} bytes a span  ${size.table}: rows ${(size.heap / counts.stored).toFixed(1)}, out of line ${(size.toast / counts.stored).toFixed(1)}${size.indexes.map((index) => `, ${index.name} ${(index.bytes / counts.stored).toFixed(1)}`).join('')}`);
  const figures = { spansPerSecond: Math.round(measured / load.elapsedSeconds), p99Ms: load.p99Ms, receiverRssMb: peakRssMb, bytesPerSpan: bytes(['span', 'span_chunk', 'span_event', 'resource']), secondsBehind };
  const met = { ...Object.fromEntries(Object.entries(goals).filter(([goal]) => goal !== 'spansPerSecond').map(([goal, most]) => [goal, figures[goal as keyof typeof goals] === null ? null : figures[goal as keyof typeof goals]! <= most])), spansPerSecond: figures.spansPerSecond >= goals.spansPerSecond };
  console.log(`${figures.spansPerSecond.toLocaleString('en')} spans/s stored, p50 ${load.p50Ms} ms, p99 ${load.p99Ms} ms, receiver RSS ${peakRssMb} MB, ${figures.bytesPerSpan} bytes a span, journeys ${secondsBehind ?? '-'} s behind, ${load.refused} requests refused`);
  console.log(JSON.stringify({
    bench: 'spans', ...figures, goals, met, p50Ms: load.p50Ms, spans: counts.stored, refusedRequests: load.refused,
    receiverMicrosecondsPerSpan: Math.round((ownCpuMs * 1e4) / measured) / 10, databaseMicrosecondsPerSpan: databaseCpuMs === null ? null : Math.round((databaseCpuMs * 1e4) / measured) / 10,
    walBytesPerSpan: Math.round(walBytes / measured), journeyBytesPerSpan: bytes(['journey', 'journey_member', 'journey_alias', 'journey_pending']), bytesPerSpanSent: load.bytesPerSpan,
    journeysResolved: rows!.journeys, journeys: withJourneys, fsync: settings!.fsync, synchronousCommit: settings!.commit, seconds, connections, spansPerRequest, cpus: cpus().length, node: process.version,
  }));
  // What is lost is a failure, what is missed a figure.
} finally {
  if (child?.connected) child.send('stop');
  await admin.query(`drop database if exists "${name}" with (force)`);
  await admin.end();
}

async function answer<Answer>(from: ChildProcess): Promise<Answer> {
  const [message] = (await Promise.race([once(from, 'message'), once(from, 'exit').then(([code]) => Promise.reject(new Error(`the receiver ended with ${String(code)}`)))])) as [Answer];
  return message;
}

function send(request: LoadRequest): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    const senders = fork(new URL('./parts/spans-load.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    senders.once('message', (report) => resolve(report as LoadReport));
    senders.once('error', reject);
    senders.once('exit', (code) => reject(new Error(`the senders ended with ${code}`)));
    senders.send(request);
  });
}

/** How long after the last span its journey was up to date: what the resolver was behind when the senders stopped. */
async function untilResolved(store: Store): Promise<number> {
  const began = performance.now();
  for (;;) {
    const waiting = await store.query('select 1 from journey_pending limit 1');
    const passed = (performance.now() - began) / 1_000;
    if (waiting.length === 0 || passed > mostSecondsBehind) return Math.round(passed * 10) / 10;
    await delay(100);
  }
}

interface Size {
  table: string;
  bytes: number;
  heap: number;
  toast: number;
  indexes: { name: string; bytes: number }[];
}

/** What tables take on disk, partitions added up, the largest first. */
async function sizesOf(store: Store): Promise<Size[]> {
  const tables = ['span', 'span_chunk', 'span_event', 'resource', 'journey', 'journey_member', 'journey_alias', 'journey_pending'];
  const parts = await store.query<{ table: string; heap: number; toast: number; indexes: Record<string, number> }>(
    `select coalesce(p.inhparent::regclass::text, c.relname) as table, pg_relation_size(c.oid)::float8 as heap, coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)::float8 as toast,
       (select coalesce(json_object_agg(i.relname, pg_relation_size(i.oid)), '{}') from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid) as indexes
     from pg_class c left join pg_inherits p on p.inhrelid = c.oid where c.relkind = 'r' and coalesce(p.inhparent::regclass::text, c.relname) = any($1) and c.relnamespace = 'public'::regnamespace`, [tables]);
  return tables
    .map((table) => {
      const own = parts.filter((part) => part.table === table);
      const indexes = new Map<string, number>();
      for (const part of own) for (const [index, bytes] of Object.entries(part.indexes)) indexes.set(index.replace(/_\d{8}/, ''), (indexes.get(index.replace(/_\d{8}/, '')) ?? 0) + bytes);
      const [heap, toast] = [own.reduce((sum, part) => sum + part.heap, 0), own.reduce((sum, part) => sum + part.toast, 0)];
      return { table, heap, toast, indexes: [...indexes].map(([index, bytes]) => ({ name: index, bytes })), bytes: heap + toast + [...indexes.values()].reduce((sum, bytes) => sum + bytes, 0) };
    })
    .toSorted((a, b) => b.bytes - a.bytes);
}
