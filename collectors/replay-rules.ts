import { runReplayRules } from '#lib/operations/run-replay-rules.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 10_000;
const LEASE = 'replay-rules';
const LEASE_MS = 45_000;

/**
 * Lets the rules that replay a failure by themselves do what is due. The lease keeps a second process idle; should both believe they hold
 * it, the lock of each rule's row and the index of its open replay let one of them through.
 */
export async function runReplayRulesCollector(context: CollectorContext): Promise<void> {
  const { store, config, clock, holder, log } = context;
  await runEvery({ name: 'replay-rules', everyMs: EVERY_MS, context }, async (signal) => {
    if (!(await holdLease(store, LEASE, holder, LEASE_MS))) return { standby: true };
    const figures = await runReplayRules(store, { now: clock.now(), approval: { policy: config.replay.approval, forMs: config.replay.approvalMs }, signal });
    if (figures.started + figures.stopped + figures.failed > 0) log.info({ ...figures }, 'rules that replay did something');
    return figures;
  });
  await releaseLease(store, LEASE, holder).catch(() => undefined);
}
