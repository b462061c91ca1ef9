import type { ReplayHeader, ReplayItemState } from '#lib/model/replay.ts';
import type { Statements } from '../store.ts';
import type { ReplaySelection } from './hold-replay.ts';
import { toHeaders } from './load-claimed-items.ts';
import { selectionSql } from './select-dead-letters.ts';

/** A dead letter of a selection with all that decides whether and where it would be sent. */
export interface ExaminedLetter {
  topicId: number;
  partition: number;
  offset: bigint;
  generation: number;
  state: string;
  generationSeen: number | null;
  openReplayId: string | null;
  lastState: ReplayItemState | null;
  failedGenerations: number;
  dialect: string | null;
  originTopic: string | null;
  originPartition: number | null;
  originOffset: bigint | null;
  originTimestamp: Date | null;
  dlqTopic: string;
  /** When the broker takes it. */
  expiresAt: Date | null;
  kafkaTopicId: string;
  body: { key: Buffer | null; value: Buffer | null; headers: ReplayHeader[]; valueByReference: boolean; valueBytes: number | null } | null;
}

type Row = Omit<ExaminedLetter, 'body'> & { stored: boolean; key: Buffer | null; names: string; values: string; byReference: boolean; valueBytes: number | null };

/** The next rows of a selection in the order they would be sent. Values are left out: their size is what counts here. */
export async function examineSelection(on: Statements, selection: ReplaySelection, clusterId: number, snapshotSeq: bigint, after: { topicId: number; partition: number; offset: bigint } | null, limit: number): Promise<ExaminedLetter[]> {
  const params: unknown[] = [];
  const { from, where, seen } = selectionSql(selection, clusterId, snapshotSeq, params);
  const bind = (value: unknown) => `$${params.push(value)}`;
  const rows = await on.query<Row>(
    `select d.topic_id as "topicId", d.partition, d."offset", d.generation, d.state, ${seen} as "generationSeen", i.open_replay_id as "openReplayId", i.last_state as "lastState",
       coalesce(i.failed, 0)::int as "failedGenerations", d.dialect, d.origin_topic as "originTopic", d.origin_partition as "originPartition", d.origin_offset as "originOffset", d.origin_timestamp as "originTimestamp", d.expires_at as "expiresAt", t.name as "dlqTopic", t.kafka_topic_id as "kafkaTopicId",
       b.day is not null as stored, b.key, b.header_names::text as names, b.header_values::text as values, b.value_by_reference as "byReference", d.value_bytes as "valueBytes"
     from ${from} join topic t on t.id = d.topic_id
     left join dead_letter_body b on b.day = d.body_day and b.topic_id = d.topic_id and b.partition = d.partition and b."offset" = d."offset"
     left join lateral (
       select count(*) filter (where i.state = 'failed-again') as failed, (array_agg(i.replay_id) filter (where not i.final))[1] as open_replay_id,
         (array_agg(i.state order by i.generation desc) filter (where i.state not in ('refused', 'cancelled')))[1] as last_state
       from replay_item i where i.topic_id = d.topic_id and i.partition = d.partition and i."offset" = d."offset") i on true
     where ${where} and (d.topic_id, d.partition, d."offset") > (${bind(after?.topicId ?? -1)}, ${bind(after?.partition ?? -1)}, ${bind(after?.offset ?? -1n)}::bigint)
     order by d.topic_id, d.partition, d."offset" limit ${bind(limit)}`,
    params,
  );
  return rows.map(({ stored, key, names, values, byReference, valueBytes, ...row }) => ({
    ...row,
    body: stored ? { key, value: null, headers: toHeaders(names, values), valueByReference: byReference, valueBytes } : null,
  }));
}

/** Consumer groups that commit on topics, as last collected. */
export async function groupsOfTopics(on: Statements, clusterId: number, topics: readonly string[]): Promise<{ group: string; topics: string[] }[]> {
  return await on.query(
    `select g.name as "group", array_agg(distinct t.name order by t.name) as topics
     from group_partition_offset o join consumer_group g on g.id = o.group_id join topic t on t.id = o.topic_id
     where t.cluster_id = $1 and t.name = any($2::text[]) and t.deleted_at is null and g.deleted_at is null and g.name not like 'waybill-replay-%' group by 1 order by 1 limit 200`,
    [clusterId, topics],
  );
}
