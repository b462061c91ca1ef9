import { route } from '#app/api/route.ts';
import { deadLetterListSchema, deadLettersQuerySchema, listDeadLetters } from '#lib/operations/list-dead-letters.ts';

export const GET = route(
  { role: 'viewer', summary: 'Dead letters, newest first, without their bytes', query: deadLettersQuerySchema, response: deadLetterListSchema },
  ({ store, query }) => listDeadLetters(store, query),
);
