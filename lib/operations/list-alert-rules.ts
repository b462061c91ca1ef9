import { z } from 'zod';
import { describeRule, sayRule, type SentencePart } from '#lib/alert/describe-rule.ts';
import { WaybillError } from '#lib/errors.ts';
import { type RuleParams } from '#lib/model/alert.ts';
import type { Store } from '#lib/store/store.ts';
import { listSchema, timeSchema } from '#lib/wire.ts';
import { ruleInputSchema, ruleParamsSchema } from './alert-rule-shape.ts';

const sentencePartSchema = z.object({ text: z.string(), field: z.string().nullable() });

export const alertRuleSchema = ruleInputSchema.extend({
  id: z.uuid(),
  /** Null where the stored parameters are not understood by this version; `problem` then says so. */
  params: ruleParamsSchema.nullable(),
  kind: z.string(),
  sentence: z.string(),
  sentenceParts: z.array(sentencePartSchema),
  endpoints: z.array(z.object({ id: z.uuid(), name: z.string() })),
  builtIn: z.boolean(),
  firing: z.number().int(),
  pending: z.number().int(),
  lastEvaluatedAt: timeSchema.nullable(),
  problem: z.string().nullable(),
  createdBy: z.string(),
  updatedAt: timeSchema,
});
export const alertRulesSchema = listSchema(alertRuleSchema);

/** A rule as people read it. Times ISO 8601. */
export type AlertRuleView = z.output<typeof alertRuleSchema>;

/** All rules, by name, each as a sentence. There are few: no pages. */
export async function listAlertRules(store: Store): Promise<{ items: AlertRuleView[]; nextCursor: null; total: number }> {
  const [rules, endpoints, counts] = await Promise.all([
    store.prisma.alertRule.findMany({ orderBy: { name: 'asc' }, take: 1_000 }),
    store.prisma.webhookEndpoint.findMany({ select: { id: true, name: true } }),
    store.prisma.alert.groupBy({ by: ['ruleId', 'state', 'heldPhase'], _count: true, where: { state: { not: 'normal' } } }),
  ]);
  const items = rules.map((rule): AlertRuleView => {
    const parsed = ruleParamsSchema.safeParse(rule.params);
    const params: RuleParams | null = parsed.success ? parsed.data : null;
    const named = rule.endpointIds.map((id) => ({ id, name: endpoints.find((endpoint) => endpoint.id === id)?.name ?? 'a deleted webhook' }));
    const names = named.map((endpoint) => endpoint.name);
    const parts: SentencePart[] = params === null ? [{ text: 'This version does not understand the rule.', field: null }] : describeRule(params, rule.forSeconds, names);
    const count = (phases: string[]): number =>
      counts.filter((row) => row.ruleId === rule.id && phases.includes(row.heldPhase ?? row.state)).reduce((sum, row) => sum + row._count, 0);
    return {
      id: rule.id,
      name: rule.name,
      kind: rule.kind,
      params,
      forSeconds: rule.forSeconds,
      keepSeconds: rule.keepSeconds,
      onNoData: rule.onNoData === 'fire' ? 'fire' : 'keep',
      severity: rule.severity === 'critical' || rule.severity === 'info' ? rule.severity : 'warning',
      endpointIds: rule.endpointIds,
      endpoints: named,
      enabled: rule.enabled,
      sentence: params === null ? 'This version does not understand the rule.' : sayRule(params, rule.forSeconds, names),
      sentenceParts: parts,
      builtIn: rule.builtIn,
      firing: count(['firing', 'recovering']),
      pending: count(['pending']),
      lastEvaluatedAt: rule.lastEvaluatedAt?.toISOString() ?? null,
      problem: rule.lastError,
      createdBy: rule.createdBy,
      updatedAt: rule.updatedAt.toISOString(),
    };
  });
  return { items, nextCursor: null, total: items.length };
}

/** @throws WaybillError alert-rule-not-found (404) */
export async function getAlertRule(store: Store, id: string): Promise<AlertRuleView> {
  const rule = (await listAlertRules(store)).items.find((item) => item.id === id);
  if (rule === undefined) throw new WaybillError('alert-rule-not-found', 'There is no such rule; it may have been deleted.', { status: 404 });
  return rule;
}
