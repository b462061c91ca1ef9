import type { ClusterConfig } from '#lib/config.ts';
import { openTraceTopicReader } from '#lib/operations/broker/read-trace-topics.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';
import { openTraceIntake } from './trace-intake.ts';

const EVERY_MS = 1_000;
const MAX_RUN_MS = 5_000;
/** A topic full of something else must not fill the log. */
const TOLD_EVERY_MS = 10_000;

/** Takes traces from the topics that the configuration names, one loop a cluster; where none is named it does nothing at all. */
export async function runTraceTopicsCollector(context: CollectorContext): Promise<void> {
  await Promise.all(context.config.clusters.map((cluster) => runCluster(context, cluster)));
}

async function runCluster(context: CollectorContext, cluster: ClusterConfig): Promise<void> {
  const { brokers, config, log } = context;
  const { traceTopics } = cluster;
  if (traceTopics === undefined) return;
  const { queue, prepare } = openTraceIntake(context, `topics of ${cluster.name}`);
  const encoding = traceTopics.encoding === 'otlp_json' ? 'json' : 'protobuf';
  let toldMs = Number.NEGATIVE_INFINITY;
  let untold = 0;
  const reader = openTraceTopicReader({
    broker: brokers.get(cluster.name), group: traceTopics.group, topics: traceTopics.topics, mostBodyBytes: config.otlpMaxBodyBytes,
    prepare: (body) => prepare(body, encoding),
    store: (prepared) => queue.store(prepared),
    onPoisoned: (at, reason) => {
      untold++;
      if (performance.now() - toldMs < TOLD_EVERY_MS) return;
      log.warn({ cluster: cluster.name, at, reason, since: untold }, `a record of a topic of traces holds none and is passed over; is its encoding ${traceTopics.encoding}?`);
      toldMs = performance.now();
      untold = 0;
    },
  });
  const name = config.clusters.length > 1 ? `trace-topics:${cluster.name}` : 'trace-topics';
  await runEvery({ name, everyMs: EVERY_MS, context }, async (signal) => ({ ...(await reader.run(signal, MAX_RUN_MS)), ...queue.counts, waiting: queue.waiting, storeFailure: queue.storeFailure }));
  await queue.drained();
  await reader.close();
}
