import { type ClusterConfig, hygieneOf } from '#lib/config.ts';
import { topicMatcher } from '#lib/dead-letter/topic-patterns.ts';
import { rankHeaders } from '#lib/journey/read-record-headers.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { sampleEvents } from '#lib/operations/broker/sample-events.ts';
import { detectHygiene } from '#lib/operations/detect-hygiene.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { identifyCluster } from './identify-cluster.ts';
import { runEvery } from './loop.ts';

/** A run ends well before its lease does. */
const MAX_RUN_MS = 15_000;
const LEASE_MS = 120_000;

/** Samples the newest events of topics and looks for what is wrong with the way they are written, read and passed on, one loop for each cluster. */
export async function runHygieneCollector(context: CollectorContext): Promise<void> {
  await Promise.all(context.config.clusters.map((cluster) => runCluster(context, cluster)));
}

async function runCluster(context: CollectorContext, cluster: ClusterConfig): Promise<void> {
  const { store, brokers, clock } = context;
  const settings = hygieneOf(cluster);
  if (settings.mode === 'off') return;
  const lease = `hygiene:${cluster.name}`;
  const isSampled = topicMatcher(settings.topics);
  const names = rankHeaders({ keyHeaders: cluster.headerTap?.keyHeaders, eventIdHeaders: settings.eventIdHeaders ?? cluster.headerTap?.eventIdHeaders });
  await runEvery({ name: context.config.clusters.length > 1 ? lease : 'hygiene', everyMs: settings.everySeconds * 1_000, context }, async (signal) => {
    const clusterId = await identifyCluster(context, cluster.name, 'unknown');
    if (clusterId === null) return { waiting: 'the cluster has not been identified yet' };
    if (!(await holdLease(store, lease, context.holder, LEASE_MS))) return { waiting: 'another process reads this cluster' };
    const sampled = settings.mode === 'no-samples' ? null : await sampleEvents({
      store, broker: brokers.get(cluster.name), clusterId, isSampled, names, masking: compileMasking(context.config.masking), maxBytesPerTopic: settings.maxBytesPerTopic, maxBytes: settings.maxBytes, now: clock.now(), signal, maxRunMs: MAX_RUN_MS,
    });
    const detected = await detectHygiene({ store, clusterId, notSampled: sampled === null ? 'sampling is off (WAYBILL_HYGIENE, hygiene.mode)' : null, now: clock.now(), signal });
    return { ...sampled, ...detected };
  });
  await releaseLease(store, lease, context.holder).catch(() => undefined);
}
