// The process that bench/replay.ts measures: a worker that runs one job, as the collectors do.
import { boundHeapGrowth } from '../../collectors/bound-heap-growth.ts';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { headersToStrip } from '#lib/dead-letter/dialects.ts';
import { runReplay } from '#lib/operations/broker/run-replay.ts';
import { openStore } from '#lib/store/store.ts';
import { acquireReplay } from '#lib/store/replays/hold-replay.ts';
import { databaseCpuSince, readDatabaseCpu } from './database-cpu.ts';

export interface RunRequest {
  brokers: string[];
  databaseUrl: string;
  clusterId: number;
  /** Ends the run once the first transaction is committed. */
  onlyFirst: boolean;
}

export interface RunReport {
  end: string;
  ms: number;
  /** From taking the job to the first committed transaction. */
  firstSentMs: number | null;
  ownCpuMs: number;
  /** null where PostgreSQL's processes cannot be seen. */
  databaseCpuMs: number | null;
  peakRssMb: number;
}

async function run({ brokers, databaseUrl, clusterId, onlyFirst }: RunRequest): Promise<RunReport> {
  const store = openStore(databaseUrl, { poolSize: 8 });
  const broker = createKafkaBroker(openKafka({ name: 'bench', brokers }, { clientId: 'bench-replay' }));
  const stopping = new AbortController();
  let peak = 0;
  const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  try {
    await store.query('select 1');
    const databaseBefore = await readDatabaseCpu(store);
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    let firstSentMs: number | null = null;
    const job = await acquireReplay(store, { holder: 'bench', leaseMs: 15_000, clusterIds: [clusterId], except: [] });
    if (!job) throw new Error('There is no job to run.');
    const failpoint = (point: string) => {
      if (point === 'committed' && firstSentMs === null) {
        firstSentMs = performance.now() - started;
        if (onlyFirst) stopping.abort();
      }
      return Promise.resolve();
    };
    const end = await runReplay({ store, broker, holder: 'bench', leaseMs: 15_000, transactionTimeoutMs: 60_000, scanTimeoutMs: 30_000, chunkSize: 10_000, batchSize: 4_000, headersToStrip, signal: stopping.signal, failpoint }, job);
    const ms = performance.now() - started;
    const cpu = process.cpuUsage(cpuBefore);
    const databaseMs = await databaseCpuSince(store, databaseBefore);
    return { end, ms, firstSentMs, ownCpuMs: (cpu.user + cpu.system) / 1_000, databaseCpuMs: databaseMs, peakRssMb: Math.round(peak / 1e6) };
  } finally {
    clearInterval(watching);
    await broker.close();
    await store.close();
  }
}

// As the collectors do.
boundHeapGrowth();
process.once('message', (request) => {
  void run(request as RunRequest).then((report) => {
    process.send!(report);
    process.disconnect();
  });
});
