import { alertQuerySchema, alertsSchema, listAlerts } from '#lib/operations/list-alerts.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'viewer', summary: 'Alerts, firing first, with whom they were told to', query: alertQuerySchema, response: alertsSchema }, async ({ store, clock, query }) =>
  listAlerts(store, query, clock.now()),
);
