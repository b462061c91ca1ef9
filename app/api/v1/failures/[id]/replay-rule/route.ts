import { z } from 'zod';
import { getReplayRule } from '#lib/operations/list-replay-rules.ts';
import { replayRuleRequestSchema, replayRuleSchema } from '#lib/operations/replay-rule-wire.ts';
import { deleteReplayRule, setReplayRule } from '#lib/operations/set-replay-rule.ts';
import { route } from '../../../../route.ts';

const params = z.object({ id: z.string().max(100) });

export const GET = route({ role: 'viewer', summary: 'The rule that replays a failure by itself', params, response: replayRuleSchema }, ({ store, clock, params: { id } }) => getReplayRule(store, id, clock.now()));

export const PUT = route({ role: 'operator', summary: 'Makes or changes the rule that replays a failure by itself, in your name; off unless there is one', params, body: replayRuleRequestSchema, response: replayRuleSchema }, ({ store, clock, principal, params: { id }, body }) =>
  setReplayRule(store, id, body, principal, clock.now()),
);

export const DELETE = route({ role: 'operator', summary: 'Removes the rule that replays a failure by itself', params }, ({ store, principal, params: { id } }) => deleteReplayRule(store, id, principal));
