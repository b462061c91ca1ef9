import { z } from 'zod';
import { editableContext } from '#app/editable-context.ts';
import { route } from '#app/api/route.ts';
import { editableSchema } from '#lib/operations/edit-wire.ts';
import { readEditable } from '#lib/operations/read-editable.ts';

export const GET = route(
  { role: 'operator', summary: 'What of a dead letter can be edited before it is replayed, as text; and why not, where it cannot', params: z.object({ id: z.string().max(60) }), response: editableSchema },
  async ({ store, config, principal, params, request }) => (await readEditable(store, params.id, { principal: principal.name, ...editableContext(config), signal: request.signal })).wire,
);
