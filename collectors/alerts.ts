import { evaluateAlertRule } from '#lib/operations/evaluate-alert-rule.ts';
import { readAlertFacts } from '#lib/operations/read-alert-facts.ts';
import { seedAlertRules } from '#lib/operations/seed-alert-rules.ts';
import { errorText } from '#lib/errors.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

const LEASE = 'alerts';

/**
 * Evaluates every rule each interval. The lease keeps a second collector idle; should both believe they hold it, the
 * unique (rule, bucket) of each evaluation lets one of them through.
 */
export async function runAlertsCollector(context: CollectorContext): Promise<void> {
  const { store, config, clock, log, holder } = context;
  const { intervalMs, ...timings } = config.alerts;
  let seeded = false;
  await runEvery({ name: 'alerts', everyMs: intervalMs, context }, async (signal) => {
    if (!(await holdLease(store, LEASE, holder, Math.max(3 * intervalMs, 15_000)))) return { standby: true };
    if (!seeded) {
      await seedAlertRules(store);
      seeded = true;
    }
    const now = clock.now();
    const facts = readAlertFacts(store, now, config.offsetsIntervalMs);
    const rules = await store.prisma.alertRule.findMany({ select: { id: true, name: true }, orderBy: { name: 'asc' } });
    let evaluated = 0;
    let enqueued = 0;
    const failed: string[] = [];
    for (const { id, name } of rules) {
      if (signal.aborted) break;
      try {
        const settled = await evaluateAlertRule(store, { ruleId: id, facts, now, intervalMs, timings, publicUrl: config.publicUrl });
        if (settled === null) continue;
        evaluated += 1;
        enqueued += settled.enqueued.length;
      } catch (error) {
        // One bad rule must not keep the others from calling anybody.
        failed.push(`${name}: ${errorText(error)}`);
        log.warn({ rule: name, err: error }, 'a rule could not be evaluated');
      }
    }
    if (rules.length > 0 && failed.length === rules.length) throw new Error(`No rule could be evaluated. ${failed[0] ?? ''}`);
    return { rules: rules.length, evaluated, enqueued, failed: failed.length };
  });
  await releaseLease(store, LEASE, holder).catch(() => undefined);
}
