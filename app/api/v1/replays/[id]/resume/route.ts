import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { resumeReplay } from '#lib/operations/resume-replay.ts';
import { replayDetailSchema } from '#lib/operations/replay-wire.ts';
import { resumeReplayBodySchema } from '#lib/operations/steer-replay.ts';

export const POST = route(
  { role: 'operator', summary: 'Let a paused replay go on, approve a canary, decide what could not be proved, or go on at least once', params: z.object({ id: z.string() }), body: resumeReplayBodySchema, response: replayDetailSchema },
  ({ store, principal, params, body }) => resumeReplay(store, { id: params.id, principal, reason: body.reason, undecided: body.undecided, mode: body.mode }),
);
