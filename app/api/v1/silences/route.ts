import { createdSilenceSchema, createSilence, silenceInputSchema } from '#lib/operations/create-silence.ts';
import { listSilences, silenceQuerySchema, silencesSchema } from '#lib/operations/list-silences.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'viewer', summary: 'Silences in force, planned and lately over', query: silenceQuerySchema, response: silencesSchema }, async ({ store, clock, query }) =>
  listSilences(store, clock.now(), query),
);

export const POST = route({ role: 'operator', summary: 'Silences the alerts that all matchers fit', body: silenceInputSchema, response: createdSilenceSchema, status: 201 }, async ({ store, clock, principal, body }) =>
  createSilence(store, body, principal, clock.now()),
);
