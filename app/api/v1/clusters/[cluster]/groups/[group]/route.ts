import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { changeGroup } from '#lib/operations/change-group.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import { groupDetailSchema } from '#lib/operations/group-detail-shape.ts';
import { deleteGroupBodySchema, groupChangeAnswerSchema } from '#lib/operations/group-change-wire.ts';

export const GET = route(
  { role: 'viewer', summary: 'A consumer group with its partitions and members', params: z.object({ cluster: z.string(), group: z.string() }), response: groupDetailSchema },
  ({ store, params, clock }) => getGroup(store, { ...params, now: clock.now() }),
);

export const DELETE = route(
  { role: 'operator', summary: 'Delete a group without members, with all its offsets; with dryRun, what that means', params: z.object({ cluster: z.string(), group: z.string() }), body: deleteGroupBodySchema, response: groupChangeAnswerSchema },
  ({ store, principal, params: { cluster, group }, body, request }) =>
    changeGroup(store, {
      cluster,
      change: { change: 'delete-group', group, dryRun: body.dryRun, reason: body.reason ?? null, expect: body.expect ?? null },
      principal,
      idempotencyKey: request.headers.get('idempotency-key'),
      signal: request.signal,
    }),
);
