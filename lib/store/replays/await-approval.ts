import type { ApprovalDecision, ReplayState } from '#lib/model/replay.ts';
import type { Statements, Store } from '../store.ts';
import { addReplayEvent, type ReplaySelection } from './hold-replay.ts';
import { selectionSql } from './select-dead-letters.ts';

/** A frozen selection as it is now. */
export interface FrozenSelection {
  records: bigint;
  /** Of the coordinates and generations: another one where a record came, went or was replayed. */
  digest: string;
  /** A replay that holds one of them right now. */
  heldBy: string | null;
}

/** Looks at all of a selection; a million rows take about two seconds. */
export async function readFrozenSelection(on: Statements, selection: ReplaySelection, clusterId: number, snapshotSeq: bigint): Promise<FrozenSelection> {
  const params: unknown[] = [];
  const { from, where } = selectionSql(selection, clusterId, snapshotSeq, params);
  const [row] = await on.query<{ records: bigint; digest: string; heldBy: string | null }>(
    `select count(*) as records, coalesce(sum(hashtextextended(d.topic_id || ':' || d.partition || ':' || d."offset" || ':' || d.generation, 0)::numeric), 0)::text as digest, min(i.replay_id::text) as "heldBy"
     from ${from} left join replay_item i on i.topic_id = d.topic_id and i.partition = d.partition and i."offset" = d."offset" and not i.final
     where ${where}`,
    params,
  );
  return row!;
}

/** A replay that waits for a second person, its row locked for the rest of the transaction. */
export interface AwaitingReplay {
  state: ReplayState;
  clusterId: number;
  selection: ReplaySelection;
  snapshotSeq: bigint;
  selected: bigint | null;
  createdBy: string;
  startAt: Date | null;
  approvalUntil: Date | null;
  approvalDigest: string | null;
  decision: ApprovalDecision | null;
  decidedBy: string | null;
  /** The database's clock: the one that all processes share. */
  now: Date;
}

/** Locks a replay's row to decide about it; null: there is none. */
export async function lockAwaitingReplay(on: Statements, id: string): Promise<AwaitingReplay | null> {
  const [row] = await on.query<AwaitingReplay>(
    `select state, cluster_id as "clusterId", selection, snapshot_seq as "snapshotSeq", selected, created_by as "createdBy", start_at as "startAt", approval_until as "approvalUntil",
       approval_digest as "approvalDigest", decision, decided_by as "decidedBy", now() as now from replay where id = $1 for update`,
    [id],
  );
  return row ?? null;
}

/** Writes what became of an approval: the replay goes to its workers, or it is over. */
export async function settleApproval(on: Statements, id: string, to: { state: 'queued' | 'scheduled' | 'cancelled'; decision: ApprovalDecision | null; by: string | null }): Promise<void> {
  await on.execute(
    `update replay set state = $2, decision = $3, decided_by = $4, decided_at = case when $3::text is null then null else now() end,
       finished_at = case when $2 = 'cancelled' then now() end where id = $1 and state = 'awaiting-approval'`,
    [id, to.state, to.decision, to.by],
  );
}

/** Ends the replays that nobody decided about in time. @returns their ids */
export async function lapseApprovals(store: Store, audit: (tx: Statements, id: string) => Promise<void>): Promise<string[]> {
  return store.transaction(async (tx) => {
    const late = await tx.query<{ id: string }>(`select id from replay where state = 'awaiting-approval' and approval_until <= now() order by approval_until limit 100 for update skip locked`);
    for (const { id } of late) {
      await settleApproval(tx, id, { state: 'cancelled', decision: 'lapsed', by: null });
      await addReplayEvent(tx, id, 'approval-lapsed', null, {});
      await audit(tx, id);
    }
    return late.map((one) => one.id);
  });
}

/** A dead letter of a replay's frozen selection. */
export interface SelectedLetter {
  topicId: number;
  partition: number;
  offset: bigint;
  generation: number;
  originTopic: string | null;
  errorClass: string | null;
  errorMessage: string | null;
  correlationId: string | null;
}

/** The first dead letters of a replay's selection in the order they would be sent, after one; null: there is no such replay. */
export async function readSelected(on: Statements, replayId: string, after: { topicId: number; partition: number; offset: string } | null, limit: number): Promise<SelectedLetter[] | null> {
  const [replay] = await on.query<{ selection: ReplaySelection; clusterId: number; snapshotSeq: bigint }>('select selection, cluster_id as "clusterId", snapshot_seq as "snapshotSeq" from replay where id = $1', [replayId]);
  if (!replay) return null;
  const params: unknown[] = [];
  const { from, where } = selectionSql(replay.selection, replay.clusterId, replay.snapshotSeq, params);
  const bind = (value: unknown) => `$${params.push(value)}`;
  return on.query<SelectedLetter>(
    `select d.topic_id as "topicId", d.partition, d."offset", d.generation, d.origin_topic as "originTopic", d.error_class as "errorClass", left(d.error_message, 300) as "errorMessage", d.correlation_id as "correlationId"
     from ${from} where ${where} and (d.topic_id, d.partition, d."offset") > (${bind(after?.topicId ?? -1)}, ${bind(after?.partition ?? -1)}, ${bind(after?.offset ?? '-1')}::bigint)
     order by d.topic_id, d.partition, d."offset" limit ${bind(limit)}`,
    params,
  );
}
