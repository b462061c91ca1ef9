import type { ApprovalPolicy } from '#lib/model/replay.ts';

// Approval by a second person, in front of the job's own states:
//
//   awaiting-approval ──approve──▶ queued (or scheduled, where it is to start later)
//          │  ├──────decline──▶ cancelled, decision "declined"
//          │  ├──────withdraw─▶ cancelled, no decision: whoever asked, or another operator, ended it
//          │  └──────too late─▶ cancelled, decision "lapsed"
//          └ nothing is claimed or sent, no worker may take it
//
// Who asked may never approve or decline. What is approved is what was asked: a selection that is another one now must be asked for again.

/** Whether a replay of so many records waits for a second person. */
export function needsApproval(policy: ApprovalPolicy, selected: bigint): boolean {
  return policy.kind === 'always' || (policy.kind === 'over' && selected > BigInt(policy.records));
}

export interface ApprovalInput {
  state: string;
  verb: 'approve' | 'decline';
  /** Who decides is, or may be, who asked. */
  samePerson: boolean;
  nowMs: number;
  untilMs: number;
  /** The frozen selection as it was asked for and as it is now; only asked of an approval. */
  asked: { digest: string; records: bigint };
  now: { digest: string; records: bigint; heldBy: string | null } | null;
  /** When it is to start; null: at once. */
  startAtMs: number | null;
}

export type ApprovalOutcome =
  | { kind: 'approved'; state: 'queued' | 'scheduled' }
  | { kind: 'declined' }
  | { kind: 'refused'; code: 'replay-state' | 'own-replay' | 'approval-lapsed' | 'selection-changed' | 'replay-conflict' };

/** What a second person's word does to a replay that waits for it. */
export function decideApproval(input: ApprovalInput): ApprovalOutcome {
  if (input.state !== 'awaiting-approval') return { kind: 'refused', code: 'replay-state' };
  if (input.samePerson) return { kind: 'refused', code: 'own-replay' };
  if (input.nowMs >= input.untilMs) return { kind: 'refused', code: 'approval-lapsed' };
  if (input.verb === 'decline') return { kind: 'declined' };
  if (input.now === null || input.now.digest !== input.asked.digest || input.now.records !== input.asked.records) return { kind: 'refused', code: 'selection-changed' };
  if (input.now.heldBy !== null) return { kind: 'refused', code: 'replay-conflict' };
  return { kind: 'approved', state: input.startAtMs !== null ? 'scheduled' : 'queued' }; // one that is late by now is started or missed by its schedule
}
