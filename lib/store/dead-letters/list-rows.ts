import type { Statements } from '../store.ts';
import { CURRENT_STATE } from './current-state.ts';
import { filterSql, type DeadLetterFilter } from './filter-dead-letters.ts';

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

/** Counting stops here: a total beyond it costs more than it tells. */
export const COUNTED_UP_TO = 10_000;

/** One page, newest first, by ingest sequence; `before` is the sequence of the last row of the page before. */
export async function listRows(on: Statements, filter: DeadLetterFilter, before: bigint | null, limit: number): Promise<DeadLetterRow[]> {
  const params: unknown[] = [];
  const where = filterSql(filter, params);
  return on.query<DeadLetterRow>(
    `select ${ROW_COLUMNS} from (select * from dead_letter d where ${where} and ($${params.push(before)}::bigint is null or d.seq < $${params.length}) order by d.seq desc limit $${params.push(limit)}) d
     join topic t on t.id = d.topic_id join cluster c on c.id = d.cluster_id order by d.seq desc`,
    params,
  );
}

/** How many rows match; null above COUNTED_UP_TO. */
export async function countRows(on: Statements, filter: DeadLetterFilter): Promise<number | null> {
  const params: unknown[] = [];
  const where = filterSql(filter, params);
  const [row] = await on.query<{ count: bigint }>(`select count(*) as count from (select 1 from dead_letter d where ${where} limit $${params.push(COUNTED_UP_TO + 1)}) x`, params);
  const count = Number(row?.count ?? 0n);
  return count > COUNTED_UP_TO ? null : count;
}

export interface Facet {
  name: 'topic' | 'originTopic' | 'originGroup' | 'errorClass' | 'state';
  value: string | null;
  count: number;
}

/** Counts by each column among the newest matching rows (at most 100,000), the most frequent 20 values each. */
export async function countFacets(on: Statements, filter: DeadLetterFilter): Promise<Facet[]> {
  const params: unknown[] = [];
  const where = filterSql(filter, params);
  return on.query<Facet>(
    `with chosen as (select d.topic_id, d.partition, d."offset", d.origin_topic, d.origin_group, d.error_class, d.state from dead_letter d where ${where} order by d.seq desc limit 100000),
     picked as (
       select d.topic_id, d.origin_topic, d.origin_group, d.error_class, case when o.topic_id is null then d.state else 'replaying' end as state
       from chosen d left join replay_item o on o.topic_id = d.topic_id and o.partition = d.partition and o."offset" = d."offset" and not o.final),
     counted as (
       select grouping(topic_id) as g1, grouping(origin_topic) as g2, grouping(origin_group) as g3, grouping(error_class) as g4, topic_id, origin_topic, origin_group, error_class, state, count(*)::int as count
       from picked group by grouping sets ((topic_id), (origin_topic), (origin_group), (error_class), (state))),
     named as (
       select case when g1 = 0 then 'topic' when g2 = 0 then 'originTopic' when g3 = 0 then 'originGroup' when g4 = 0 then 'errorClass' else 'state' end as name,
              case when g1 = 0 then t.name when g2 = 0 then origin_topic when g3 = 0 then origin_group when g4 = 0 then error_class else state end as value, count
       from counted left join topic t on t.id = counted.topic_id and g1 = 0)
     select name, value, sum(count)::int as count from named group by 1, 2 order by 1, 3 desc, 2`,
    params,
  );
}
