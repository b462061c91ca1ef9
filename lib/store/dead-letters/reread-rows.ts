import type { DecodedDeadLetter } from '#lib/model/dead-letter.ts';
import type { Statements } from '../store.ts';
import type { OldFailure } from './regroup-rows.ts';
import { storableText } from './storable-text.ts';

export interface RowToReread {
  seq: bigint;
  topicId: number;
  topic: string;
  partition: number;
  offset: bigint;
  timestamp: Date | null;
  ingestedAt: Date;
  archived: boolean;
  dialect: string | null;
  originTopic: string | null;
  originPartition: number | null;
  originOffset: bigint | null;
  originTimestamp: Date | null;
  originGroup: string | null;
  errorClass: string | null;
  rootClass: string | null;
  errorMessage: string | null;
  errorStack: string | null;
  attempts: number | null;
  correlationId: string | null;
  failureId: string | null;
  tombstone: boolean;
  /** The bytes have expired: there is nothing to read again. */
  expired: boolean;
  valueByReference: boolean;
  key: Buffer | null;
  value: Buffer | null;
  headerNames: Buffer[] | null;
  headerValues: (Buffer | null)[] | null;
}

/** Values of one page, together. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** Rows of a cluster in the order they came, with their bytes; fewer where their values are large. */
export async function readRowsToReread(on: Statements, clusterId: number, afterSeq: bigint, limit: number): Promise<RowToReread[]> {
  return on.query<RowToReread>(
    `select d.seq, d.topic_id as "topicId", t.name as topic, d.partition, d."offset", d.timestamp, d.ingested_at as "ingestedAt", d.state = 'archived' as archived, d.dialect, d.origin_topic as "originTopic",
       d.origin_partition as "originPartition", d.origin_offset as "originOffset", d.origin_timestamp as "originTimestamp", d.origin_group as "originGroup", d.error_class as "errorClass", d.root_class as "rootClass",
       d.error_message as "errorMessage", d.error_stack as "errorStack", d.attempts, d.correlation_id as "correlationId", d.failure_id as "failureId", d.value_bytes is null as tombstone,
       b.day is null as expired, coalesce(b.value_by_reference, false) as "valueByReference", b.key, b.value, b.header_names as "headerNames", b.header_values as "headerValues"
     from (select *, sum(coalesce(value_bytes, 0)::bigint) over (order by seq) - coalesce(value_bytes, 0) as before from (select * from dead_letter where cluster_id = $1 and seq > $2 order by seq limit $3) page) d
     join topic t on t.id = d.topic_id left join dead_letter_body b on b.day = d.body_day and b.topic_id = d.topic_id and b.partition = d.partition and b."offset" = d."offset"
     where d.before < $4 order by d.seq`,
    [clusterId, afterSeq, limit, MAX_PAGE_BYTES],
  );
}

/** Writes what was read anew. */
export async function updateReread(tx: Statements, rows: readonly { topicId: number; partition: number; offset: bigint; decoded: DecodedDeadLetter; failureId: string; words: string }[]): Promise<void> {
  const time = (ms: bigint | null) => (ms === null || ms < 0n || ms > 253_402_300_799_999n ? null : new Date(Number(ms)));
  await tx.execute(
    `update dead_letter d set dialect = n.dialect, origin_topic = n.ot, origin_partition = n.op, origin_offset = n.oo, origin_timestamp = n.ots, origin_group = n.og, error_class = n.ec, root_class = n.rc,
       error_message = n.em, error_stack = n.es, attempts = n.attempts, correlation_id = n.correlation, failure_id = n.failure_id, words = n.words
     from unnest($1::int[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::int[], $7::bigint[], $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::int[], $15::text[], $16::text[], $17::tsvector[])
       as n(topic_id, partition, "offset", dialect, ot, op, oo, ots, og, ec, rc, em, es, attempts, correlation, failure_id, words)
     where d.topic_id = n.topic_id and d.partition = n.partition and d."offset" = n."offset"`,
    [
      rows.map((row) => row.topicId),
      rows.map((row) => row.partition),
      rows.map((row) => row.offset),
      rows.map((row) => row.decoded.dialect),
      rows.map((row) => storableText(row.decoded.origin.topic)),
      rows.map((row) => row.decoded.origin.partition),
      rows.map((row) => row.decoded.origin.offset),
      rows.map((row) => time(row.decoded.origin.timestampMs)),
      rows.map((row) => storableText(row.decoded.origin.consumerGroup)),
      rows.map((row) => storableText(row.decoded.error.class)),
      rows.map((row) => storableText(row.decoded.error.rootClass)),
      rows.map((row) => storableText(row.decoded.error.message)),
      rows.map((row) => storableText(row.decoded.error.stack)),
      rows.map((row) => row.decoded.attempts),
      rows.map((row) => storableText(row.decoded.correlationId)),
      rows.map((row) => row.failureId),
      rows.map((row) => row.words),
    ],
  );
}

/** Takes rows off the failures they were of. @returns those that have none left and that no open replay names */
export async function takeFromFailures(tx: Statements, taken: ReadonlyMap<string, number>): Promise<OldFailure[]> {
  const rows = [...taken].toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (rows.length === 0) return [];
  await tx.execute(`update failure f set count = greatest(0, f.count - n.count) from unnest($1::text[], $2::bigint[]) as n(id, count) where f.id = n.id`, [rows.map(([id]) => id), rows.map(([, count]) => count)]);
  return tx.query<OldFailure>(
    `select f.id, f.owner, f.note, f.muted_until as "mutedUntil" from failure f where f.id = any($1) and not exists (select 1 from dead_letter d where d.failure_id = f.id)
       and not exists (select 1 from replay r where r.state not in ('finished', 'cancelled') and r.selection -> 'filter' ->> 'failure' = f.id) order by f.id`,
    [rows.map(([id]) => id)],
  );
}

export interface Reading {
  /** Hash of the settings that the rows are read by. */
  by: string;
  /** Rows up to this sequence number were read by them. */
  afterSeq: string;
  done: boolean;
}

const KEY = 'dead-letters-read-by:';

/** How far the rows of a cluster were read by which settings; null: never noted. */
export async function loadReading(on: Statements, clusterId: number): Promise<Reading | null> {
  const [row] = await on.query<{ value: Reading }>('select value from setting where key = $1', [`${KEY}${clusterId}`]);
  return row?.value ?? null;
}

export async function saveReading(on: Statements, clusterId: number, reading: Reading): Promise<void> {
  await on.execute(`insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value, updated_at = now()`, [`${KEY}${clusterId}`, JSON.stringify(reading)]);
}
