import type { Statements } from '../store.ts';

export interface MinuteRow {
  groupId: number;
  minute: Date;
  lagMax: bigint | null;
  lagLast: bigint | null;
  secondsMax: number | null;
  secondsLast: number | null;
  quality: string | null;
  producedPerSecond: number | null;
  consumedPerSecond: number | null;
  status: string;
  unknownPartitions: number;
  memberCount: number | null;
}

/** The running minute of groups, for charts. Written again each cycle, so that a crash loses nothing; maxima never shrink. */
export async function upsertMinutes(on: Statements, rows: readonly MinuteRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  return on.execute(
    `insert into group_lag_minute as m (group_id, minute, lag_max, lag_last, lag_seconds_max, lag_seconds_last, lag_seconds_quality, produced_per_second, consumed_per_second, status, unknown_partitions, member_count)
     select * from unnest($1::int[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::float8[], $6::float8[], $7::text[], $8::float8[], $9::float8[], $10::text[], $11::int[], $12::int[])
     on conflict (group_id, minute) do update set lag_max = greatest(m.lag_max, excluded.lag_max), lag_last = excluded.lag_last,
       lag_seconds_max = greatest(m.lag_seconds_max, excluded.lag_seconds_max), lag_seconds_last = excluded.lag_seconds_last, lag_seconds_quality = excluded.lag_seconds_quality,
       produced_per_second = coalesce(excluded.produced_per_second, m.produced_per_second), consumed_per_second = coalesce(excluded.consumed_per_second, m.consumed_per_second),
       status = excluded.status, unknown_partitions = excluded.unknown_partitions, member_count = excluded.member_count`,
    [
      rows.map((r) => r.groupId),
      rows.map((r) => r.minute.toISOString()),
      rows.map((r) => r.lagMax),
      rows.map((r) => r.lagLast),
      rows.map((r) => r.secondsMax),
      rows.map((r) => r.secondsLast),
      rows.map((r) => r.quality),
      rows.map((r) => r.producedPerSecond),
      rows.map((r) => r.consumedPerSecond),
      rows.map((r) => r.status),
      rows.map((r) => r.unknownPartitions),
      rows.map((r) => r.memberCount),
    ],
  );
}
