import { configuredDialect } from '#lib/dead-letter/configured-dialect.ts';
import type { ClusterConfig } from '#lib/config.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { ingestRetryRecords } from '#lib/operations/broker/ingest-retry-records.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { identifyCluster } from './identify-cluster.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 1_000;
/** A run ends well before its lease does. */
const MAX_RUN_MS = 20_000;
const LEASE_MS = 60_000;

/** Reads the retry topics of every configured cluster, one loop each: a cluster that is down delays no other. */
export async function runRetryTopicsCollector(context: CollectorContext): Promise<void> {
  await Promise.all(context.config.clusters.map((cluster) => runCluster(context, cluster)));
}

async function runCluster(context: CollectorContext, cluster: ClusterConfig): Promise<void> {
  const { store, brokers, clock } = context;
  const headers = cluster.deadLetters?.headers;
  const dialects = headers ? [configuredDialect(headers)] : [];
  const lease = `retry-topics:${cluster.name}`;
  await runEvery({ name: context.config.clusters.length > 1 ? lease : 'retry-topics', everyMs: EVERY_MS, context }, async (signal) => {
    const clusterId = await identifyCluster(context, cluster.name, 'unknown');
    if (clusterId === null) return { waiting: 'the cluster has not been identified yet' };
    if (!(await holdLease(store, lease, context.holder, LEASE_MS))) return { waiting: 'another process reads this cluster' };
    return { ...(await ingestRetryRecords({ store, broker: brokers.get(cluster.name), clusterId, dialects, masking: compileMasking(context.config.masking), now: () => clock.now(), signal, maxRunMs: MAX_RUN_MS })) };
  });
  await releaseLease(store, lease, context.holder).catch(() => undefined);
}
