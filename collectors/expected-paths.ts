import { learnPaths } from '#lib/operations/learn-paths.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 10_000;
const LEASE = 'expected-paths';
const LEASE_MS = 60_000;

/** Learns what journeys of each entry type usually do, from those that ended well. One process at a time does it; resolving journeys never waits for it. */
export async function runExpectedPathsCollector(context: CollectorContext): Promise<void> {
  const { store, clock, holder } = context;
  await runEvery({ name: LEASE, everyMs: EVERY_MS, context }, async () => {
    if (!(await holdLease(store, LEASE, holder, LEASE_MS))) return { held: 'elsewhere' };
    const learned = await learnPaths(store, clock.now());
    if (learned.paths > 0) await store.notify('journeys', { paths: learned.paths });
    return { ...learned };
  });
  await releaseLease(store, LEASE, holder).catch(() => undefined);
}
