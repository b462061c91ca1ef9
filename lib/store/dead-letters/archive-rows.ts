import type { ReplaySelection } from '../replays/hold-replay.ts';
import { selectionSql } from '../replays/select-dead-letters.ts';
import type { Statements } from '../store.ts';
import { holdIngest } from './save-dead-letters.ts';

// Archiving is an intent (one row of `archive`: what, why, by whom) that is worked off in chunks in order of the ingest sequence, each a
// short transaction. Whoever has time does a chunk, the row's lock lets one at a time: killed anywhere, the next one goes on at the cursor.

/** archive puts dead letters aside; restore takes them back to the state they had. */
export type ArchiveVerb = 'archive' | 'restore';

export interface NewArchive {
  id: string;
  clusterId: number;
  verb: ArchiveVerb;
  selection: ReplaySelection;
  snapshotSeq: bigint;
  selected: bigint;
  reason: string;
  createdBy: string;
  createdAt: Date;
  idempotencyKey: string | null;
  bodyHash: Buffer;
}

/** Stores the intent. False: the idempotency key is taken. */
export async function createArchive(on: Statements, archive: NewArchive): Promise<boolean> {
  const count = await on.execute(
    `insert into archive (id, cluster_id, verb, selection, snapshot_seq, selected, reason, created_by, created_at, idempotency_key, body_hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (idempotency_key) do nothing`,
    [archive.id, archive.clusterId, archive.verb, JSON.stringify(archive.selection), archive.snapshotSeq, archive.selected, archive.reason, archive.createdBy, archive.createdAt, archive.idempotencyKey, archive.bodyHash],
  );
  return count === 1;
}

/** Keeps a dead letter from being archived and claimed by a replay at once: claims share it, archiving has it alone. Both see what the other committed. */
const CLAIM_LOCK = 0x57415943;

/** Before a replay reads what it claims, in the transaction of the claim. */
export async function shareClaims(tx: Statements): Promise<void> {
  await tx.execute('select pg_advisory_xact_lock_shared($1)', [CLAIM_LOCK]);
}

/**
 * Works off the next rows of an archive. What a replay holds, or whose outcome is open, is passed over and counted, and so is what was
 * processed or is there already.
 * @param on an open transaction
 * @returns whether all is done; null where another process is at it or it is done already
 */
export async function archiveChunk(tx: Statements, id: string, limit: number, now: Date): Promise<{ finished: boolean } | null> {
  const [job] = await tx.query<{ clusterId: number; verb: ArchiveVerb; selection: ReplaySelection; snapshotSeq: bigint; cursorSeq: bigint; reason: string }>(
    `select cluster_id as "clusterId", verb, selection, snapshot_seq as "snapshotSeq", cursor_seq as "cursorSeq", reason from archive where id = $1 and finished_at is null for update skip locked`,
    [id],
  );
  if (!job) return null;
  await holdIngest(tx); // the counts of lists are its
  await tx.execute('select pg_advisory_xact_lock($1)', [CLAIM_LOCK]);
  const archiving = job.verb === 'archive';
  const params: unknown[] = [id, now, limit, job.cursorSeq, archiving ? job.reason : null];
  const { from, where } = selectionSql(job.selection, job.clusterId, job.snapshotSeq, params);
  const was = archiving
    ? 'a.state'
    : `coalesce((select i.was from archive_item i join archive r on r.id = i.archive_id where i.topic_id = a.topic_id and i.partition = a.partition and i."offset" = a."offset" and r.verb = 'archive' order by r.created_at desc limit 1), 'new')`;
  const [done] = await tx.query<{ finished: boolean }>(
    `with chosen as materialized (
       select d.topic_id, d.partition, d."offset", d.seq, d.state from ${from} where ${where} and d.seq > $4 order by d.seq limit $3),
     judged as materialized (
       select c.*, c.state ${archiving ? `in ('archived', 'processed')` : `<> 'archived'`} as settled,
         exists (select 1 from replay_item i where i.topic_id = c.topic_id and i.partition = c.partition and i."offset" = c."offset" and not i.settled) as held from chosen c),
     able as materialized (select a.*, ${was} as was from judged a where not a.settled and not a.held),
     changed as (
       update dead_letter d set state = ${archiving ? `'archived'` : 'a.was'}, state_at = $2, archived_reason = $5
       from able a where d.topic_id = a.topic_id and d.partition = a.partition and d."offset" = a."offset"
       returning d.topic_id, d.partition, d."offset", d.failure_id, d.origin_topic, d.origin_group, a.state as was),
     items as (insert into archive_item (topic_id, partition, "offset", archive_id, was) select topic_id, partition, "offset", $1, was from changed),
     counted as (
       update dead_letter_count c set archived = c.archived ${archiving ? '+' : '-'} n.count
       from (select md5(jsonb_build_array(failure_id, topic_id, coalesce(origin_topic, ''), coalesce(origin_group, ''))::text) as key, count(*) as count from changed group by 1) n where c.key = n.key)
     update archive set cursor_seq = coalesce((select max(seq) from chosen), cursor_seq), changed = changed + (select count(*) from changed),
       skipped_settled = skipped_settled + (select count(*) from judged where settled), skipped_replaying = skipped_replaying + (select count(*) from judged where held and not settled),
       finished_at = case when (select count(*) from chosen) < $3 then $2::timestamptz end
     where id = $1 returning finished_at is not null as finished`,
    params,
  );
  return done ?? null;
}

