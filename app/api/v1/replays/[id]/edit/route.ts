import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { replayEditSchema } from '#lib/operations/edit-wire.ts';
import { getReplayEdit } from '#lib/operations/get-replay-edit.ts';

export const GET = route(
  { role: 'viewer', summary: 'What an edited replay sends beside what its dead letter holds', params: z.object({ id: z.string() }), response: replayEditSchema },
  ({ store, config, params }) => getReplayEdit(store, params.id, compileMasking(config.masking)),
);
