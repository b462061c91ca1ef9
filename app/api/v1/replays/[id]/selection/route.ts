import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { listReplaySelection, listReplaySelectionQuerySchema, selectedLetterListSchema } from '#lib/operations/list-replay-selection.ts';

export const GET = route(
  { role: 'viewer', summary: 'What a replay was asked for: the dead letters of its frozen selection', params: z.object({ id: z.string() }), query: listReplaySelectionQuerySchema, response: selectedLetterListSchema },
  ({ store, params, query }) => listReplaySelection(store, params.id, query),
);
