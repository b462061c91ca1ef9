import { route } from '#app/api/route.ts';
import { archiveDeadLetters } from '#lib/operations/archive-dead-letters.ts';
import { archiveListSchema, archiveRequestSchema, archiveSchema } from '#lib/operations/archive-wire.ts';
import { listArchives, listArchivesQuerySchema } from '#lib/operations/list-archives.ts';
import { idempotencyKey } from '../idempotency-key.ts';

/** 10,000 ids with their generations. */
const MAX_BODY_BYTES = 1024 * 1024;

export const GET = route({ role: 'viewer', summary: 'What was archived or taken out of the archive, newest first', query: listArchivesQuerySchema, response: archiveListSchema }, ({ store, query }) => listArchives(store, query));

export const POST = route(
  {
    role: 'operator',
    summary: 'Archive dead letters instead of replaying them, or take them back (verb restore); the selection is frozen now. Header Idempotency-Key: the same key and body answer with the same archive',
    body: archiveRequestSchema,
    response: archiveSchema,
    maxBodyBytes: MAX_BODY_BYTES,
  },
  ({ store, clock, principal, body, request }) => archiveDeadLetters(store, { principal, body, idempotencyKey: idempotencyKey(request, principal), now: () => clock.now(), signal: request.signal }),
);
