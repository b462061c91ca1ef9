import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { deadLetterSchema, getDeadLetter } from '#lib/operations/get-dead-letter.ts';

export const GET = route(
  { role: 'viewer', summary: 'One dead letter with its error, its bytes, its headers in order and its replays', params: z.object({ id: z.string().max(60) }), response: deadLetterSchema },
  ({ store, config, params }) => getDeadLetter(store, params.id, compileMasking(config.masking)),
);
