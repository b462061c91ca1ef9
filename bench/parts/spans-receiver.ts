// The process that bench/spans.ts measures: the receiver, and the resolver of journeys beside it, with the settings of the collectors.
import { pino } from 'pino';
import { loadConfig } from '#lib/config.ts';
import { systemClock } from '#lib/clock.ts';
import { openStore } from '#lib/store/store.ts';
import { boundHeapGrowth } from '../../collectors/bound-heap-growth.ts';
import type { CollectorContext } from '../../collectors/context.ts';
import { runInThread } from '../../collectors/in-thread.ts';
import { openTracesReceiver } from '../../collectors/traces.ts';
import type { SpanCounts } from '#lib/operations/span-queue.ts';
import { databaseCpuSince, readDatabaseCpu } from './database-cpu.ts';

export interface ReceiverRequest {
  databaseUrl: string;
  journeys: boolean;
}

export interface ReceiverReport {
  counts: SpanCounts;
  /** Spans stored since "begin"; the costs below are of these. */
  measured: number;
  peakRssMb: number;
  ownCpuMs: number;
  /** Of PostgreSQL's connections of this process; null where they cannot be seen. */
  databaseCpuMs: number | null;
  walBytes: number;
}

async function receive({ databaseUrl, journeys }: ReceiverRequest): Promise<void> {
  const stop = new AbortController();
  const store = openStore(databaseUrl, { poolSize: 8 });
  const context: CollectorContext = {
    store, config: { ...loadConfig({ NODE_ENV: 'production' }, '/nowhere'), otlpPort: 0 }, clock: systemClock, log: pino({ level: 'warn' }),
    brokers: undefined as never, // neither collector asks a broker
    holder: 'bench:1', signal: stop.signal,
  };
  const receiver = await openTracesReceiver(context);
  const resolving = journeys ? runInThread('journeys', context) : Promise.resolve();
  const wal = async () => Number((await store.query<{ bytes: string }>(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as bytes`))[0]!.bytes);
  let peak = 0;
  const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 200);
  let [walBefore, cpuBefore, databaseBefore, storedBefore] = [await wal(), process.cpuUsage(), await readDatabaseCpu(store), 0];
  const report = async (): Promise<ReceiverReport> => {
    const cpu = process.cpuUsage(cpuBefore);
    const databaseCpuMs = await databaseCpuSince(store, databaseBefore);
    return { counts: { ...receiver.queue.counts }, measured: receiver.queue.counts.stored - storedBefore, peakRssMb: Math.round(peak / 1e6), ownCpuMs: (cpu.user + cpu.system) / 1_000, databaseCpuMs, walBytes: (await wal()) - walBefore };
  };
  process.on('message', (word) => {
    // What it costs to get going is not what a span costs.
    if (word === 'begin') {
      void (async () => {
        [walBefore, cpuBefore, databaseBefore, storedBefore] = [await wal(), process.cpuUsage(), await readDatabaseCpu(store), receiver.queue.counts.stored];
        process.send!('begun');
      })();
    }
    if (word === 'report') void report().then((figures) => process.send!(figures));
    if (word !== 'stop') return;
    clearInterval(watching);
    stop.abort();
    void Promise.all([receiver.close(), resolving])
      .then(() => store.close())
      .then(() => process.disconnect());
  });
  process.send!({ port: receiver.port });
}

// As the collectors do.
boundHeapGrowth();
process.once('message', (request) => void receive(request as ReceiverRequest));
