import { ruleInputSchema } from '#lib/operations/alert-rule-shape.ts';
import { createAlertRule } from '#lib/operations/create-alert-rule.ts';
import { alertRuleSchema, alertRulesSchema, listAlertRules } from '#lib/operations/list-alert-rules.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'viewer', summary: 'Alert rules, each as a sentence', response: alertRulesSchema }, async ({ store }) => listAlertRules(store));

export const POST = route({ role: 'operator', summary: 'Adds an alert rule', body: ruleInputSchema, response: alertRuleSchema, status: 201 }, async ({ store, principal, body }) =>
  createAlertRule(store, body, principal),
);
