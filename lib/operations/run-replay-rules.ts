import { createHash, randomUUID } from 'node:crypto';
import { recordAudit } from '#lib/access/record-audit.ts';
import { errorText } from '#lib/errors.ts';
import { formatDeadLetterId, type ApprovalPolicy } from '#lib/model/replay.ts';
import { needsApproval } from '#lib/replay/decide-approval.ts';
import { decideRuleRun, describeRule, MAX_RECORDS_A_RUN } from '#lib/replay/decide-rule-run.ts';
import { readFrozenSelection } from '#lib/store/replays/await-approval.ts';
import { createReplay, currentSnapshot } from '#lib/store/replays/create-replay.ts';
import { addReplayEvent, type ReplaySelection } from '#lib/store/replays/hold-replay.ts';
import { lockRule, noteRule, readRuleFigures, readyForRule, rulesToRun, stopRule, type ReplayRuleRow, type RuleFigures } from '#lib/store/replays/replay-rules.ts';
import { steerReplay } from '#lib/store/replays/steer-replay.ts';
import { isUniqueViolation } from '#lib/store/is-unique-violation.ts';
import type { Statements, Store } from '#lib/store/store.ts';

export interface RunRulesInput {
  now: Date;
  /** Replays of rules need a second person like anybody's. */
  approval: { policy: ApprovalPolicy; forMs: number };
  signal: AbortSignal;
  /** For tests of a death in between. */
  failpoint?: (point: 'decided' | 'created') => Promise<void>;
}

/** Rules a round; the others have their turn in the next. */
const MAX_RULES = 500;

/**
 * Lets every rule that is on do what is due. What a rule decides and the replay it asks for are one transaction with their audit line: a
 * process that dies in between has decided nothing, and of two processes one gets the rule's row.
 */
export async function runReplayRules(store: Store, input: RunRulesInput): Promise<{ rules: number; started: number; stopped: number; failed: number }> {
  const figures = { rules: 0, started: 0, stopped: 0, failed: 0 };
  for (const id of await rulesToRun(store, MAX_RULES)) {
    if (input.signal.aborted) break;
    figures.rules += 1;
    try {
      const step = await store.transaction((tx) => runRule(store, tx, id, input));
      if (step === 'run') figures.started += 1;
      if (step === 'stop') figures.stopped += 1;
    } catch (error) {
      // The index that allows one replay of a rule: another process was faster.
      if (isUniqueViolation(error)) continue;
      figures.failed += 1;
      await noteRule(store, id, input.now, errorText(error));
    }
  }
  return figures;
}

async function runRule(store: Store, tx: Statements, id: string, input: RunRulesInput): Promise<'stop' | 'wait' | 'run' | null> {
  const rule = await lockRule(tx, id);
  if (rule === null) return null;
  const { now } = input;
  const figures = await readRuleFigures(tx, rule, now);
  const ready = await readyForRule(tx, { ...rule, arrivedBefore: new Date(now.getTime() - rule.delaySeconds * 1_000) }, Math.min(MAX_RECORDS_A_RUN, rule.maxPerHour - figures.askedLastHour));
  const step = decideRuleRun(rule, { ...figures, cancelled: sayEnded(figures), failureExists: rule.failureExists, replayOpen: figures.openReplayId !== null, ready: ready.length });
  await input.failpoint?.('decided');
  const actor = ruleActor(rule);
  switch (step.kind) {
    case 'stop':
      await stopRule(tx, id, step.why, now);
      await recordAudit(tx, actor, { action: 'replay-rule.stop', target: rule.failureId, reason: step.why, before: { state: 'on' }, after: { state: 'stopped' } });
      if (figures.openReplayId !== null) await endOpenReplay(store, tx, figures.openReplayId, actor, step.why);
      await store.notify('dead-letters', { failure: rule.failureId }, tx);
      return 'stop';
    case 'wait':
      await noteRule(tx, id, now, null);
      return 'wait';
    case 'run':
      await startReplay(store, tx, rule, ready.slice(0, step.records), input, actor);
      await input.failpoint?.('created');
      await noteRule(tx, id, now, null);
      return 'run';
  }
}

async function startReplay(store: Store, tx: Statements, rule: ReplayRuleRow, letters: Awaited<ReturnType<typeof readyForRule>>, input: RunRulesInput, actor: string): Promise<void> {
  const id = randomUUID();
  const selection: ReplaySelection = { ids: letters.map((one) => ({ id: formatDeadLetterId(one), generation: one.generation })) };
  const snapshotSeq = await currentSnapshot(tx);
  const selected = BigInt(letters.length);
  const awaits = needsApproval(input.approval.policy, selected);
  const reason = `Rule: ${describeRule(rule)}`;
  await createReplay(tx, {
    id,
    clusterId: rule.clusterId,
    selection,
    snapshotSeq,
    selected,
    targetTopic: null,
    partitioning: 'origin',
    ratePerSecond: null,
    canary: null,
    mode: 'exactly-once',
    reason,
    createdBy: rule.createdBy,
    idempotencyKey: null,
    bodyHash: createHash('sha256').update(id).digest(),
    approval: awaits ? { forMs: input.approval.forMs, digest: (await readFrozenSelection(tx, selection, rule.clusterId, snapshotSeq)).digest } : null,
    rule: { id: rule.id, at: input.now },
  });
  await addReplayEvent(tx, id, 'created', actor, { selected: selected.toString(), ...(awaits ? { awaitsApproval: true } : {}) });
  await recordAudit(tx, actor, { action: 'replay.start', target: id, reason, after: { rule: rule.id, failure: rule.failureId, selection, selected, ...(awaits ? { awaitsApproval: true } : {}) } });
  await store.notify('replays', { replay: id }, tx);
}

async function endOpenReplay(store: Store, tx: Statements, replayId: string, actor: string, why: string): Promise<void> {
  const done = await steerReplay(tx, replayId, 'cancel');
  if (!done?.changed) return;
  await addReplayEvent(tx, replayId, 'cancel-asked', actor, { reason: why });
  await recordAudit(tx, actor, { action: 'replay.cancel', target: replayId, reason: why, before: done.before });
  await store.notify('replays', { replay: replayId }, tx);
}

/** Who the audit trail names: the rule, and the person who answers for it. */
export function ruleActor(rule: Pick<ReplayRuleRow, 'errorClass' | 'failureId' | 'createdBy'>): string {
  return `rule "retry ${rule.errorClass?.split('.').at(-1) ?? rule.failureId}" of ${rule.createdBy}`;
}

function sayEnded({ ended }: RuleFigures): string | null {
  if (ended === null) return null;
  if (ended.decision === 'declined') return `${ended.decidedBy ?? 'Somebody'} declined its replay.`;
  if (ended.decision === 'lapsed') return 'Nobody approved its replay in time.';
  return `${ended.cancelledBy ?? 'Somebody'} cancelled its replay.`;
}
