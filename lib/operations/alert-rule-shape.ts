import { z } from 'zod';
import { parsePattern } from '#lib/alert/match-pattern.ts';
import { ALERTABLE_STATUSES, type NoDataPolicy, type RuleParams, type Severity } from '#lib/model/alert.ts';
import { FINDING_KINDS } from '#lib/model/hygiene.ts';
import type { LockedRuleRow } from '#lib/store/alerts/lock-rule.ts';

const name = z.string().trim().min(1).max(249).nullable().default(null);
const records = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const count = z.number().int().min(1).max(20_000);
const age = z.number().int().min(1).max(30 * 86_400);
const window = z.number().int().min(10).max(86_400);

/** What a rule watches, as stored and as sent. Names may hold "*"; null = every one. */
export const ruleParamsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('group-lag-records'), cluster: name, group: name, aboveRecords: records }),
  z.strictObject({ kind: z.literal('group-lag-seconds'), cluster: name, group: name, aboveSeconds: age }),
  z.strictObject({ kind: z.literal('group-status'), cluster: name, group: name, statuses: z.array(z.enum(ALERTABLE_STATUSES)).min(1).max(ALERTABLE_STATUSES.length) }),
  z.strictObject({ kind: z.literal('dead-letter-rate'), cluster: name, topic: name, atLeast: count, withinSeconds: window }),
  z.strictObject({ kind: z.literal('collector-stale'), collector: name, aboveSeconds: age }),
  z.strictObject({ kind: z.literal('replay-failed-again'), cluster: name, atLeast: count, withinSeconds: window }),
  z.strictObject({ kind: z.literal('replay-waiting'), cluster: name }),
  z.strictObject({ kind: z.literal('hygiene'), cluster: name, topic: name, kinds: z.array(z.enum(FINDING_KINDS)).max(FINDING_KINDS.length).default([]), minSeverity: z.enum(['info', 'warning', 'critical']).default('warning') }),
  z.strictObject({ kind: z.literal('missing-hop'), entryType: name, step: z.string().trim().min(1).max(600).nullable().default(null), atLeast: count, withinSeconds: window }),
  z.strictObject({ kind: z.literal('endpoint-disabled') }),
]);

/** A rule as a person or a script writes it. */
export const ruleInputSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  params: ruleParamsSchema,
  /** How long the condition must hold before anyone is told. */
  forSeconds: z.number().int().min(0).max(86_400).default(0),
  /** How long it must have cleared before it counts as resolved. */
  keepSeconds: z.number().int().min(0).max(86_400).default(0),
  /** keep: an unknown figure changes nothing. fire: it counts as a breach. */
  onNoData: z.enum(['keep', 'fire']).default('keep'),
  severity: z.enum(['info', 'warning', 'critical']).default('warning'),
  /** Whom to tell; empty = every webhook. */
  endpointIds: z.array(z.uuid()).max(20).default([]),
  enabled: z.boolean().default(true),
});

export type RuleInput = z.output<typeof ruleInputSchema>;

const matcherSchema = z
  .strictObject({
    label: z.string().trim().min(1).max(100),
    operator: z.enum(['=', '!=', '=~', '!~']),
    value: z.string().max(500),
  })
  .superRefine((matcher, context) => {
    if (matcher.operator === '=' || matcher.operator === '!=') return;
    const parsed = parsePattern(matcher.value);
    if ('problem' in parsed) context.addIssue({ code: 'custom', path: ['value'], message: parsed.problem });
  });

export const matchersSchema = z.array(matcherSchema).min(1).max(20);

/** A stored rule in the words of the model. */
export interface AlertRule {
  id: string;
  name: string;
  params: RuleParams;
  forMs: number;
  keepMs: number;
  onNoData: NoDataPolicy;
  severity: Severity;
  endpointIds: string[];
  enabled: boolean;
}

/** @throws ZodError where the stored parameters are not what this version understands */
export function readRule(row: LockedRuleRow): AlertRule {
  return {
    id: row.id,
    name: row.name,
    params: ruleParamsSchema.parse(row.params),
    forMs: row.for_seconds * 1_000,
    keepMs: row.keep_seconds * 1_000,
    onNoData: row.on_no_data === 'fire' ? 'fire' : 'keep',
    severity: row.severity === 'critical' || row.severity === 'info' ? row.severity : 'warning',
    endpointIds: row.endpoint_ids,
    enabled: row.enabled,
  };
}
