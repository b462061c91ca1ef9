import { z } from 'zod';
import { editExpectedStep, stepEditSchema } from '#lib/operations/edit-expected-step.ts';
import { expectedPathSchema } from '#lib/operations/expected-path-wire.ts';
import { getExpectedPath } from '#lib/operations/get-expected-path.ts';
import { route } from '../../../route.ts';

const params = z.object({ entryType: z.string().max(249) });

export const GET = route({ role: 'viewer', summary: 'A usual path: its steps with shares and times, what people said of them, and its versions', params, response: expectedPathSchema }, ({ store, clock, params: { entryType } }) =>
  getExpectedPath(store, { entryType, now: clock.now() }),
);

export const PATCH = route(
  { role: 'operator', summary: 'Says of a step of a usual path whether journeys must have it, may have it, or nobody cares', params, body: stepEditSchema, response: expectedPathSchema },
  ({ store, clock, principal, params: { entryType }, body }) => editExpectedStep(store, entryType, body, principal, clock.now()),
);
