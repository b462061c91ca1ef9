import type { Partitioning, ReplayMode, ReplayState } from '#lib/model/replay.ts';
import type { Statements, Store } from '../store.ts';

// A job belongs to the worker whose name stands in its row until the lease ends. Every write of a worker locks the row and
// checks the name first: a worker that was paused and comes back finds out here, before it can spoil the ledger of the next.

/** What a worker needs to know of its job. */
export interface ReplayJobRow {
  id: string;
  clusterId: number;
  state: ReplayState;
  wanted: 'run' | 'pause' | 'cancel';
  mode: ReplayMode;
  selection: ReplaySelection;
  snapshotSeq: bigint;
  targetTopic: string | null;
  partitioning: Partitioning;
  ratePerSecond: number | null;
  canary: number | null;
  allowParked: boolean;
  /** Its one record goes out with the bytes of `replay_edit`, never with the dead letter's own. */
  edited: boolean;
  claimCursor: ClaimCursor | null;
  claimComplete: boolean;
  /** As counted with the intent; null: counted by its worker. */
  summary: SelectionStart | null;
  anchors: ReplayAnchors | null;
  sent: bigint;
  refused: bigint;
}

/** The selection as it was asked for. Generations are what the caller saw, null where it did not say. */
export type ReplaySelection = { ids: { id: string; generation: number | null }[]; allowParked?: boolean; edited?: boolean } | { filter: Record<string, string>; allowParked?: boolean };

export interface ClaimCursor {
  topicId: number;
  partition: number;
  offset: string;
}

/** What a worker has to know of a selection before its first send. Offsets as decimal strings: no selected row of the partition lies before. */
export interface SelectionStart {
  start: { topic: string; partition: number; offset: string }[];
  originTopics: string[];
}

/** Saved before the first send: where the job starts in its DLQ partitions, and where the target ended then. Offsets as decimal strings. */
export interface ReplayAnchors {
  start: { topic: string; partition: number; offset: string }[];
  targetEnds: { topic: string; partition: number; offset: string }[];
}

const COLUMNS = `id, cluster_id as "clusterId", state, wanted, mode, selection, snapshot_seq as "snapshotSeq", target_topic as "targetTopic", partitioning,
  rate_per_second as "ratePerSecond", canary, claim_cursor as "claimCursor", claim_complete as "claimComplete", summary, anchors, sent, refused`;

function toJob(row: Omit<ReplayJobRow, 'partitioning' | 'allowParked' | 'edited'> & { partitioning: string }): ReplayJobRow {
  const partitioning: Partitioning = row.partitioning === 'origin' || row.partitioning === 'key' ? row.partitioning : Number(row.partitioning);
  return { ...row, partitioning, allowParked: row.selection.allowParked === true, edited: 'ids' in row.selection && row.selection.edited === true };
}

/**
 * Takes the oldest job that wants a worker and that nobody holds (or that `holder` holds already).
 * @param clusterIds the clusters this process can reach
 * @param except jobs this process runs right now
 */
export async function acquireReplay(store: Store, options: { holder: string; leaseMs: number; clusterIds: readonly number[]; except: readonly string[] }): Promise<ReplayJobRow | null> {
  const [row] = await store.query<Parameters<typeof toJob>[0]>(
    `update replay set lease_holder = $1, lease_until = now() + $2 * interval '1 millisecond',
       started_at = coalesce(started_at, now()), state = case when state = 'queued' and wanted = 'run' then 'running' else state end
     where id = (select id from replay
       where (state in ('queued', 'running') or (state in ('paused', 'canary', 'needs-decision') and wanted = 'cancel'))
         and cluster_id = any($3::int[]) and id <> all($4::uuid[])
         and (lease_until is null or lease_until < now() or lease_holder = $1)
       order by created_at for update skip locked limit 1)
     returning ${COLUMNS}`,
    [options.holder, options.leaseMs, options.clusterIds, options.except],
  );
  return row ? toJob(row) : null;
}

