import { followMemory, followOutcomes } from '#lib/operations/broker/follow-outcomes.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { identifiedClusters } from './identified-clusters.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 2_000;
const LEASE = 'outcomes';
const LEASE_MS = 30_000;

/** Follows replayed records until each was processed or failed again. One process at a time. */
export async function runOutcomesCollector(context: CollectorContext): Promise<void> {
  const { store, brokers, holder, clock } = context;
  const memory = followMemory();
  await runEvery({ name: 'outcomes', everyMs: EVERY_MS, context }, async (signal) => {
    const clusterIds = [...(await identifiedClusters(context)).keys()];
    if (clusterIds.length === 0) return { waiting: 'no cluster has been identified yet' };
    if (!(await holdLease(store, LEASE, holder, LEASE_MS))) return { waiting: 'another process follows outcomes' };
    const figures = await followOutcomes({ store, brokerOf: (clusterId) => brokers.get(clusterId), clusterIds, memory, now: () => clock.now(), signal });
    if (figures.changed > 0) {
      await store.notify('replays', { outcomes: figures.changed });
      await store.notify('dead-letters', { outcomes: figures.changed });
    }
    return { ...figures };
  });
  await releaseLease(store, LEASE, holder).catch(() => undefined);
}
