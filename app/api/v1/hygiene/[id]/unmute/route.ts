import { z } from 'zod';
import { findingSchema } from '#lib/operations/finding-shape.ts';
import { unmuteFinding } from '#lib/operations/unmute-finding.ts';
import { route } from '../../../../route.ts';

export const POST = route({ role: 'operator', summary: 'Ends the mute of a finding', params: z.object({ id: z.uuid() }), response: findingSchema }, async ({ store, clock, principal, params }) => unmuteFinding(store, params.id, principal, clock.now()));
