import { type ClockCheck, openClockCheck } from '#lib/operations/broker/check-clocks.ts';
import { openTopicsCollection, type TopicsCollection } from '#lib/operations/broker/collect-topics.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { identifyCluster } from './identify-cluster.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 60_000;
/** Until the offsets collector has stored the cluster and its first topics there is nothing to describe. */
const WAITING_MS = 2_000;
/** A rate needs two readings: the second follows soon after the first. */
const SECOND_MS = 15_000;
const LEASE_MS = 180_000;
const DAY_MS = 86_400_000;

/** Reads replicas, settings and sizes of the topics of every configured cluster, one slow loop each: a cluster that is down delays no other. */
export async function runTopicsCollector(context: CollectorContext): Promise<void> {
  const { config, store, brokers, clock, signal } = context;
  await Promise.all(
    config.clusters.map(async ({ name }) => {
      const lease = `topics:${name}`;
      let collection: { clusterId: number; topics: TopicsCollection; clocks: ClockCheck } | null = null;
      let readings = 0;
      const firstReadings = async (until: AbortSignal) => {
        const waitMs = readings === 0 ? WAITING_MS : readings === 1 ? SECOND_MS : EVERY_MS;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs);
          until.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
        });
      };
      await runEvery({ name: lease, everyMs: EVERY_MS, context, wake: firstReadings }, async (stop) => {
        const clusterId = await identifyCluster(context, name, 'unknown');
        if (clusterId === null) return { waiting: 'the cluster has not been identified yet' };
        if (!(await holdLease(store, lease, context.holder, LEASE_MS))) {
          collection?.topics.forget();
          readings = 2;
          return { waiting: 'another process reads this cluster' };
        }
        if (collection?.clusterId !== clusterId) collection = { clusterId, topics: openTopicsCollection({ store, broker: brokers.get(name), clusterId, producersKeptMs: config.retentionDays.spans * DAY_MS }), clocks: openClockCheck({ store, broker: brokers.get(name), clusterId }) };
        const figures = await collection.topics.collect({ now: clock.now(), signal: stop });
        if (figures.topics > 0) readings += 1;
        if (figures.written > 0) await store.notify('topics', { cluster: name });
        const clocks = await collection.clocks.look({ now: clock.now(), signal: stop });
        return { ...figures, wrongClocks: clocks.wrong };
      });
      if (signal.aborted) await releaseLease(store, lease, context.holder).catch(() => undefined);
    }),
  );
}
