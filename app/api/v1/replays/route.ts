import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { listReplays, listReplaysQuerySchema } from '#lib/operations/list-replays.ts';
import { replayDeadLetters } from '#lib/operations/replay-dead-letters.ts';
import { dryRunSchema, replayDetailSchema, replayListSchema, replayRequestSchema } from '#lib/operations/replay-wire.ts';
import { WaybillError } from '#lib/errors.ts';

/** 10,000 ids with their generations. */
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_KEY_CHARS = 200;

export const GET = route({ role: 'viewer', summary: 'Replays, newest first', query: listReplaysQuerySchema, response: replayListSchema }, ({ store, query }) => listReplays(store, query));

export const POST = route(
  {
    role: 'operator',
    summary: 'Replay dead letters: the selection is frozen now and sent exactly once; with dryRun, what would be sent where. Header Idempotency-Key: the same key and body answer with the same replay',
    body: replayRequestSchema,
    response: z.union([replayDetailSchema, dryRunSchema]),
    maxBodyBytes: MAX_BODY_BYTES,
  },
  ({ store, config, principal, body, request }) => {
    const key = request.headers.get('idempotency-key');
    if (key !== null && (key.length === 0 || key.length > MAX_KEY_CHARS)) throw new WaybillError('invalid-request', `Idempotency-Key: 1 to ${MAX_KEY_CHARS} characters.`, { status: 400 });
    // Keys of different people never meet.
    return replayDeadLetters(store, { principal, body, idempotencyKey: key === null ? null : `${principal.name}:${key}`, approval: { policy: config.replay.approval, forMs: config.replay.approvalMs }, signal: request.signal });
  },
);
