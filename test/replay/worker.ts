import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka, type KafkaClusterConfig } from '#lib/brokers/kafka/connect.ts';
import { headersToStrip } from '#lib/dead-letter/dialects.ts';
import type { Failpoint, ReplayRunEnd } from '#lib/operations/broker/replay-work.ts';
import { runReplay } from '#lib/operations/broker/run-replay.ts';
import type { Store } from '#lib/store/store.ts';
import { acquireReplay } from '#lib/store/replays/hold-replay.ts';
import { eventually } from '#test/harness/eventually.ts';
import { testBrokers } from '#test/harness/kafka.ts';

export interface WorkerOptions {
  holder: string;
  leaseMs?: number;
  batchSize?: number;
  chunkSize?: number;
  scanTimeoutMs?: number;
  signal?: AbortSignal;
  failpoint?: (point: Failpoint) => Promise<void>;
  /** How the worker signs in; default: as everybody at the shared broker. */
  cluster?: KafkaClusterConfig;
}

/** Waits for a job's lease and runs it once, as the collector does. */
export async function work(store: Store, clusterId: number, options: WorkerOptions): Promise<ReplayRunEnd> {
  const leaseMs = options.leaseMs ?? 5_000;
  const job = await eventually(async () => {
    const found = await acquireReplay(store, { holder: options.holder, leaseMs, clusterIds: [clusterId], except: [] });
    if (!found) throw new Error('no job wants a worker');
    return found;
  }, { everyMs: 20 });
  const broker = createKafkaBroker(openKafka(options.cluster ?? { name: 'test', brokers: testBrokers() }, { clientId: 'replay-test' }));
  try {
    return await runReplay(
      {
        store,
        broker,
        holder: options.holder,
        leaseMs,
        transactionTimeoutMs: 30_000,
        scanTimeoutMs: options.scanTimeoutMs ?? 10_000,
        chunkSize: options.chunkSize ?? 10_000,
        batchSize: options.batchSize ?? 1_000,
        headersToStrip,
        signal: options.signal ?? new AbortController().signal,
        ...(options.failpoint ? { failpoint: options.failpoint } : {}),
      },
      job,
    );
  } finally {
    await broker.close();
  }
}
