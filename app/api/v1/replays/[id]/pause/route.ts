import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { pauseReplay } from '#lib/operations/pause-replay.ts';
import { replayDetailSchema } from '#lib/operations/replay-wire.ts';
import { steerReplayBodySchema } from '#lib/operations/steer-replay.ts';

export const POST = route(
  { role: 'operator', summary: 'Pause a replay after its current batch', params: z.object({ id: z.string() }), body: steerReplayBodySchema, response: replayDetailSchema },
  ({ store, principal, params, body }) => pauseReplay(store, { id: params.id, principal, reason: body.reason }),
);
