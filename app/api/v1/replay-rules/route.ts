import { listReplayRules } from '#lib/operations/list-replay-rules.ts';
import { replayRuleListSchema } from '#lib/operations/replay-rule-wire.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'viewer', summary: 'Rules that replay a failure by themselves, those that stopped first', response: replayRuleListSchema }, ({ store, clock }) => listReplayRules(store, clock.now()));
