import type { Statements } from '../store.ts';
import { ROW_COLUMNS, newestSql, type DeadLetterRow, type Search } from './list-rows.ts';

/** A row whose value may be searched, with what decides whether it can be. */
export interface Candidate {
  seq: bigint;
  topicId: number;
  partition: number;
  offset: bigint;
  /** null: a tombstone. */
  valueBytes: number | null;
  /** null: the stored bytes have expired. */
  bodyDay: Date | null;
}

/** The newest rows of a filter before `before`, newest first, without their values. */
export async function readCandidates(on: Statements, search: Search, before: bigint | null, limit: number): Promise<Candidate[]> {
  const params: unknown[] = [];
  const newest = newestSql(search, before, limit, params);
  if (newest === null) return [];
  return on.query<Candidate>(
    `select d.seq, d.topic_id as "topicId", d.partition, d."offset", d.value_bytes as "valueBytes", d.body_day as "bodyDay" from (${newest}) p cross join lateral (select * from dead_letter d where d.seq = p.seq limit 1) d order by d.seq desc`,
    params,
  );
}

/**
 * Which of these rows have one of the texts in the first `maxBytes` of their stored values, and which are kept by reference. Letters of ASCII
 * match whatever their case, other bytes as they are; values that are no text are searched as well.
 */
export async function matchValues(on: Statements, rows: readonly Candidate[], texts: readonly string[], maxBytes: number): Promise<{ seq: bigint; matches: boolean; byReference: boolean }[]> {
  // Bytes beyond ASCII become octal digits on both sides, so nothing has to be valid UTF-8.
  return on.query(
    `with needle as materialized (select array_agg(lower(encode(convert_to(t, 'UTF8'), 'escape') collate "C")) as texts from unnest($6::text[]) as t)
     select k.seq, b.value_by_reference as "byReference",
       coalesce((select bool_or(position(x in h.text) > 0) from (select lower(encode(substring(b.value from 1 for $7), 'escape') collate "C") as text offset 0) h, needle, unnest(needle.texts) as x), false) as matches
     from unnest($1::bigint[], $2::date[], $3::int[], $4::int[], $5::bigint[]) as k(seq, day, topic_id, partition, "offset")
     join dead_letter_body b on b.day = k.day and b.topic_id = k.topic_id and b.partition = k.partition and b."offset" = k."offset"`,
    [rows.map((row) => row.seq), rows.map((row) => row.bodyDay), rows.map((row) => row.topicId), rows.map((row) => row.partition), rows.map((row) => row.offset), texts, maxBytes],
  );
}

/** Rows by their sequence, newest first. */
export async function readRowsBySeq(on: Statements, seqs: readonly bigint[]): Promise<DeadLetterRow[]> {
  return on.query<DeadLetterRow>(
    `select ${ROW_COLUMNS} from unnest($1::bigint[]) as p(seq) join dead_letter d on d.seq = p.seq join topic t on t.id = d.topic_id join cluster c on c.id = d.cluster_id order by d.seq desc`,
    [seqs],
  );
}
