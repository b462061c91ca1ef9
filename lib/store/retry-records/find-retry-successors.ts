import type { Statements } from '../store.ts';

export interface RetrySuccessorRow {
  /** replay-id it carries, or null where it was found by its origin. */
  replayRef: string | null;
  originTopic: string | null;
  originPartition: number | null;
  originOffset: bigint | null;
  topic: string;
  partition: number;
  offset: bigint;
  ingestedAt: Date;
  writtenAt: Date | null;
  group: string | null;
  errorClass: string | null;
  errorMessage: string | null;
}

/** Records on retry topics that came of replayed records: by the replay-id they carry, or by the coordinate they name as origin. Oldest first. */
export async function findRetrySuccessors(on: Statements, clusterId: number, refs: readonly string[], at: readonly { topic: string; partition: number; offset: bigint }[]): Promise<RetrySuccessorRow[]> {
  return await on.query(
    `select r.replay_ref as "replayRef", r.origin_topic as "originTopic", r.origin_partition as "originPartition", r.origin_offset as "originOffset", t.name as topic, r.partition, r."offset",
       r.ingested_at as "ingestedAt", r.written_at as "writtenAt", r.origin_group as "group", r.error_class as "errorClass", r.error_message as "errorMessage"
     from (
       select * from retry_record where cluster_id = $1 and replay_ref = any($2::text[])
       union
       select o.* from unnest($3::text[], $4::int[], $5::bigint[]) as u (topic, partition, "offset")
       join retry_record o on o.cluster_id = $1 and o.origin_topic = u.topic and o.origin_partition = u.partition and o.origin_offset = u."offset"
     ) r join topic t on t.id = r.topic_id and t.deleted_at is null
     order by r.written_at nulls first, r.ingested_at, r.partition, r."offset"`,
    [clusterId, refs, at.map((one) => one.topic), at.map((one) => one.partition), at.map((one) => one.offset)],
  );
}
