import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { getReplaySummary, replaySummarySchema } from '#lib/operations/get-replay-summary.ts';

export const GET = route(
  { role: 'viewer', summary: 'A replay as text to paste into an incident: outcomes, by group, refusals, by whom and when', params: z.object({ id: z.string() }), response: replaySummarySchema },
  ({ store, config, clock, params }) => getReplaySummary(store, params.id, { publicUrl: config.publicUrl, now: clock.now() }),
);
