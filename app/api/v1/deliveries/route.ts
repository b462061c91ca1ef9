import { deliveriesSchema, deliveryQuerySchema, listDeliveries } from '#lib/operations/list-deliveries.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'viewer', summary: 'Webhook deliveries, the latest first', query: deliveryQuerySchema, response: deliveriesSchema }, async ({ store, query }) => listDeliveries(store, query));
