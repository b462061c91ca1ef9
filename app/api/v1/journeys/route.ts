import { journeyListSchema } from '#lib/operations/journey-wire.ts';
import { journeysQuerySchema, listJourneys } from '#lib/operations/list-journeys.ts';
import { route } from '../../route.ts';

export const GET = route(
  { role: 'viewer', summary: 'Journeys, the latest first, or those that a correlation id, trace id or topic:partition@offset finds, or those that miss a step of their usual path', query: journeysQuerySchema, response: journeyListSchema },
  ({ store, query, clock }) => listJourneys(store, query, clock.now()),
);
