import { WaybillError } from '#lib/errors.ts';
import { readReplay, readReplayFacts, type ReplayRow } from '#lib/store/replays/read-replay.ts';
import type { Store } from '#lib/store/store.ts';
import type { WireReplay, WireReplayDetail } from './replay-wire.ts';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * One replay with what its ledger says.
 * @throws WaybillError `not-found` 404
 */
export async function getReplay(store: Store, id: string): Promise<WireReplayDetail> {
  const row = UUID.test(id) ? await readReplay(store, id) : null;
  if (!row) throw new WaybillError('not-found', `There is no replay ${id}.`, { status: 404 });
  const facts = await readReplayFacts(store, id);
  return {
    ...wireReplay(row),
    states: Object.fromEntries(facts.states.map(({ state, count }) => [state, Number(count)])),
    destinations: facts.destinations.map(({ topic, partition, count }) => ({ topic, partition, records: Number(count) })).sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition),
    refusals: facts.refusals.map(({ refusal, count }) => ({ code: refusal, count: Number(count) })),
    events: facts.events.map(({ at, kind, actor, detail }) => ({ at: at.toISOString(), kind, actor, detail: detail ?? {} })),
    ratePerSecond: row.state === 'running' && facts.recentPerSecond !== null && facts.recentPerSecond > 0 ? facts.recentPerSecond : null,
  };
}

/** A row as the API shows it. */
export function wireReplay(row: ReplayRow): WireReplay {
  return {
    id: row.id,
    cluster: row.cluster,
    state: (row.state === 'queued' ? 'running' : row.state) as WireReplay['state'],
    queued: row.state === 'queued',
    wanted: (row.state === 'running' || row.state === 'queued' || row.wanted === 'cancel') && row.state !== 'cancelled' && row.state !== 'finished' && row.wanted !== 'run' ? (row.wanted as 'pause' | 'cancel') : null,
    mode: row.mode as WireReplay['mode'],
    counts: {
      selected: row.selected === null ? null : Number(row.selected),
      sent: Number(row.sent),
      processed: Number(row.processed),
      failedAgain: Number(row.failedAgain),
      refused: Number(row.refused),
      needsDecision: Number(row.needsDecision),
    },
    target: row.targetTopic,
    partitioning: row.partitioning === 'origin' || row.partitioning === 'key' ? row.partitioning : Number(row.partitioning),
    rate: row.ratePerSecond,
    canary: row.canary,
    selection: 'ids' in row.selection ? { ids: row.selection.ids.length } : { filter: row.selection.filter },
    reason: row.reason,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    startAt: row.startAt?.toISOString() ?? null,
    startBy: row.startBy?.toISOString() ?? null,
    ruleId: row.ruleId,
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    lastError: row.lastError,
    edited: row.edited,
    approval: row.approvalUntil === null ? null : { until: row.approvalUntil.toISOString(), decision: row.decision, decidedBy: row.decidedBy, decidedAt: row.decidedAt?.toISOString() ?? null },
  };
}
