import { z } from 'zod';
import { deliveryDetailSchema, getDelivery } from '#lib/operations/list-deliveries.ts';
import { route } from '../../../route.ts';

export const GET = route(
  { role: 'operator', summary: 'A delivery with its body and each attempt', params: z.object({ id: z.string().max(100) }), response: deliveryDetailSchema },
  async ({ store, params: { id } }) => getDelivery(store, id),
);
