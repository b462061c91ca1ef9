import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { changeGroup } from '#lib/operations/change-group.ts';
import { deleteOffsetsBodySchema, groupChangeAnswerSchema, resetOffsetsBodySchema } from '#lib/operations/group-change-wire.ts';

/** 10,000 partitions by name. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const params = z.object({ cluster: z.string(), group: z.string() });

export const POST = route(
  {
    role: 'operator',
    summary: "Reset the offsets of a group without members: to earliest, latest, a time, an offset or by a shift; with dryRun, what that skips and repeats. Header Idempotency-Key: the same key and body answer with the same outcome",
    params,
    body: resetOffsetsBodySchema,
    response: groupChangeAnswerSchema,
    maxBodyBytes: MAX_BODY_BYTES,
  },
  ({ store, principal, params: { cluster, group }, body, request }) =>
    changeGroup(store, {
      cluster,
      change: { change: 'reset-offsets', group, to: body.to, topic: body.topic ?? null, partitions: body.partitions ?? null, dryRun: body.dryRun, reason: body.reason ?? null, expect: body.expect ?? null },
      principal,
      idempotencyKey: request.headers.get('idempotency-key'),
      signal: request.signal,
    }),
);

export const DELETE = route(
  { role: 'operator', summary: 'Forget what a group committed in one topic that none of its members reads; with dryRun, what that means', params, body: deleteOffsetsBodySchema, response: groupChangeAnswerSchema },
  ({ store, principal, params: { cluster, group }, body, request }) =>
    changeGroup(store, {
      cluster,
      change: { change: 'delete-offsets', group, topic: body.topic, dryRun: body.dryRun, reason: body.reason ?? null, expect: body.expect ?? null },
      principal,
      idempotencyKey: request.headers.get('idempotency-key'),
      signal: request.signal,
    }),
);
