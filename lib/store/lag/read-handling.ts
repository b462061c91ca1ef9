import type { Attempt, DeadRecord } from '#lib/lag/handling.ts';
import type { Statements } from '../store.ts';

/** Offsets of one partition that a group handled lately, or is about to handle: `from` inclusive, `to` exclusive. */
export interface HandledRange {
  topic: string;
  partition: number;
  from: bigint;
  to: bigint;
}

/** Spans and dead letters that are looked at for one group, all partitions together, and at least this many of each partition. */
const MAX_ROWS = 5_000;
const MIN_ROWS_PARTITION = 20;

/**
 * Attempts of a group at these records since `since`, and those of them that became dead letters, the newest offsets first where there are too many.
 * By the index on the record's place. A span or dead letter that names no group counts where no other group reads the topic.
 */
export async function readHandling(on: Statements, { clusterId, groupId, group, ranges, since }: { clusterId: number; groupId: number; group: string; ranges: readonly HandledRange[]; since: Date }): Promise<{ attempts: Attempt[]; deadRecords: DeadRecord[] }> {
  if (ranges.length === 0) return { attempts: [], deadRecords: [] };
  const limit = Math.max(MIN_ROWS_PARTITION, Math.floor(MAX_ROWS / ranges.length));
  const given = [ranges.map((r) => r.topic), ranges.map((r) => r.partition), ranges.map((r) => r.from), ranges.map((r) => r.to)];
  const ours = `with given as (
      select r.*, not exists (
        select 1 from topic t join group_partition_offset o on o.topic_id = t.id join consumer_group g on g.id = o.group_id and g.deleted_at is null
        where t.cluster_id = $5 and t.name = r.topic and t.deleted_at is null and o.group_id <> $6
      ) as sole
      from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) as r(topic, partition, from_offset, to_offset)
    )`;
  const sinceNs = BigInt(since.getTime()) * 1_000_000n;
  const [attempts, deadRecords] = await Promise.all([
    on.query<{ topic: string; partition: number; offset: bigint; failed: boolean; duration_ns: bigint; start_ns: bigint; message_key: string | null; status_message: string | null }>(
      `${ours}
       select r.topic, r.partition, s."offset", s.status_code = 2 as failed, s.duration_ns, s.start_ns, s.message_key, left(s.status_message, 300) as status_message
       from given r join lateral (
         select * from span s where s.topic = r.topic and s.partition = r.partition and s."offset" >= r.from_offset and s."offset" < r.to_offset
           and s.day >= $7::date and s.start_ns >= $8 and s.operation = 'process' and (s.cluster_id is null or s.cluster_id = $5) and (s.group_name = $9 or (s.group_name is null and r.sole))
         order by s."offset" desc limit $10
       ) s on true`,
      [...given, clusterId, groupId, since.toISOString().slice(0, 10), sinceNs, group, limit],
    ),
    on.query<{ topic: string; partition: number; offset: bigint }>(
      `${ours}
       select r.topic, r.partition, d.origin_offset as "offset"
       from given r join lateral (
         select d.origin_offset from dead_letter d where d.origin_topic = r.topic and d.origin_partition = r.partition and d.origin_offset >= r.from_offset and d.origin_offset < r.to_offset
           and d.cluster_id = $5 and d.ingested_at >= $7 and (d.origin_group = $8 or (d.origin_group is null and r.sole))
         order by d.origin_offset desc limit $9
       ) d on true`,
      [...given, clusterId, groupId, since, group, limit],
    ),
  ]);
  return {
    attempts: attempts.map((row) => ({
      topic: row.topic,
      partition: row.partition,
      offset: row.offset,
      failed: row.failed,
      durationMs: Number(row.duration_ns) / 1e6,
      startedAt: Number(row.start_ns / 1_000_000n),
      key: row.message_key,
      error: row.status_message,
    })),
    deadRecords,
  };
}
