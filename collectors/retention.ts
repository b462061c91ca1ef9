import { pruneStore } from '#lib/operations/prune-store.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 60_000;
const LEASE = 'retention';

/** Makes partitions ahead of time and lets go of what is older than the settings keep. One process at a time does it. */
export async function runRetentionCollector(context: CollectorContext): Promise<void> {
  const { store, config, clock, log, holder } = context;
  await runEvery({ name: 'retention', everyMs: EVERY_MS, context }, async (signal) => {
    if (!(await holdLease(store, LEASE, holder, 3 * EVERY_MS))) return { standby: true };
    const pruned = await pruneStore(store, config.retentionDays, clock.now(), signal);
    for (const problem of pruned.problems) log.warn({ collector: 'retention', problem }, 'a part of the clean-up has to wait');
    return { ...pruned, problems: pruned.problems.length };
  });
  await releaseLease(store, LEASE, holder).catch(() => undefined);
}
