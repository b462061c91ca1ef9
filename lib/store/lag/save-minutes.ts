import type { LagOverTime } from '#lib/model/lag.ts';
import type { Statements } from '../store.ts';

export interface MinuteRow extends LagOverTime {
  groupId: number;
  minute: Date;
}

/** Minutes that are over, each written once: a row that is never updated leaves no dead one behind. */
export async function insertMinutes(on: Statements, rows: readonly MinuteRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  return on.execute(
    `insert into group_lag_minute (group_id, minute, lag_max, lag_last, lag_seconds_max, lag_seconds_last, lag_seconds_quality, produced_per_second, consumed_per_second, status, unknown_partitions, member_count)
     select * from unnest($1::int[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::float8[], $6::float8[], $7::text[], $8::float8[], $9::float8[], $10::text[], $11::int[], $12::int[])
     on conflict (group_id, minute) do nothing`,
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

/** Notes that a cluster was read in this minute: groups without a row of their own stood still in it. */
export async function noteClusterMinute(on: Statements, clusterId: number, at: Date): Promise<void> {
  await on.execute(`insert into cluster_minute (cluster_id, minute) values ($1, date_trunc('minute', $2::timestamptz)) on conflict do nothing`, [clusterId, at]);
}
