import type { Statements } from '../store.ts';

export interface JourneyRow {
  id: string;
  clusterId: number | null;
  key: string | null;
  keyBy: string | null;
  state: string;
  verdict: string;
  entryType: string | null;
  lastHop: string | null;
  hopCount: number;
  failed: boolean;
  startedAt: Date;
  lastActivityAt: Date;
  nextCheckAt: Date | null;
  /** What it has added to the figures of the map, with the transaction that writes them; null = nothing. */
  counted: Buffer | null;
}

/** Writes journeys as they are now. @returns how many changed */
export async function saveJourneys(on: Statements, rows: readonly JourneyRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const sorted = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)); // several processes may write: ids are locked in ascending order
  return on.execute(
    `insert into journey as j (id, cluster_id, key, key_by, state, verdict, entry_type, last_hop, hop_count, failed, started_at, last_activity_at, next_check_at, counted)
     select id, cluster_id, key, key_by, state, verdict, entry_type, last_hop, hop_count, failed, started_at, last_activity_at, next_check_at, decode(counted, 'hex')
     from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[], $10::bool[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::text[])
       as g (id, cluster_id, key, key_by, state, verdict, entry_type, last_hop, hop_count, failed, started_at, last_activity_at, next_check_at, counted)
     on conflict (id) do update set cluster_id = excluded.cluster_id, key = excluded.key, key_by = excluded.key_by, state = excluded.state, verdict = excluded.verdict, entry_type = excluded.entry_type,
       last_hop = excluded.last_hop, hop_count = excluded.hop_count, failed = excluded.failed, started_at = excluded.started_at, last_activity_at = excluded.last_activity_at, next_check_at = excluded.next_check_at, counted = excluded.counted
     where (j.state, j.verdict, j.hop_count, j.key, j.started_at, j.last_activity_at, j.next_check_at, j.counted) is distinct from
       (excluded.state, excluded.verdict, excluded.hop_count, excluded.key, excluded.started_at, excluded.last_activity_at, excluded.next_check_at, excluded.counted)`,
    [
      sorted.map((row) => row.id), sorted.map((row) => row.clusterId), sorted.map((row) => row.key), sorted.map((row) => row.keyBy), sorted.map((row) => row.state), sorted.map((row) => row.verdict),
      sorted.map((row) => row.entryType), sorted.map((row) => row.lastHop), sorted.map((row) => row.hopCount), sorted.map((row) => row.failed), sorted.map((row) => row.startedAt),
      sorted.map((row) => row.lastActivityAt), sorted.map((row) => row.nextCheckAt), sorted.map((row) => row.counted?.toString('hex') ?? null),
    ],
  );
}
