import { z } from 'zod';
import { compareJourney, compareQuerySchema, comparisonSchema } from '#lib/operations/compare-journey.ts';
import { route } from '../../../../route.ts';

export const GET = route(
  { role: 'viewer', summary: 'A journey beside the usual path of its type, or beside another journey, hop by hop', params: z.object({ id: z.string().max(64) }), query: compareQuerySchema, response: comparisonSchema },
  ({ store, clock, params, query }) => compareJourney(store, { id: params.id, with: query.with, now: clock.now() }),
);
