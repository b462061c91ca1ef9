import { z } from 'zod';
import { failureSchema } from '#lib/operations/list-failures.ts';
import { failureChangeSchema, readFailure, updateFailure } from '#lib/operations/update-failure.ts';
import { route } from '../../../route.ts';

const params = z.object({ id: z.string().max(100) });

export const GET = route({ role: 'viewer', summary: 'A failure: dead letters of one cause', params, response: failureSchema }, async ({ store, config, clock, params: { id } }) => readFailure(store, id, clock.now(), config.retentionDays.bodies));

export const PATCH = route({ role: 'operator', summary: 'Sets owner, note or mute of a failure; what is not named stays', params, body: failureChangeSchema, response: failureSchema }, async ({ store, config, clock, principal, params: { id }, body }) =>
  updateFailure(store, id, body, principal, clock.now(), config.retentionDays.bodies),
);
