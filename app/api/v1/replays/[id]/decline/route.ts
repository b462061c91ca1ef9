import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { declineReplay } from '#lib/operations/decline-replay.ts';
import { declineReplayBodySchema } from '#lib/operations/decide-replay.ts';
import { replayDetailSchema } from '#lib/operations/replay-wire.ts';

export const POST = route(
  { role: 'operator', summary: 'End a replay that waits for a second person, with the reason; nothing of it was sent', params: z.object({ id: z.string() }), body: declineReplayBodySchema, response: replayDetailSchema },
  ({ store, principal, params, body }) => declineReplay(store, { id: params.id, principal, reason: body.reason }),
);
