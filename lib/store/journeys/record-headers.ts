import type { Statements, Store } from '../store.ts';
import type { StoredPosition } from '../dead-letters/load-positions.ts';
import type { PositionToSave } from '../dead-letters/save-positions.ts';

export interface RecordHeaderToSave {
  /** YYYY-MM-DD in UTC, of the record's timestamp. */
  day: string;
  topicId: number;
  partition: number;
  offset: bigint;
  timestampMs: bigint;
  messageKey: string | null;
  /** Hex. */
  traceId: string | null;
  spanId: string | null;
  journeyKey: string | null;
  journeyKeyBy: string | null;
  eventId: string | null;
  causationId: string | null;
}

/** How far the tap has read these topic incarnations. Partitions never read are absent. */
export async function loadHeaderPositions(on: Statements, topicIds: readonly number[]): Promise<StoredPosition[]> {
  return on.query<StoredPosition>('select topic_id as "topicId", partition, next_offset as "nextOffset", failing_at is not null as failing from header_position where topic_id = any($1)', [topicIds]);
}

/** Stores records, says that their journeys wait, and moves the positions behind them, in one transaction: after a crash reading goes on where the rows end. */
export async function saveRecordHeaders(store: Store, rows: readonly RecordHeaderToSave[], positions: readonly PositionToSave[], now: Date): Promise<number> {
  return store.transaction(async (tx) => {
    let stored = 0;
    if (rows.length > 0) {
      const [result] = await tx.query<{ stored: number }>(
        `with stored as (
           insert into record_header (day, topic_id, partition, "offset", timestamp_ms, message_key, trace_id, span_id, journey_key, journey_key_by, event_id, causation_id)
           select day, topic_id, partition, "offset", timestamp_ms, message_key, decode(trace_id, 'hex'), decode(span_id, 'hex'), journey_key, journey_key_by, event_id, causation_id
           from unnest($1::date[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
             as given (day, topic_id, partition, "offset", timestamp_ms, message_key, trace_id, span_id, journey_key, journey_key_by, event_id, causation_id)
           on conflict do nothing returning day, topic_id, partition, "offset"
         ), pending as (
           insert into journey_pending (day, topic_id, partition, "offset") select day, topic_id, partition, "offset" from stored
         )
         select count(*)::int as stored from stored`,
        [
          rows.map((row) => row.day), rows.map((row) => row.topicId), rows.map((row) => row.partition), rows.map((row) => row.offset), rows.map((row) => row.timestampMs), rows.map((row) => row.messageKey),
          rows.map((row) => row.traceId), rows.map((row) => row.spanId), rows.map((row) => row.journeyKey), rows.map((row) => row.journeyKeyBy), rows.map((row) => row.eventId), rows.map((row) => row.causationId),
        ]);
      stored = result?.stored ?? 0;
    }
    await tx.execute(
      `insert into header_position as p (topic_id, partition, next_offset, end_offset, last_read_at)
       select *, $5::timestamptz from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[])
       on conflict (topic_id, partition) do update set next_offset = greatest(p.next_offset, excluded.next_offset), end_offset = excluded.end_offset,
         last_read_at = excluded.last_read_at, last_error = null, failing_at = null`,
      [positions.map((at) => at.topicId), positions.map((at) => at.partition), positions.map((at) => at.nextOffset), positions.map((at) => at.lastStableOffset), now],
    );
    return stored;
  });
}

/** Keeps why partitions could not be read; their positions stay. */
export async function noteHeaderFailures(on: Statements, failures: readonly { topicId: number; partition: number; message: string }[], now: Date): Promise<void> {
  if (failures.length === 0) return;
  await on.execute(
    `update header_position p set last_error = f.message, failing_at = coalesce(p.failing_at, $4)
     from unnest($1::int[], $2::int[], $3::text[]) as f(topic_id, partition, message) where p.topic_id = f.topic_id and p.partition = f.partition`,
    [failures.map((item) => item.topicId), failures.map((item) => item.partition), failures.map((item) => item.message), now],
  );
}

/** The present topics of a cluster, as the offsets collector keeps them. */
export async function readPresentTopics(on: Statements, clusterId: number): Promise<{ id: number; name: string; kafkaTopicId: string; partitions: number }[]> {
  return on.query(`select id, name, kafka_topic_id as "kafkaTopicId", partition_count as partitions from topic where cluster_id = $1 and deleted_at is null and not internal order by name`, [clusterId]);
}
