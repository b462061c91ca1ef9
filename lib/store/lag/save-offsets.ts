import type { Statements } from '../store.ts';

export interface TopicPartitionRow {
  topicId: number;
  partition: number;
  leader: number | null;
  endOffset: bigint | null;
  lastStableOffset: bigint | null;
  logStartOffset: bigint | null;
  changedAt: Date;
  failedSince: Date | null;
  lastError: string | null;
}

export interface GroupPartitionRow {
  groupId: number;
  topicId: number;
  partition: number;
  committedOffset: bigint | null;
  acknowledgedAhead: bigint;
  committedAt: Date | null;
  previousOffset: bigint | null;
  oldestAt: Date | null;
  oldestQuality: string | null;
  commitGapMs: number | null;
  rewoundAt: Date | null;
  endAtCommit: bigint | null;
  /** Written once. */
  watchedSince: Date;
  status: string;
  statusSince: Date | null;
}

/** Rows of a statement: bounded memory for its text, and a lock that is held shortly. */
const ROWS_PER_STATEMENT = 5_000;

export async function upsertTopicPartitions(on: Statements, rows: Iterable<TopicPartitionRow>): Promise<number> {
  let written = 0;
  for (const chunk of chunks(rows)) {
    written += await on.execute(
      `insert into topic_partition_offset as o (topic_id, partition, leader, high_watermark, last_stable_offset, log_start_offset, changed_at, failed_since, last_error)
       select * from unnest($1::int[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::timestamptz[], $9::text[])
       on conflict (topic_id, partition) do update set leader = excluded.leader, high_watermark = excluded.high_watermark, last_stable_offset = excluded.last_stable_offset,
         log_start_offset = excluded.log_start_offset, changed_at = excluded.changed_at, failed_since = excluded.failed_since, last_error = excluded.last_error`,
      [
        chunk.map((r) => r.topicId),
        chunk.map((r) => r.partition),
        chunk.map((r) => r.leader),
        chunk.map((r) => r.endOffset),
        chunk.map((r) => r.lastStableOffset),
        chunk.map((r) => r.logStartOffset),
        chunk.map((r) => r.changedAt.toISOString()),
        chunk.map((r) => r.failedSince?.toISOString() ?? null),
        chunk.map((r) => r.lastError),
      ],
    );
  }
  return written;
}

export async function upsertGroupPartitions(on: Statements, rows: Iterable<GroupPartitionRow>): Promise<number> {
  let written = 0;
  for (const chunk of chunks(rows)) {
    written += await on.execute(
      `insert into group_partition_offset as o (group_id, topic_id, partition, committed_offset, committed_at, previous_offset, oldest_at, oldest_quality, commit_gap_ms, rewound_at, status, status_since, end_at_commit, acknowledged_ahead, watched_since)
       select * from unnest($1::int[], $2::int[], $3::int[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::timestamptz[], $8::text[], $9::int[], $10::timestamptz[], $11::text[], $12::timestamptz[], $13::bigint[], $14::bigint[], $15::timestamptz[])
       on conflict (group_id, topic_id, partition) do update set committed_offset = excluded.committed_offset, committed_at = excluded.committed_at, previous_offset = excluded.previous_offset,
         oldest_at = excluded.oldest_at, oldest_quality = excluded.oldest_quality, commit_gap_ms = excluded.commit_gap_ms, rewound_at = excluded.rewound_at, status = excluded.status, status_since = excluded.status_since, end_at_commit = excluded.end_at_commit,
         acknowledged_ahead = excluded.acknowledged_ahead`,
      [
        chunk.map((r) => r.groupId),
        chunk.map((r) => r.topicId),
        chunk.map((r) => r.partition),
        chunk.map((r) => r.committedOffset),
        chunk.map((r) => r.committedAt?.toISOString() ?? null),
        chunk.map((r) => r.previousOffset),
        chunk.map((r) => r.oldestAt?.toISOString() ?? null),
        chunk.map((r) => r.oldestQuality),
        chunk.map((r) => r.commitGapMs),
        chunk.map((r) => r.rewoundAt?.toISOString() ?? null),
        chunk.map((r) => r.status),
        chunk.map((r) => r.statusSince?.toISOString() ?? null),
        chunk.map((r) => r.endAtCommit),
        chunk.map((r) => r.acknowledgedAhead),
        chunk.map((r) => r.watchedSince.toISOString()),
      ],
    );
  }
  return written;
}

/** Packed samples of one cycle: one row a topic, one row a group, only what changed. */
export async function insertSamples(on: Statements, table: 'topic_offset_sample' | 'group_commit_sample', at: Date, rows: readonly { id: number; packed: Buffer }[]): Promise<number> {
  const column = table === 'topic_offset_sample' ? 'topic_id' : 'group_id';
  let written = 0;
  for (const chunk of chunks(rows)) {
    written += await on.execute(`insert into ${table} (${column}, at, packed) select n.id, $1, n.packed from unnest($2::int[], $3::bytea[]) as n(id, packed) on conflict do nothing`, [at, chunk.map((r) => r.id), chunk.map((r) => r.packed)]);
  }
  return written;
}

// Rows may be made as they are asked for: only those of one statement are in memory then.
function* chunks<Row>(rows: Iterable<Row>): Generator<readonly Row[]> {
  let chunk: Row[] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < ROWS_PER_STATEMENT) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Partitions in which a group has no commit any more, and none to be missed. */
export async function deleteGroupPartitions(on: Statements, gone: readonly { groupId: number; topicId: number; partition: number }[]): Promise<number> {
  if (gone.length === 0) return 0;
  return on.execute('delete from group_partition_offset o using unnest($1::int[], $2::int[], $3::int[]) as n(group_id, topic_id, partition) where o.group_id = n.group_id and o.topic_id = n.topic_id and o.partition = n.partition', [
    gone.map((p) => p.groupId),
    gone.map((p) => p.topicId),
    gone.map((p) => p.partition),
  ]);
}
