// The process that bench/dead-letters.ts measures: what a collector does with a full dead-letter topic, and nothing of what filled it.
import { boundHeapGrowth } from '../../collectors/bound-heap-growth.ts';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { ingestDeadLetters } from '#lib/operations/broker/ingest-dead-letters.ts';
import { openStore } from '#lib/store/store.ts';
import { databaseCpuSince, readDatabaseCpu } from './database-cpu.ts';

export interface IngestRequest {
  brokers: string[];
  databaseUrl: string;
  clusterId: number;
  topic: string;
}

export interface IngestReport {
  stored: number;
  seconds: number;
  ownCpuMs: number;
  /** null where PostgreSQL's processes cannot be seen. */
  databaseCpuMs: number | null;
  walBytes: number;
  peakRssMb: number;
}

async function ingest({ brokers, databaseUrl, clusterId, topic }: IngestRequest): Promise<IngestReport> {
  const store = openStore(databaseUrl);
  const broker = createKafkaBroker(openKafka({ name: 'bench', brokers }, { clientId: 'bench-dead-letters' }));
  let peak = 0;
  const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const wal = async () => Number((await store.query<{ bytes: string }>(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as bytes`))[0]!.bytes);
  try {
    const [walBefore, databaseBefore] = [await wal(), await readDatabaseCpu(store)];
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    const figures = await ingestDeadLetters({ store, broker, clusterId, isDeadLetterTopic: (name) => name === topic, isRetryTopic: () => false, roleSource: 'configuration', now: () => new Date(), signal: new AbortController().signal, maxRunMs: 600_000 });
    const seconds = (performance.now() - started) / 1_000;
    const cpu = process.cpuUsage(cpuBefore);
    const databaseMs = await databaseCpuSince(store, databaseBefore);
    return { stored: figures.stored, seconds, ownCpuMs: (cpu.user + cpu.system) / 1_000, databaseCpuMs: databaseMs, walBytes: (await wal()) - walBefore, peakRssMb: Math.round(peak / 1e6) };
  } finally {
    clearInterval(watching);
    await broker.close();
    await store.close();
  }
}

// As the collectors do.
boundHeapGrowth();
process.once('message', (request) => {
  void ingest(request as IngestRequest).then((report) => {
    process.send!(report);
    process.disconnect();
  });
});
