import { randomUUID } from 'node:crypto';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { deleteRule, readRule, writeRule, type ReplayRuleRow } from '#lib/store/replays/replay-rules.ts';
import type { Store } from '#lib/store/store.ts';
import { getReplayRule } from './list-replay-rules.ts';
import type { ReplayRuleRequest, WireReplayRule } from './replay-rule-wire.ts';

/**
 * Makes or changes the rule that replays a failure by itself, in the name of who asks. Said twice it is the same rule. Turned on, what
 * happened before no longer counts: outcomes and stops begin anew, the records of the last hour do not.
 * @throws WaybillError `failure-not-found` 404
 */
export async function setReplayRule(store: Store, failureId: string, body: ReplayRuleRequest, actor: Pick<Principal, 'name'>, now: Date): Promise<WireReplayRule> {
  await store.transaction(async (tx) => {
    const [failure] = await tx.query<{ clusterId: number }>('select cluster_id as "clusterId" from failure where id = $1 for share', [failureId]);
    if (!failure) throw new WaybillError('failure-not-found', `There is no failure ${failureId}; it may have been grouped anew.`, { status: 404 });
    const before = await readRule(tx, failureId);
    const { reason, ...limits } = body;
    await writeRule(tx, { id: before?.id ?? randomUUID(), clusterId: failure.clusterId, failureId, ...limits, reason, createdBy: actor.name, now });
    await recordAudit(tx, actor, { action: 'replay-rule.set', target: failureId, reason, before: before && facts(before), after: limits });
    await store.notify('dead-letters', { failure: failureId }, tx);
  });
  return getReplayRule(store, failureId, now);
}

/**
 * Removes the rule of a failure; a replay of it that is under way goes on.
 * @throws WaybillError `not-found` 404
 */
export async function deleteReplayRule(store: Store, failureId: string, actor: Pick<Principal, 'name'>): Promise<void> {
  await store.transaction(async (tx) => {
    const before = await readRule(tx, failureId);
    if (before === null) throw new WaybillError('not-found', `The failure ${failureId} has no rule that replays it.`, { status: 404 });
    await deleteRule(tx, before.id);
    await recordAudit(tx, actor, { action: 'replay-rule.delete', target: failureId, before: facts(before) });
    await store.notify('dead-letters', { failure: failureId }, tx);
  });
}

function facts({ state, delaySeconds, maxAttempts, maxPerHour, stopPercent, createdBy }: ReplayRuleRow): object {
  return { state, delaySeconds, maxAttempts, maxPerHour, stopPercent, createdBy };
}
