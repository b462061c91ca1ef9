import { z } from 'zod';
import { editableContext } from '#app/editable-context.ts';
import { route } from '#app/api/route.ts';
import { WaybillError } from '#lib/errors.ts';
import { editAndReplay } from '#lib/operations/edit-and-replay.ts';
import { editAndReplaySchema } from '#lib/operations/edit-wire.ts';
import { dryRunSchema, replayDetailSchema } from '#lib/operations/replay-wire.ts';

/** The largest value, each character of it escaped as JSON, and its headers. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_KEY_CHARS = 200;

export const POST = route(
  {
    role: 'operator',
    summary: 'Replay one dead letter with an edited key, value or headers, labelled as edited; the dead letter keeps its bytes. With dryRun, what would be sent where. Header Idempotency-Key: the same key and body answer with the same replay',
    params: z.object({ id: z.string().max(60) }),
    body: editAndReplaySchema,
    response: z.union([replayDetailSchema, dryRunSchema]),
    maxBodyBytes: MAX_BODY_BYTES,
  },
  ({ store, config, principal, params, body, request }) => {
    const key = request.headers.get('idempotency-key');
    if (key !== null && (key.length === 0 || key.length > MAX_KEY_CHARS)) throw new WaybillError('invalid-request', `Idempotency-Key: 1 to ${MAX_KEY_CHARS} characters.`, { status: 400 });
    return editAndReplay(store, {
      id: params.id,
      principal,
      body,
      // Keys of different people never meet.
      idempotencyKey: key === null ? null : `${principal.name}:${key}`,
      approval: { policy: config.replay.approval, forMs: config.replay.approvalMs },
      ...editableContext(config),
      signal: request.signal,
    });
  },
);
