import { openOffsetsCollection } from '#lib/operations/broker/collect-offsets.ts';
import { holdsLease } from '#lib/store/leases/holds-lease.ts';
import { boundHeapGrowth } from './bound-heap-growth.ts';
import type { CollectorContext } from './context.ts';
import { keepLease } from './keep-lease.ts';
import { runEvery } from './loop.ts';

/** Reads the offsets of every configured cluster, each in a loop of its own: a cluster that is down delays no other. */
export async function runOffsetsCollector(context: CollectorContext): Promise<void> {
  const { config, store, brokers, clock, holder } = context;
  boundHeapGrowth();
  await Promise.all(
    config.clusters.map(async ({ name }) => {
      const lease = `offsets:${name}`;
      const everyMs = config.offsetsIntervalMs;
      const collection = openOffsetsCollection({
        store,
        broker: brokers.get(name),
        configuredNames: brokers.names,
        intervalMs: everyMs,
        onIdentified: (clusterId) => brokers.bind(clusterId, name),
        mayWrite: (tx) => holdsLease(tx, lease, holder),
      });
      await keepLease(context, lease, async (held) => {
        // Somebody else may have written in between.
        collection.forget();
        await runEvery({ name: lease, everyMs, context: { ...context, signal: held } }, async (stop) => ({ ...(await collection.collect({ now: clock.now(), signal: stop })) }));
      });
    }),
  );
}
