import type { ClusterConfig } from '#lib/config.ts';
import { topicMatcher } from '#lib/dead-letter/topic-patterns.ts';
import { rankHeaders } from '#lib/journey/read-record-headers.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { tapHeaders } from '#lib/operations/broker/tap-headers.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { identifyCluster } from './identify-cluster.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 1_000;
/** A run ends well before its lease does. */
const MAX_RUN_MS = 10_000;
const LEASE_MS = 60_000;
/** What was not used of the bounds while nothing was to be read is not saved up for longer. */
const MOST_SECONDS_SAVED = 5;
/** Further behind than it may read in this time, the tap goes on at the end. */
const MOST_SECONDS_BEHIND = 60;

/** Reads the headers of the topics that are configured to be tapped, one loop for each cluster; where none is, it does nothing at all. */
export async function runHeaderTapCollector(context: CollectorContext): Promise<void> {
  await Promise.all(context.config.clusters.map((cluster) => runCluster(context, cluster)));
}

async function runCluster(context: CollectorContext, cluster: ClusterConfig): Promise<void> {
  const { store, brokers, clock } = context;
  const tap = cluster.headerTap;
  if (tap === undefined) return;
  const lease = `header-tap:${cluster.name}`;
  const isTapped = topicMatcher(tap.topics);
  const names = rankHeaders(tap);
  let lastMs = performance.now() - EVERY_MS;
  await runEvery({ name: context.config.clusters.length > 1 ? lease : 'header-tap', everyMs: EVERY_MS, context }, async (signal) => {
    const clusterId = await identifyCluster(context, cluster.name, 'unknown');
    if (clusterId === null) return { waiting: 'the cluster has not been identified yet' };
    if (!(await holdLease(store, lease, context.holder, LEASE_MS))) return { waiting: 'another process reads this cluster' };
    const seconds = Math.min(MOST_SECONDS_SAVED, (performance.now() - lastMs) / 1_000);
    lastMs = performance.now();
    const figures = await tapHeaders({
      store, broker: brokers.get(cluster.name), clusterId, isTapped, names, masking: compileMasking(context.config.masking), sampleRatio: tap.sampleRatio, from: tap.from,
      budget: { records: Math.ceil(tap.maxRecordsPerSecond * seconds), bytes: Math.ceil(tap.maxBytesPerSecond * seconds) }, mostBehind: tap.maxRecordsPerSecond * MOST_SECONDS_BEHIND,
      retentionDays: context.config.retentionDays.spans, now: clock.now(), signal, maxRunMs: MAX_RUN_MS,
    });
    if (figures.stored > 0) await store.notify('journeys', {});
    return { ...figures };
  });
  await releaseLease(store, lease, context.holder).catch(() => undefined);
}
