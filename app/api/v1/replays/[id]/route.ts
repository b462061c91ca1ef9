import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { replayDetailSchema } from '#lib/operations/replay-wire.ts';

export const GET = route({ role: 'viewer', summary: 'One replay: counts by state, destinations, refusals, what happened', params: z.object({ id: z.string() }), response: replayDetailSchema }, ({ store, params }) => getReplay(store, params.id));
