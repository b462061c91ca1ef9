import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { listReplayItems, listReplayItemsQuerySchema } from '#lib/operations/list-replay-items.ts';
import { replayItemListSchema } from '#lib/operations/replay-wire.ts';

export const GET = route(
  { role: 'viewer', summary: 'Records of a replay, those that need a person first', params: z.object({ id: z.string() }), query: listReplayItemsQuerySchema, response: replayItemListSchema },
  async ({ store, params, query }) => {
    const { id } = await getReplay(store, params.id);
    return listReplayItems(store, id, query);
  },
);
