import { randomUUID } from 'node:crypto';
import { markRulesSeeded } from '#lib/store/alerts/mark-rules-seeded.ts';
import { insertRule } from '#lib/store/alerts/write-rule.ts';
import type { Store } from '#lib/store/store.ts';
import { ruleInputSchema, type RuleInput } from './alert-rule-shape.ts';

/** The rules a new store starts with. They tell every webhook, so the first webhook a person adds is told of everything. */
export const BUILT_IN_RULES: readonly RuleInput[] = [
  {
    name: 'Group is not consuming',
    params: { kind: 'group-status', cluster: null, group: null, statuses: ['losing-data', 'stopped', 'stalled'] },
    forSeconds: 60,
    keepSeconds: 60,
    severity: 'critical',
  },
  { name: 'Group is behind', params: { kind: 'group-lag-seconds', cluster: null, group: null, aboveSeconds: 300 }, forSeconds: 120, keepSeconds: 60 },
  { name: 'Dead letters arrive', params: { kind: 'dead-letter-rate', cluster: null, topic: null, atLeast: 1, withinSeconds: 300 } },
  { name: 'Replay failed again', params: { kind: 'replay-failed-again', cluster: null, atLeast: 1, withinSeconds: 3_600 } },
  { name: 'Replay waits for a person', params: { kind: 'replay-waiting', cluster: null }, forSeconds: 300 },
  { name: 'Collector is stale', params: { kind: 'collector-stale', collector: null, aboveSeconds: 120 }, severity: 'critical' },
  { name: 'Webhook was disabled', params: { kind: 'endpoint-disabled' } },
].map((rule) => ruleInputSchema.parse(rule));

/** Creates the built-in rules once in the life of a store: a rule that somebody deletes does not come back. */
export async function seedAlertRules(store: Store): Promise<void> {
  await store.transaction(async (tx) => {
    if (!(await markRulesSeeded(tx))) return;
    for (const rule of BUILT_IN_RULES) await insertRule(tx, { ...rule, id: randomUUID(), builtIn: true, createdBy: 'waybill' });
  });
}
