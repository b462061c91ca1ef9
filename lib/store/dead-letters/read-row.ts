import type { Statements } from '../store.ts';
import { filterSql, type DeadLetterFilter } from './filter-dead-letters.ts';
import { ROW_COLUMNS, type DeadLetterRow } from './list-rows.ts';

export interface DeadLetterDetail extends DeadLetterRow {
  clusterId: number;
  kafkaTopicId: string;
  topicDeletedAt: Date | null;
  errorMessageFull: string | null;
  errorStack: string | null;
  traceId: Buffer | null;
  replayRef: string | null;
  bodyDay: Date | null;
  archivedReason: string | null;
}

export interface DeadLetterBytes {
  key: Buffer | null;
  value: Buffer | null;
  headerNames: Buffer[];
  headerValues: (Buffer | null)[];
  valueByReference: boolean;
}

/** One dead letter without its bytes; null where there is none. */
export async function readRow(on: Statements, at: { topicId: number; partition: number; offset: bigint }): Promise<DeadLetterDetail | null> {
  const [row] = await on.query<DeadLetterDetail>(
    `select ${ROW_COLUMNS}, d.cluster_id as "clusterId", t.kafka_topic_id as "kafkaTopicId", t.deleted_at as "topicDeletedAt", d.error_message as "errorMessageFull", d.error_stack as "errorStack", d.trace_id as "traceId",
       d.replay_ref as "replayRef", d.body_day as "bodyDay", d.archived_reason as "archivedReason"
     from dead_letter d join topic t on t.id = d.topic_id join cluster c on c.id = d.cluster_id where d.topic_id = $1 and d.partition = $2 and d."offset" = $3`,
    [at.topicId, at.partition, at.offset],
  );
  return row ?? null;
}

/** The bytes of one dead letter; null where they have expired. */
export async function readBytes(on: Statements, at: { topicId: number; partition: number; offset: bigint }): Promise<DeadLetterBytes | null> {
  const [row] = await on.query<DeadLetterBytes>(
    `select b.key, b.value, b.header_names as "headerNames", b.header_values as "headerValues", b.value_by_reference as "valueByReference"
     from dead_letter d join dead_letter_body b on b.day = d.body_day and b.topic_id = d.topic_id and b.partition = d.partition and b."offset" = d."offset"
     where d.topic_id = $1 and d.partition = $2 and d."offset" = $3`,
    [at.topicId, at.partition, at.offset],
  );
  return row ?? null;
}

export interface ReplayOfDeadLetter {
  id: string;
  generation: number;
  state: string;
  targetTopic: string | null;
  sentPartition: number | null;
  sentOffset: bigint | null;
  sentAt: Date | null;
  refusal: string | null;
  createdBy: string;
  reason: string;
  createdAt: Date;
  /** Parts that were edited before it was sent; null: it went out as it is. */
  edited: string[] | null;
}

/** Every replay of one dead letter, newest generation first. */
export async function readReplays(on: Statements, at: { topicId: number; partition: number; offset: bigint }): Promise<ReplayOfDeadLetter[]> {
  return on.query<ReplayOfDeadLetter>(
    `select i.replay_id as id, i.generation, i.state, i.target_topic as "targetTopic", i.sent_partition as "sentPartition", i.sent_offset as "sentOffset", i.sent_at as "sentAt", i.refusal,
       r.created_by as "createdBy", r.reason, r.created_at as "createdAt", e.changed as edited
     from replay_item i join replay r on r.id = i.replay_id left join replay_edit e on e.replay_id = r.id where i.topic_id = $1 and i.partition = $2 and i."offset" = $3 order by i.generation desc`,
    [at.topicId, at.partition, at.offset],
  );
}

/** The neighbours of a row in the list (newest first) under a filter: J goes to `next`, K to `previous`. */
export async function readNeighbours(on: Statements, filter: DeadLetterFilter, seq: bigint): Promise<{ previous: Neighbour | null; next: Neighbour | null }> {
  const find = async (comparison: '<' | '>', order: 'asc' | 'desc') => {
    const params: unknown[] = [];
    const where = filterSql(filter, params);
    const [row] = await on.query<Neighbour>(`select d.topic_id as "topicId", d.partition, d."offset" from dead_letter d where ${where} and d.seq ${comparison} $${params.push(seq)} order by d.seq ${order} limit 1`, params);
    return row ?? null;
  };
  return { previous: await find('>', 'asc'), next: await find('<', 'desc') };
}

export interface Neighbour {
  topicId: number;
  partition: number;
  offset: bigint;
}
