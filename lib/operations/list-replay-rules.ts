import { WaybillError } from '#lib/errors.ts';
import { describeRule } from '#lib/replay/decide-rule-run.ts';
import { readRule, readRuleFigures, readRules, type ReplayRuleRow } from '#lib/store/replays/replay-rules.ts';
import type { Store } from '#lib/store/store.ts';
import type { Page } from '#lib/wire.ts';
import type { WireReplayRule } from './replay-rule-wire.ts';

const MAX_RULES = 500;

/** All rules that replay by themselves, those that stopped first. */
export async function listReplayRules(store: Store, now: Date): Promise<Page<WireReplayRule>> {
  const rules = await readRules(store, MAX_RULES);
  const items: WireReplayRule[] = [];
  for (const rule of rules) items.push(await wireRule(store, rule, now));
  return { items, nextCursor: null, total: rules.length < MAX_RULES ? rules.length : null };
}

/** Failures with a rule that is on or stopped itself, those that stopped first: for lists. */
export async function listRuleStates(store: Store): Promise<{ failureId: string; cluster: string; errorClass: string | null; state: 'on' | 'stopped'; stoppedWhy: string | null }[]> {
  return (await readRules(store, MAX_RULES)).flatMap(({ failureId, cluster, errorClass, state, stoppedWhy }) => (state === 'off' ? [] : [{ failureId, cluster, errorClass, state, stoppedWhy }]));
}

/** The rule of a failure, or null. */
export async function findReplayRule(store: Store, failureId: string, now: Date): Promise<WireReplayRule | null> {
  const rule = await readRule(store, failureId);
  return rule === null ? null : wireRule(store, rule, now);
}

/** The rule of a failure. @throws WaybillError `not-found` 404 */
export async function getReplayRule(store: Store, failureId: string, now: Date): Promise<WireReplayRule> {
  const rule = await findReplayRule(store, failureId, now);
  if (rule === null) throw new WaybillError('not-found', `The failure ${failureId} has no rule that replays it.`, { status: 404 });
  return rule;
}

async function wireRule(store: Store, row: ReplayRuleRow, now: Date): Promise<WireReplayRule> {
  const { asked, processed, failedAgain, askedLastHour, openReplayId } = await readRuleFigures(store, row, now);
  return {
    id: row.id,
    failureId: row.failureId,
    cluster: row.cluster,
    errorClass: row.errorClass,
    state: row.state,
    delaySeconds: row.delaySeconds,
    maxAttempts: row.maxAttempts,
    maxPerHour: row.maxPerHour,
    stopPercent: row.stopPercent,
    text: describeRule(row),
    reason: row.reason,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    since: row.since.toISOString(),
    stoppedAt: row.stoppedAt?.toISOString() ?? null,
    stoppedWhy: row.stoppedWhy,
    lookedAt: row.lookedAt?.toISOString() ?? null,
    lastError: row.lastError,
    counts: { asked, processed, failedAgain, askedLastHour },
    openReplayId,
  };
}
