import type { Statements } from '../store.ts';
import { CURRENT_STATE } from './current-state.ts';
import { filterSql, type DeadLetterFilter } from './filter-dead-letters.ts';
import { countAll, type Narrowed } from './narrow-failures.ts';
import { rowHasWords } from './search-condition.ts';

export interface DeadLetterRow {
  topicId: number;
  partition: number;
  offset: bigint;
  seq: bigint;
  cluster: string;
  topic: string;
  timestamp: Date | null;
  ingestedAt: Date;
  dialect: string | null;
  state: string;
  stateAt: Date;
  originTopic: string | null;
  originPartition: number | null;
  originOffset: bigint | null;
  originTimestamp: Date | null;
  originGroup: string | null;
  errorClass: string | null;
  rootClass: string | null;
  errorMessage: string | null;
  attempts: number | null;
  correlationId: string | null;
  failureId: string | null;
  valueBytes: number | null;
  keyBytes: number | null;
  headerCount: number;
  generation: number;
  expiresAt: Date | null;
}

/** Columns of a row, without the stack trace and the bytes. */
export const ROW_COLUMNS = `d.topic_id as "topicId", d.partition, d."offset", d.seq, c.name as cluster, t.name as topic, d.timestamp, d.ingested_at as "ingestedAt", d.dialect, ${CURRENT_STATE} as state, d.state_at as "stateAt",
  d.origin_topic as "originTopic", d.origin_partition as "originPartition", d.origin_offset as "originOffset", d.origin_timestamp as "originTimestamp", d.origin_group as "originGroup",
  d.error_class as "errorClass", d.root_class as "rootClass", left(d.error_message, 1000) as "errorMessage", d.attempts, d.correlation_id as "correlationId", d.failure_id as "failureId",
  d.value_bytes as "valueBytes", d.key_bytes as "keyBytes", d.header_count as "headerCount", d.generation, d.expires_at as "expiresAt"`;

/** Counting row by row stops here: a total beyond it costs more than it tells. */
export const COUNTED_UP_TO = 10_000;
/** Up to so many failures each is asked for its newest rows; with more, rows that match are met soon in the order of all. */
const FEW_FAILURES = 64;

/**
 * One page, newest first, by ingest sequence; `before` is the sequence of the last row of the page before. Rows far from the newest are
 * found through their failures, which the counts name, and not by walking over all that came after.
 */
export async function listRows(on: Statements, filter: DeadLetterFilter, narrowed: Narrowed | null, before: bigint | null, limit: number): Promise<DeadLetterRow[]> {
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const where = `${filterSql({ ...filter, search: undefined }, params)} and (${bind(before)}::bigint is null or d.seq < $${params.length})`;
  const page = bind(limit);
  const keys = (from: string, condition: string) => `(select d.topic_id, d.partition, d."offset", d.seq from ${from} where ${condition} and ${where} order by d.seq desc limit ${page})`;
  const sources: string[] = [];
  if (narrowed === null || (narrowed.ids.length > FEW_FAILURES && !filter.search)) sources.push(keys('dead_letter d', 'true'));
  else if (narrowed.ids.length > FEW_FAILURES) sources.push(keys('dead_letter d', `d.failure_id in (select * from unnest(${bind(narrowed.ids)}::text[]))`));
  else if (narrowed.ids.length > 0) sources.push(`select x.* from unnest(${bind(narrowed.ids)}::text[]) as n(id) cross join lateral ${keys('dead_letter d', 'd.failure_id = n.id')} x`);
  if (filter.search) sources.push(`select * from ${keys('dead_letter d', rowHasWords(filter.search, bind))} y`);
  if (sources.length === 0) return [];
  return on.query<DeadLetterRow>(
    `select ${ROW_COLUMNS} from (select * from (${sources.join(' union ')}) p order by seq desc limit ${page}) p
     join dead_letter d using (topic_id, partition, "offset") join topic t on t.id = d.topic_id join cluster c on c.id = d.cluster_id order by d.seq desc`,
    params,
  );
}

/** How many rows match; null where that is not kept and counting goes over COUNTED_UP_TO. */
export async function countRows(on: Statements, filter: DeadLetterFilter, narrowed: Narrowed | null): Promise<bigint | null> {
  const byRow = Boolean(filter.state ?? filter.correlationId);
  if (!byRow && !filter.search) return narrowed === null ? countAll(on, filter.cluster) : narrowed.count;
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const where = [filterSql({ ...filter, search: undefined }, params)];
  const failures = narrowed === null ? null : `d.failure_id in (select * from unnest(${bind(narrowed.ids)}::text[]))`;
  // Rows of failures that have all the words are known by count already; those that have a word of their own are counted beside them.
  if (filter.search) where.push(byRow ? `(${failures} or ${rowHasWords(filter.search, bind)})` : `not ${failures} and ${rowHasWords(filter.search, bind)}`);
  else if (failures !== null && narrowed !== null && narrowed.ids.length <= FEW_FAILURES) where.push(failures);
  const known = byRow ? 0n : (narrowed?.count ?? 0n);
  const [row] = await on.query<{ count: bigint }>(`select count(*) as count from (select 1 from dead_letter d where ${where.join(' and ')} limit ${bind(COUNTED_UP_TO + 1)}) x`, params);
  const count = row?.count ?? 0n;
  return count > COUNTED_UP_TO ? null : known + count;
}