/** Takes a job that rests but whose position at the broker grows old: paused, or waiting for a person, for `olderThanHours` without a commit. */
export async function acquireRestingReplay(store: Store, options: { holder: string; leaseMs: number; clusterIds: readonly number[]; olderThanHours: number }): Promise<ReplayJobRow | null> {
  const [row] = await store.query<Parameters<typeof toJob>[0]>(
    `update replay set lease_holder = $1, lease_until = now() + $2 * interval '1 millisecond'
     where id = (select id from replay r
       where state in ('paused', 'canary', 'needs-decision') and wanted <> 'cancel' and mode = 'exactly-once' and anchors is not null and cluster_id = any($3::int[])
         and (lease_until is null or lease_until < now())
         and not exists (select 1 from replay_event e where e.replay_id = r.id and e.at > now() - $4 * interval '1 hour' and e.kind in ('positions-kept', 'paused', 'canary-sent', 'needs-decision'))
       order by created_at for update skip locked limit 1)
     returning ${COLUMNS}`,
    [options.holder, options.leaseMs, options.clusterIds, options.olderThanHours],
  );
  return row ? toJob(row) : null;
}

/** Renews the lease. null: it belongs to another worker now. */
export async function renewReplay(store: Store, replayId: string, holder: string, leaseMs: number): Promise<ReplayJobRow | null> {
  const [row] = await store.query<Parameters<typeof toJob>[0]>(
    `update replay set lease_until = now() + $3 * interval '1 millisecond' where id = $1 and lease_holder = $2 returning ${COLUMNS}`,
    [replayId, holder, leaseMs],
  );
  return row ? toJob(row) : null;
}

/** Another worker holds the job: whatever this one was about to write is not written. */
export class ReplayLeaseLost extends Error {
  constructor(replayId: string) {
    super(`Replay ${replayId} is run by another worker now.`);
    this.name = 'ReplayLeaseLost';
  }
}

/**
 * Runs `work` in a transaction that holds the job's row.
 * @throws ReplayLeaseLost where `holder` does not hold the job any more
 */
export function asHolder<Result>(store: Store, replayId: string, holder: string, work: (tx: Statements) => Promise<Result>): Promise<Result> {
  return store.transaction(async (tx) => {
    await holdRow(tx, replayId, holder);
    return work(tx);
  });
}

/**
 * Locks the job's row for the rest of the transaction. From then on the planner finds each row by its key: a batch is a few hundred rows of
 * tables with millions, whose figures are old while a job runs. Left alone it read the whole table for each batch, or all items of the job.
 * @throws ReplayLeaseLost where `holder` does not hold the job any more; nothing of the transaction is kept then
 */
export async function holdRow(tx: Statements, replayId: string, holder: string): Promise<void> {
  const rows = await tx.query(
    `select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true)
     from replay where id = $1 and lease_holder = $2 for update`,
    [replayId, holder],
  );
  if (rows.length === 0) throw new ReplayLeaseLost(replayId);
}

/** Puts the job into a state that needs no worker, gives the lease back and records the step. */
export async function settleReplay(store: Store, replayId: string, holder: string, state: ReplayState, options: { error?: string | null; event: string; detail?: Record<string, unknown> }): Promise<void> {
  await asHolder(store, replayId, holder, async (tx) => {
    await tx.execute(
      // Somebody may have asked to go on while the worker was coming to rest.
      `update replay set state = case when $2 = 'paused' and wanted = 'run' then 'queued' else $2 end, last_error = $3, lease_holder = null, lease_until = null,
         finished_at = case when $2 in ('finished', 'cancelled') then now() else finished_at end where id = $1`,
      [replayId, state, options.error ?? null],
    );
    await addReplayEvent(tx, replayId, options.event, null, options.detail ?? {});
  });
}

/** Notes why the job does not move although it runs. */
export async function noteReplayError(store: Store, replayId: string, holder: string, error: string | null): Promise<void> {
  await store.execute('update replay set last_error = $3 where id = $1 and lease_holder = $2 and last_error is distinct from $3', [replayId, holder, error]);
}

/** Gives the lease back without a change of state: another worker may go on at once. */
export async function releaseReplay(store: Store, replayId: string, holder: string): Promise<void> {
  await store.execute('update replay set lease_holder = null, lease_until = null where id = $1 and lease_holder = $2', [replayId, holder]);
}

export async function addReplayEvent(on: Statements, replayId: string, kind: string, actor: string | null, detail: Record<string, unknown>): Promise<void> {
  await on.execute('insert into replay_event (replay_id, kind, actor, detail) values ($1, $2, $3, $4)', [replayId, kind, actor, JSON.stringify(detail)]);
}
