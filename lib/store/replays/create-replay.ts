import type { Partitioning, ReplayMode } from '#lib/model/replay.ts';
import type { ReplaySchedule } from '#lib/replay/schedule.ts';
import type { Statements } from '../store.ts';
import type { ReplaySelection, SelectionStart } from './hold-replay.ts';

export interface NewReplay {
  id: string;
  clusterId: number;
  selection: ReplaySelection;
  snapshotSeq: bigint;
  selected: bigint;
  /** Left out: its worker counts. */
  summary?: SelectionStart;
  targetTopic: string | null;
  partitioning: Partitioning;
  ratePerSecond: number | null;
  canary: number | null;
  mode: ReplayMode;
  reason: string;
  createdBy: string;
  idempotencyKey: string | null;
  bodyHash: Buffer;
  /** It waits for a second person: until when, and of what selection. null: it needs none. */
  approval: { forMs: number; digest: string } | null;
  /** It starts by itself; null: at once. */
  schedule?: ReplaySchedule | null;
  /** The rule that asks for it, and when; null: a person, now. */
  rule?: { id: string; at: Date } | null;
}

/** Stores the intent. False: the idempotency key is taken. */
export async function createReplay(on: Statements, replay: NewReplay): Promise<boolean> {
  const count = await on.execute(
    `insert into replay (id, cluster_id, state, mode, selection, snapshot_seq, selected, target_topic, partitioning, rate_per_second, canary, reason, created_by, idempotency_key, body_hash,
       approval_until, approval_digest, start_at, start_by, rule_id, created_at, summary)
     values ($1, $2, case when $16::text is not null then 'awaiting-approval' when $17::timestamptz is not null then 'scheduled' else 'queued' end, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
       now() + $15::float8 * interval '1 millisecond', $16, $17, $18, $19, coalesce($20::timestamptz, now()), $21) on conflict (idempotency_key) do nothing`,
    [
      replay.id,
      replay.clusterId,
      replay.mode,
      JSON.stringify(replay.selection),
      replay.snapshotSeq,
      replay.selected,
      replay.targetTopic,
      String(replay.partitioning),
      replay.ratePerSecond,
      replay.canary,
      replay.reason,
      replay.createdBy,
      replay.idempotencyKey,
      replay.bodyHash,
      replay.approval?.forMs ?? null,
      replay.approval?.digest ?? null,
      replay.schedule?.startAt ?? null,
      replay.schedule?.startBy ?? null,
      replay.rule?.id ?? null,
      replay.rule?.at ?? null,
      replay.summary ? JSON.stringify(replay.summary) : null,
    ],
  );
  return count === 1;
}

/** Highest ingest sequence of now: what arrives later is not part of a selection. */
export async function currentSnapshot(on: Statements): Promise<bigint> {
  const [row] = await on.query<{ seq: bigint | null }>('select max(seq) as seq from dead_letter');
  return row?.seq ?? 0n;
}

export interface KnownDeadLetter {
  topicId: number;
  partition: number;
  offset: bigint;
  clusterId: number;
  generation: number;
  openReplayId: string | null;
}

/** Of these coordinates those that exist, with who replays them right now. */
export async function findDeadLetters(on: Statements, at: readonly { topicId: number; partition: number; offset: bigint }[]): Promise<KnownDeadLetter[]> {
  return await on.query<KnownDeadLetter>(
    `select d.topic_id as "topicId", d.partition, d."offset", d.cluster_id as "clusterId", d.generation, i.replay_id as "openReplayId"
     from unnest($1::int[], $2::int[], $3::bigint[]) as u (topic_id, partition, "offset")
     join dead_letter d using (topic_id, partition, "offset")
     left join replay_item i on i.topic_id = d.topic_id and i.partition = d.partition and i."offset" = d."offset" and not i.final`,
    [at.map((one) => one.topicId), at.map((one) => one.partition), at.map((one) => one.offset)],
  );
}
