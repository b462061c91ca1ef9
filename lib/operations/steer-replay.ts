import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { addReplayEvent } from '#lib/store/replays/hold-replay.ts';
import { countUndecided, decideUndecided, fallBackToAtLeastOnce, steerReplay, type ReplaySteer } from '#lib/store/replays/steer-replay.ts';
import type { Store } from '#lib/store/store.ts';
import { getReplay } from './get-replay.ts';
import type { WireReplayDetail } from './replay-wire.ts';

export const steerReplayBodySchema = z.strictObject({ reason: z.string().trim().max(1_000).optional() }).default({});
export const resumeReplayBodySchema = z
  .strictObject({
    reason: z.string().trim().max(1_000).optional(),
    /** What records count as whose sending can neither be proved nor ruled out; needed where there are some. */
    undecided: z.enum(['treat-as-sent', 'give-up']).optional(),
    /** Go on without transactions, where the rights for them are missing: duplicates are possible. Only before the first record is sent. */
    mode: z.literal('at-least-once').optional(),
  })
  .default({});

export interface SteerInput {
  id: string;
  principal: Pick<Principal, 'name'>;
  reason?: string | undefined;
  undecided?: 'treat-as-sent' | 'give-up' | undefined;
  mode?: 'at-least-once' | undefined;
}

const CANNOT = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' } as const;

/**
 * Asks a replay to pause, go on or end. The worker does it between two batches; what was sent stays sent. With its audit line in one transaction.
 * @throws WaybillError `not-found` 404, `replay-state` 409, `decision-needed` 409, `replay-mode` 409
 */
export async function steer(store: Store, verb: ReplaySteer, input: SteerInput): Promise<WireReplayDetail> {
  const { approval } = await getReplay(store, input.id); // 404 for an id that is none
  if (input.mode === 'at-least-once' && approval !== null) {
    throw new WaybillError('replay-mode', 'A second person approved this replay as exactly once. Cancel it and ask for one that is sent at least once.', { status: 409 });
  }
  await store.transaction(async (tx) => {
    const done = await steerReplay(tx, input.id, verb);
    if (!done) throw new WaybillError('not-found', `There is no replay ${input.id}.`, { status: 404 });
    if (!done.changed) {
      throw new WaybillError('replay-state', `A replay that is ${done.before.wanted === 'cancel' ? 'being cancelled' : done.before.state} cannot be ${CANNOT[verb]}.`, { status: 409, detail: { ...done.before } });
    }
    if (input.mode === 'at-least-once' && !(done.before.state === 'needs-decision' && (await fallBackToAtLeastOnce(tx, input.id)))) {
      throw new WaybillError('replay-mode', 'Only a replay that waits for a decision and has not begun to send can go on at least once.', { status: 409, detail: { ...done.before } });
    }
    let decided = 0;
    if (verb === 'resume' && done.before.state === 'needs-decision') {
      if (input.undecided) decided = await decideUndecided(tx, input.id, input.undecided === 'treat-as-sent' ? 'sent' : 'cancelled');
      const open = await countUndecided(tx, input.id);
      if (open > 0n) {
        throw new WaybillError('decision-needed', `Whether ${open} records were sent cannot be proved. Say whether they count as sent ("treat-as-sent") or are given up ("give-up").`, { status: 409, detail: { undecided: open.toString() } });
      }
    }
    await addReplayEvent(tx, input.id, `${verb}-asked`, input.principal.name, { ...(input.mode ? { mode: input.mode } : {}), ...(input.reason ? { reason: input.reason } : {}), ...(decided > 0 ? { undecided: input.undecided, decided } : {}) });
    await recordAudit(tx, input.principal, { action: `replay.${verb}`, target: input.id, reason: input.reason ?? null, before: done.before, after: decided > 0 ? { undecided: input.undecided, decided } : input.mode ? { mode: input.mode } : null });
    await store.notify('replays', { replay: input.id }, tx);
  });
  return getReplay(store, input.id);
}
