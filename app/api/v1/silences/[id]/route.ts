import { z } from 'zod';
import { endSilence } from '#lib/operations/end-silence.ts';
import { route } from '../../../route.ts';

export const DELETE = route({ role: 'operator', summary: 'Ends a silence now', params: z.object({ id: z.uuid() }), status: 204 }, async ({ store, clock, principal, params: { id } }) =>
  endSilence(store, id, principal, clock.now()),
);