export interface ArchiveRow {
  id: string;
  cluster: string;
  verb: ArchiveVerb;
  selection: { ids: unknown[] } | { filter: Record<string, string> };
  selected: bigint;
  changed: bigint;
  skippedReplaying: bigint;
  skippedSettled: bigint;
  reason: string;
  createdBy: string;
  createdAt: Date;
  finishedAt: Date | null;
}

const COLUMNS = `a.id, c.name as cluster, a.verb, case when a.selection ? 'ids' then jsonb_build_object('ids', jsonb_path_query_array(a.selection, '$.ids[*].id')) else a.selection end as selection,
  a.selected, a.changed, a.skipped_replaying as "skippedReplaying", a.skipped_settled as "skippedSettled", a.reason, a.created_by as "createdBy", a.created_at as "createdAt", a.finished_at as "finishedAt"`;

/** One archive, or null. */
export async function readArchive(on: Statements, id: string): Promise<ArchiveRow | null> {
  const [row] = await on.query<ArchiveRow>(`select ${COLUMNS} from archive a join cluster c on c.id = a.cluster_id where a.id = $1`, [id]);
  return row ?? null;
}

/** Archives newest first, after the one at `before`. */
export async function readArchives(on: Statements, filter: { open: boolean; before: { at: string; id: string } | null; limit: number }): Promise<ArchiveRow[]> {
  return await on.query<ArchiveRow>(
    `select ${COLUMNS} from archive a join cluster c on c.id = a.cluster_id
     where (not $1 or a.finished_at is null) and ($2::timestamptz is null or (a.created_at, a.id) < ($2, $3::uuid)) order by a.created_at desc, a.id desc limit $4`,
    [filter.open, filter.before?.at ?? null, filter.before?.id ?? null, filter.limit],
  );
}

/** Archives that are not worked off, oldest first. */
export async function openArchives(on: Statements, limit: number): Promise<string[]> {
  return (await on.query<{ id: string }>('select id from archive where finished_at is null order by created_at limit $1', [limit])).map((row) => row.id);
}

/** What archiving did to one dead letter, newest first. */
export async function readArchivings(on: Statements, at: { topicId: number; partition: number; offset: bigint }): Promise<{ id: string; verb: ArchiveVerb; createdBy: string; createdAt: Date; reason: string; was: string }[]> {
  return await on.query(
    `select a.id, a.verb, a.created_by as "createdBy", a.created_at as "createdAt", a.reason, i.was from archive_item i join archive a on a.id = i.archive_id
     where i.topic_id = $1 and i.partition = $2 and i."offset" = $3 order by a.created_at desc limit 100`,
    [at.topicId, at.partition, at.offset],
  );
}
