import type { DeadLetterCoordinate, EditablePart, RecordBytes } from '#lib/model/replay.ts';
import type { Statements } from '../store.ts';
import { toHeaders } from './load-claimed-items.ts';

/** What an edited replay sends in place of its dead letter's own bytes. */
export interface NewReplayEdit extends DeadLetterCoordinate {
  record: RecordBytes;
  changed: readonly EditablePart[];
  editedBy: string;
  /** Of the values; null: a tombstone. */
  originalSha256: Buffer | null;
  editedSha256: Buffer | null;
  /** The registry's schema that the edited value was checked against. */
  schemaId: number | null;
}

export interface ReplayEditRow extends Omit<NewReplayEdit, 'record'> {
  createdAt: Date;
  /** null: the bytes have expired. */
  record: RecordBytes | null;
}

/** Stores the edited bytes; in the transaction that stores the intent, so that there is never one without the other. */
export async function saveReplayEdit(on: Statements, replayId: string, edit: NewReplayEdit): Promise<void> {
  await on.execute(
    `insert into replay_edit (replay_id, topic_id, partition, "offset", changed, edited_by, original_sha256, edited_sha256, schema_id, key, value, header_names, header_values)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      replayId,
      edit.topicId,
      edit.partition,
      edit.offset,
      edit.changed,
      edit.editedBy,
      edit.originalSha256,
      edit.editedSha256,
      edit.schemaId,
      edit.record.key,
      edit.record.value,
      edit.record.headers.map(([name]) => name),
      edit.record.headers.map(([, value]) => value),
    ],
  );
}

/** The edit of a replay; null: its records go out as they are. */
export async function readReplayEdit(on: Statements, replayId: string): Promise<ReplayEditRow | null> {
  const [row] = await on.query<Omit<ReplayEditRow, 'record'> & { stored: boolean; key: Buffer | null; value: Buffer | null; names: string; values: string }>(
    `select topic_id as "topicId", partition, "offset", changed, edited_by as "editedBy", original_sha256 as "originalSha256", edited_sha256 as "editedSha256", schema_id as "schemaId",
       created_at as "createdAt", stored, key, value, header_names::text as names, header_values::text as values from replay_edit where replay_id = $1`,
    [replayId],
  );
  if (!row) return null;
  const { stored, key, value, names, values, ...rest } = row;
  return { ...rest, record: stored ? { key, value, headers: toHeaders(names, values) } : null };
}

/** Forgets edited bytes of replays that are over and began before a moment; who edited, what and the hashes stay. @returns how many */
export async function forgetEdits(on: Statements, before: Date, limit: number): Promise<number> {
  return on.execute(
    `update replay_edit set stored = false, key = null, value = null, header_names = '{}', header_values = '{}' where replay_id in (
       select e.replay_id from replay_edit e join replay r on r.id = e.replay_id where e.stored and e.created_at < $1 and r.state in ('finished', 'cancelled') limit $2)`,
    [before, limit],
  );
}
