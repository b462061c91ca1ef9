import { z } from 'zod';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { getSpan, spanDetailSchema } from '#lib/operations/get-span.ts';
import { route } from '../../../../route.ts';

export const GET = route(
  { role: 'viewer', summary: 'One span with its attributes, events and resource', params: z.object({ traceId: z.string().regex(/^[0-9a-f]{32}$/, '32 hex digits'), spanId: z.string().regex(/^[0-9a-f]{16}$/, '16 hex digits') }), response: spanDetailSchema },
  ({ store, config, params }) => getSpan(store, { ...params, masking: compileMasking(config.masking) }),
);
