import { z } from 'zod';
import { followJourney } from '#lib/operations/follow-journey.ts';
import { journeySchema } from '#lib/operations/journey-wire.ts';
import { route } from '../../../route.ts';

export const GET = route(
  { role: 'viewer', summary: 'One journey: hops in order, edges with their evidence, state and verdict', params: z.object({ id: z.string().max(64) }), response: journeySchema },
  ({ store, clock, params }) => followJourney(store, { id: params.id, now: clock.now() }),
);
