import type { Statements } from '../store.ts';
import type { FailureNotes } from './write-failure.ts';

export interface OldFailure extends FailureNotes {
  id: string;
}

/** A failure of an older version of the fingerprint; one that a running replay names by its id has to wait. null where there is none. */
export async function findOldFailure(on: Statements, clusterId: number, version: number): Promise<OldFailure | null> {
  const [row] = await on.query<OldFailure>(
    `select f.id, f.owner, f.note, f.muted_until as "mutedUntil" from failure f where f.cluster_id = $1 and f.version < $2
       and not exists (select 1 from replay r where r.state not in ('finished', 'cancelled') and r.selection -> 'filter' ->> 'failure' = f.id)
     order by f.id limit 1`,
    [clusterId, version],
  );
  return row ?? null;
}

export interface RowToRegroup {
  topicId: number;
  topic: string;
  partition: number;
  offset: bigint;
  timestamp: Date | null;
  ingestedAt: Date;
  archived: boolean;
  originTopic: string | null;
  originGroup: string | null;
  errorClass: string | null;
  rootClass: string | null;
  errorMessage: string | null;
  errorStack: string | null;
  correlationId: string | null;
  tombstone: boolean;
  /** The content type header; null where there is none, or where the stored bytes have expired. */
  contentType: Buffer | null;
}

/** Some rows of a failure, oldest first. */
export async function readRowsToRegroup(on: Statements, failureId: string, limit: number): Promise<RowToRegroup[]> {
  return on.query<RowToRegroup>(
    `select d.topic_id as "topicId", t.name as topic, d.partition, d."offset", d.timestamp, d.ingested_at as "ingestedAt", d.state = 'archived' as archived, d.origin_topic as "originTopic", d.origin_group as "originGroup", d.error_class as "errorClass",
       d.root_class as "rootClass", d.error_message as "errorMessage", d.error_stack as "errorStack", d.correlation_id as "correlationId",
       d.value_bytes is null as tombstone, h.value as "contentType"
     from dead_letter d join topic t on t.id = d.topic_id
     left join lateral (
       select h.value from dead_letter_body b cross join unnest(b.header_names, b.header_values) with ordinality as h(name, value, place)
       where b.day = d.body_day and b.topic_id = d.topic_id and b.partition = d.partition and b."offset" = d."offset" and h.value is not null and lower(encode(h.name, 'escape')) in ('content-type', 'contenttype', 'content_type')
       order by h.place desc limit 1) h on true
     where d.failure_id = $1 order by d.seq limit $2`,
    [failureId, limit],
  );
}

/** Moves rows to their new failures. */
export async function moveRows(tx: Statements, rows: readonly { topicId: number; partition: number; offset: bigint; failureId: string; words: string }[]): Promise<void> {
  await tx.execute(
    `update dead_letter d set failure_id = n.failure_id, words = n.words from unnest($1::int[], $2::int[], $3::bigint[], $4::text[], $5::tsvector[]) as n(topic_id, partition, "offset", failure_id, words)
     where d.topic_id = n.topic_id and d.partition = n.partition and d."offset" = n."offset"`,
    [rows.map((row) => row.topicId), rows.map((row) => row.partition), rows.map((row) => row.offset), rows.map((row) => row.failureId), rows.map((row) => row.words)],
  );
}

const NOTE_KEY = 'regroup:';

/** Keeps which failures the rows of an old one went to (two tell enough), until it is empty. */
export async function noteSuccessors(tx: Statements, oldId: string, ids: readonly string[]): Promise<void> {
  await tx.execute(
    `insert into setting as s (key, value) values ($1, to_jsonb($2::text[])) on conflict (key) do update set updated_at = now(),
       value = (select to_jsonb(array(select distinct x from (select jsonb_array_elements_text(s.value) as x union select unnest($2::text[])) y limit 2)))`,
    [NOTE_KEY + oldId, ids.slice(0, 2)],
  );
}

/**
 * Lets go of a failure that has no rows any more. Where all of them went to one failure, owner, note and mute go with them, unless it has its own.
 * @returns whether its notes went along
 */
export async function closeOldFailure(tx: Statements, old: OldFailure): Promise<boolean> {
  const [note] = await tx.query<{ value: string[] }>('delete from setting where key = $1 returning value', [NOTE_KEY + old.id]);
  const [to, another] = note?.value ?? [];
  const moved = to !== undefined && another === undefined;
  if (moved) {
    await tx.execute('update failure set owner = coalesce(owner, $2), note = coalesce(note, $3), muted_until = coalesce(muted_until, $4) where id = $1', [to, old.owner, old.note, old.mutedUntil]);
  }
  await tx.execute('delete from dead_letter_count where failure_id = $1', [old.id]);
  await tx.execute('delete from failure_hour where failure_id = $1', [old.id]);
  await tx.execute('delete from failure where id = $1', [old.id]);
  return moved;
}
