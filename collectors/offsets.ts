import { openOffsetsCollection } from '#lib/operations/broker/collect-offsets.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import { boundHeapGrowth } from './bound-heap-growth.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

/** Reads the offsets of every configured cluster, each in a loop of its own: a cluster that is down delays no other. */
export async function runOffsetsCollector(context: CollectorContext): Promise<void> {
  const { config, store, brokers, signal, clock } = context;
  boundHeapGrowth();
  await Promise.all(
    config.clusters.map(async ({ name }) => {
      const lease = `offsets:${name}`;
      const everyMs = config.offsetsIntervalMs;
      const collection = openOffsetsCollection({ store, broker: brokers.get(name), configuredNames: brokers.names, intervalMs: everyMs, onIdentified: (clusterId) => brokers.bind(clusterId, name) });
      await runEvery({ name: lease, everyMs, context }, async (stop) => {
        // Of several processes one collects; the others stand by and take over when its lease ends.
        if (!(await holdLease(store, lease, context.holder, Math.max(3 * everyMs, 15_000)))) {
          collection.forget();
          return undefined;
        }
        return { ...(await collection.collect({ now: clock.now(), signal: stop })) };
      });
      if (signal.aborted) await releaseLease(store, lease, context.holder).catch(() => undefined);
    }),
  );
}
