import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { listReplays, listReplaysQuerySchema } from '#lib/operations/list-replays.ts';
import { replayDeadLetters } from '#lib/operations/replay-dead-letters.ts';
import { dryRunSchema, replayDetailSchema, replayListSchema, replayRequestSchema } from '#lib/operations/replay-wire.ts';
import { readSchedule } from '#lib/operations/read-schedule.ts';
import { idempotencyKey } from '../idempotency-key.ts';

/** 10,000 ids with their generations. */
const MAX_BODY_BYTES = 1024 * 1024;

export const GET = route({ role: 'viewer', summary: 'Replays, newest first', query: listReplaysQuerySchema, response: replayListSchema }, ({ store, query }) => listReplays(store, query));

export const POST = route(
  {
    role: 'operator',
    summary: 'Replay dead letters: the selection is frozen now and sent exactly once; with dryRun, what would be sent where. Header Idempotency-Key: the same key and body answer with the same replay',
    body: replayRequestSchema,
    response: z.union([replayDetailSchema, dryRunSchema]),
    maxBodyBytes: MAX_BODY_BYTES,
  },
  ({ store, config, clock, principal, body, request }) =>
    replayDeadLetters(store, {
      principal,
      body,
      idempotencyKey: idempotencyKey(request, principal),
      approval: { policy: config.replay.approval, forMs: config.replay.approvalMs },
      schedule: readSchedule(body, clock.now()),
      signal: request.signal,
    }),
);
