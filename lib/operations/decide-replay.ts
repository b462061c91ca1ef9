import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import { isSamePerson, type Principal } from '#lib/model/access.ts';
import { decideApproval } from '#lib/replay/decide-approval.ts';
import { findMakers } from '#lib/store/access/find-makers.ts';
import { lockAwaitingReplay, readFrozenSelection, settleApproval, type AwaitingReplay, type FrozenSelection } from '#lib/store/replays/await-approval.ts';
import { addReplayEvent } from '#lib/store/replays/hold-replay.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { getReplay } from './get-replay.ts';
import type { WireReplayDetail } from './replay-wire.ts';

/** Body of POST …/approve: nothing, or a few words. */
export const approveReplayBodySchema = z.strictObject({ reason: z.string().trim().max(1_000).optional() }).default({});
/** Body of POST …/decline: why is needed, whoever asked reads it. */
export const declineReplayBodySchema = z.strictObject({ reason: z.string().trim().min(3).max(1_000) });

export interface DecideInput {
  id: string;
  principal: Pick<Principal, 'name'>;
  reason?: string | undefined;
}

/**
 * A second person's word on a replay that waits for it. The selection is looked at again and must be what was asked for, generation for
 * generation; row lock, decision, event and audit line are one transaction, so of two people at once one is told what the other decided.
 * @throws WaybillError `not-found` 404, `own-replay` 403, `replay-state` 409, `approval-lapsed` 409, `selection-changed` 409, `replay-conflict` 409
 */
export async function decideReplay(store: Store, verb: 'approve' | 'decline', input: DecideInput): Promise<WireReplayDetail> {
  await getReplay(store, input.id); // 404 for an id that is none
  await store.transaction(async (tx) => {
    const row = await lockAwaitingReplay(tx, input.id);
    if (!row) throw new WaybillError('not-found', `There is no replay ${input.id}.`, { status: 404 });
    const waiting = row.state === 'awaiting-approval';
    const now = waiting && verb === 'approve' ? await readFrozenSelection(tx, row.selection, row.clusterId, row.snapshotSeq) : null;
    const outcome = decideApproval({
      state: row.state,
      verb,
      samePerson: await mayBeSame(tx, row.createdBy, input.principal.name),
      nowMs: row.now.getTime(),
      untilMs: row.approvalUntil?.getTime() ?? 0,
      asked: { digest: row.approvalDigest ?? '', records: row.selected ?? 0n },
      now,
      startAtMs: row.startAt?.getTime() ?? null,
    });
    if (outcome.kind === 'refused') throw refusal(outcome.code, row, now);
    const decision = outcome.kind;
    await settleApproval(tx, input.id, { state: outcome.kind === 'approved' ? outcome.state : 'cancelled', decision, by: input.principal.name });
    await addReplayEvent(tx, input.id, decision, input.principal.name, input.reason ? { reason: input.reason } : {});
    await recordAudit(tx, input.principal, { action: `replay.${verb}`, target: input.id, reason: input.reason ?? null, before: { state: row.state, askedBy: row.createdBy }, after: { decision, records: row.selected } });
    await store.notify('replays', { replay: input.id }, tx);
  });
  return getReplay(store, input.id);
}

/** Whether whoever decides may be whoever asked: by name, or because one made the other's token. */
export async function mayBeSame(on: Statements, askedBy: string, decides: string): Promise<boolean> {
  const [asked, own] = await Promise.all([findMakers(on, askedBy), findMakers(on, decides)]);
  return isSamePerson({ name: askedBy, makers: asked }, { name: decides, makers: own });
}

function refusal(code: 'replay-state' | 'own-replay' | 'approval-lapsed' | 'selection-changed' | 'replay-conflict', row: AwaitingReplay, now: FrozenSelection | null): WaybillError {
  switch (code) {
    case 'replay-state':
      return new WaybillError(code, row.decision === null ? 'This replay does not wait for an approval.' : `This replay was already ${row.decision}${row.decidedBy ? ` by ${row.decidedBy}` : ''}.`, { status: 409, detail: { state: row.state, decision: row.decision } });
    case 'own-replay':
      return new WaybillError(code, `${row.createdBy} asked for this replay: somebody else has to decide. A session and a token of one person count as that person, and so does a token together with whoever made it.`, { status: 403, detail: { askedBy: row.createdBy } });
    case 'approval-lapsed':
      return new WaybillError(code, 'Nobody decided in time, so this replay has lapsed. Ask for it again.', { status: 409 });
    case 'selection-changed': {
      const records = now?.records ?? 0n;
      const what = records === row.selected ? 'some of its records were replayed or replaced since' : `it held ${row.selected ?? 0n} records when it was asked for and holds ${records} now`;
      return new WaybillError(code, `The selection has changed: ${what}. What would be sent is not what was asked for; ask for it again.`, { status: 409, detail: { asked: row.selected?.toString() ?? null, now: records.toString() } });
    }
    case 'replay-conflict':
      return new WaybillError(code, `Replay ${now?.heldBy ?? ''} is sending some of these dead letters right now. Wait for its end and ask again.`, { status: 409, detail: { replay: now?.heldBy ?? null } });
  }
}
