import { type PositionToSave, savePositions } from '../dead-letters/save-positions.ts';
import type { Store } from '../store.ts';

export interface RetryRecordToSave {
  topicId: number;
  partition: number;
  offset: bigint;
  writtenAt: Date | null;
  replayRef: string | null;
  originTopic: string | null;
  originPartition: number | null;
  originOffset: bigint | null;
  originGroup: string | null;
  errorClass: string | null;
  errorMessage: string | null;
}

/** Stores records of retry topics and the positions behind them in one transaction: after a crash reading goes on exactly where the rows end. */
export async function saveRetryRecords(store: Store, clusterId: number, rows: readonly RetryRecordToSave[], positions: readonly PositionToSave[], now: Date): Promise<void> {
  await store.transaction(async (tx) => {
    if (rows.length > 0) {
      await tx.execute(
        `insert into retry_record (cluster_id, ingested_at, topic_id, partition, "offset", written_at, replay_ref, origin_topic, origin_partition, origin_offset, origin_group, error_class, error_message)
         select $1, $2, * from unnest($3::int[], $4::int[], $5::bigint[], $6::timestamptz[], $7::text[], $8::text[], $9::int[], $10::bigint[], $11::text[], $12::text[], $13::text[])
         on conflict do nothing`,
        [
          clusterId,
          now,
          rows.map((row) => row.topicId),
          rows.map((row) => row.partition),
          rows.map((row) => row.offset),
          rows.map((row) => row.writtenAt),
          rows.map((row) => row.replayRef),
          rows.map((row) => row.originTopic),
          rows.map((row) => row.originPartition),
          rows.map((row) => row.originOffset),
          rows.map((row) => row.originGroup),
          rows.map((row) => row.errorClass),
          rows.map((row) => row.errorMessage),
        ],
      );
    }
    await savePositions(tx, positions, now);
  });
}
