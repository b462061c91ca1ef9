import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { cancelReplay } from '#lib/operations/cancel-replay.ts';
import { replayDetailSchema } from '#lib/operations/replay-wire.ts';
import { steerReplayBodySchema } from '#lib/operations/steer-replay.ts';

export const POST = route(
  { role: 'operator', summary: 'End a replay after its current batch; what was sent stays sent', params: z.object({ id: z.string() }), body: steerReplayBodySchema, response: replayDetailSchema },
  ({ store, principal, params, body }) => cancelReplay(store, { id: params.id, principal, reason: body.reason }),
);
