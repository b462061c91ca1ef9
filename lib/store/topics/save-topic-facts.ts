import type { Statements } from '../store.ts';

export interface TopicFactsRow {
  topicId: number;
  config: Record<string, string> | null;
  configError: string | null;
  replicas: readonly (readonly number[])[];
  inSyncReplicas: readonly (readonly number[])[];
  underReplicated: number;
  offline: number;
  sizeBytes: bigint | null;
  partitionBytes: readonly (bigint | null)[];
  sizeError: string | null;
  endTotal: bigint | null;
  endAt: Date | null;
  producedPerSecond: number | null;
}

/** Writes rows whole; pass only those that changed. @returns how many were written */
export async function saveTopicFacts(on: Statements, rows: readonly TopicFactsRow[], at: Date): Promise<number> {
  if (rows.length === 0) return 0;
  return on.execute(
    `insert into topic_facts (topic_id, config, config_error, replicas, in_sync_replicas, under_replicated, offline, size_bytes, partition_bytes, size_error, end_total, end_at, produced_per_second, changed_at)
     select n.topic_id, n.config::jsonb, n.config_error, n.replicas::jsonb, n.isr::jsonb, n.under_replicated, n.offline, n.size_bytes, n.partition_bytes::bigint[], n.size_error, n.end_total, n.end_at, n.produced, $14
     from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::bigint[], $9::text[], $10::text[], $11::bigint[], $12::timestamptz[], $13::float8[])
       as n(topic_id, config, config_error, replicas, isr, under_replicated, offline, size_bytes, partition_bytes, size_error, end_total, end_at, produced)
     on conflict (topic_id) do update set config = excluded.config, config_error = excluded.config_error, replicas = excluded.replicas, in_sync_replicas = excluded.in_sync_replicas,
       under_replicated = excluded.under_replicated, offline = excluded.offline, size_bytes = excluded.size_bytes, partition_bytes = excluded.partition_bytes, size_error = excluded.size_error,
       end_total = excluded.end_total, end_at = excluded.end_at, produced_per_second = excluded.produced_per_second, changed_at = excluded.changed_at`,
    [
      rows.map((row) => row.topicId),
      rows.map((row) => (row.config === null ? null : JSON.stringify(row.config))),
      rows.map((row) => row.configError),
      rows.map((row) => JSON.stringify(row.replicas)),
      rows.map((row) => JSON.stringify(row.inSyncReplicas)),
      rows.map((row) => row.underReplicated),
      rows.map((row) => row.offline),
      rows.map((row) => row.sizeBytes),
      // unnest would take an array of arrays apart: each goes as text.
      rows.map((row) => `{${row.partitionBytes.map((bytes) => bytes ?? 'NULL').join(',')}}`),
      rows.map((row) => row.sizeError),
      rows.map((row) => row.endTotal),
      rows.map((row) => row.endAt),
      rows.map((row) => row.producedPerSecond),
      at,
    ],
  );
}

/** Removes what is known of a cluster's topics that are gone. */
export async function forgetTopicFacts(on: Statements, clusterId: number): Promise<number> {
  return on.execute('delete from topic_facts f using topic t where t.id = f.topic_id and t.cluster_id = $1 and t.deleted_at is not null', [clusterId]);
}
