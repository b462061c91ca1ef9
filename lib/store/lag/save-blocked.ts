import type { Statements } from '../store.ts';

export interface BlockedRow {
  topicId: number;
  partition: number;
  lastStableOffset: bigint;
  blockedSince: Date;
  askedAt: Date | null;
  /** JSON of the open transactions; null = leave what is stored. */
  transactions: string | null;
  error: string | null;
}

/** Partitions that stand behind an open transaction, with what the brokers said of it. */
export async function upsertBlocked(on: Statements, rows: readonly BlockedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await on.execute(
    `insert into blocked_partition as b (topic_id, partition, last_stable_offset, blocked_since, asked_at, transactions, error)
     select topic_id, partition, last_stable_offset, blocked_since, asked_at, coalesce(transactions::jsonb, '[]'), error
     from unnest($1::int[], $2::int[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[]) as n(topic_id, partition, last_stable_offset, blocked_since, asked_at, transactions, error)
     on conflict (topic_id, partition) do update set last_stable_offset = excluded.last_stable_offset, blocked_since = excluded.blocked_since, asked_at = excluded.asked_at,
       transactions = case when excluded.asked_at is not null and excluded.error is not null and b.last_stable_offset = excluded.last_stable_offset then b.transactions else excluded.transactions end, error = excluded.error`,
    [
      rows.map((r) => r.topicId),
      rows.map((r) => r.partition),
      rows.map((r) => r.lastStableOffset),
      rows.map((r) => r.blockedSince.toISOString()),
      rows.map((r) => r.askedAt?.toISOString() ?? null),
      rows.map((r) => r.transactions),
      rows.map((r) => r.error),
    ],
  );
}

export async function deleteBlocked(on: Statements, rows: readonly { topicId: number; partition: number }[]): Promise<void> {
  if (rows.length === 0) return;
  await on.execute('delete from blocked_partition b using unnest($1::int[], $2::int[]) as n(topic_id, partition) where b.topic_id = n.topic_id and b.partition = n.partition', [rows.map((r) => r.topicId), rows.map((r) => r.partition)]);
}

export interface StoredBlock {
  topic_id: number;
  topic: string;
  partition: number;
  last_stable_offset: bigint;
  blocked_since: Date;
  asked_at: Date | null;
}

/** What stood still when the collector last ran. Rows of topics that are gone are deleted. */
export async function loadBlocked(on: Statements, clusterId: number): Promise<StoredBlock[]> {
  await on.execute('delete from blocked_partition b using topic t where t.id = b.topic_id and t.cluster_id = $1 and t.deleted_at is not null', [clusterId]);
  return on.query<StoredBlock>('select b.topic_id, t.name as topic, b.partition, b.last_stable_offset, b.blocked_since, b.asked_at from blocked_partition b join topic t on t.id = b.topic_id where t.cluster_id = $1', [clusterId]);
}

/** Topics with transactions, marked at most once a day. */
export async function markTransactional(on: Statements, topicIds: readonly number[], at: Date): Promise<void> {
  if (topicIds.length === 0) return;
  await on.execute(`update topic set transactions_seen_at = $2 where id = any($1::int[]) and (transactions_seen_at is null or transactions_seen_at < $2::timestamptz - interval '1 day')`, [topicIds, at]);
}
