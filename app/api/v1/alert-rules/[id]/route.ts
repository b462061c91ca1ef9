import { z } from 'zod';
import { ruleInputSchema } from '#lib/operations/alert-rule-shape.ts';
import { deleteAlertRule } from '#lib/operations/delete-alert-rule.ts';
import { alertRuleSchema, getAlertRule } from '#lib/operations/list-alert-rules.ts';
import { updateAlertRule } from '#lib/operations/update-alert-rule.ts';
import { route } from '../../../route.ts';

const params = z.object({ id: z.uuid() });

export const GET = route({ role: 'viewer', summary: 'An alert rule', params, response: alertRuleSchema }, async ({ store, params: { id } }) => getAlertRule(store, id));

export const PUT = route({ role: 'operator', summary: 'Replaces an alert rule', params, body: ruleInputSchema, response: alertRuleSchema }, async ({ store, clock, principal, params: { id }, body }) =>
  updateAlertRule(store, id, body, principal, clock.now()),
);

export const DELETE = route({ role: 'operator', summary: 'Deletes an alert rule; what it told of as firing is told as resolved', params, status: 204 }, async ({ store, clock, config, principal, params: { id } }) =>
  deleteAlertRule(store, id, principal, { now: clock.now(), publicUrl: config.publicUrl }),
);
