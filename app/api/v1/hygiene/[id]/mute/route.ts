import { z } from 'zod';
import { findingSchema } from '#lib/operations/finding-shape.ts';
import { muteFinding, muteFindingSchema } from '#lib/operations/mute-finding.ts';
import { route } from '../../../../route.ts';

export const POST = route({ role: 'operator', summary: 'Folds a finding away until a moment; no alert tells of it meanwhile', params: z.object({ id: z.uuid() }), body: muteFindingSchema, response: findingSchema }, async ({ store, clock, principal, params, body }) =>
  muteFinding(store, params.id, body, principal, clock.now()),
);
