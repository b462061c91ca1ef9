import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { approveReplay } from '#lib/operations/approve-replay.ts';
import { approveReplayBodySchema } from '#lib/operations/decide-replay.ts';
import { replayDetailSchema } from '#lib/operations/replay-wire.ts';

export const POST = route(
  { role: 'operator', summary: 'Let a replay start that waits for a second person; never for whoever asked for it', params: z.object({ id: z.string() }), body: approveReplayBodySchema, response: replayDetailSchema },
  ({ store, principal, params, body }) => approveReplay(store, { id: params.id, principal, reason: body.reason }),
);
