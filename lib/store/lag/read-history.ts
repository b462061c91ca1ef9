import type { Statements } from '../store.ts';

export interface HistoryRow {
  at: Date;
  lag: bigint | null;
  lag_max: bigint | null;
  lag_seconds: number | null;
  lag_seconds_max: number | null;
  quality: string | null;
  produced_per_second: number | null;
  consumed_per_second: number | null;
  status: string;
  member_count: number | null;
}

/** A group's minutes, folded into steps of `stepSeconds`. Steps in which nothing was read are absent: a gap is a gap. */
export async function readHistory(on: Statements, groupId: number, from: Date, to: Date, stepSeconds: number): Promise<HistoryRow[]> {
  return on.query<HistoryRow>(
    `select to_timestamp(floor(extract(epoch from minute) / $4) * $4) as at,
       (array_agg(lag_last order by minute desc))[1] as lag, max(lag_max) as lag_max,
       (array_agg(lag_seconds_last order by minute desc))[1] as lag_seconds, max(lag_seconds_max) as lag_seconds_max,
       (array_agg(lag_seconds_quality order by minute desc))[1] as quality,
       avg(produced_per_second) as produced_per_second, avg(consumed_per_second) as consumed_per_second,
       (array_agg(status order by minute desc))[1] as status, (array_agg(member_count order by minute desc))[1] as member_count
     from group_lag_minute where group_id = $1 and minute >= $2 and minute < $3 group by 1 order by 1 limit 2000`,
    [groupId, from, to, stepSeconds],
  );
}

/** Lag of several groups in steps, for sparklines. */
export async function readTrends(on: Statements, cluster: string, groups: readonly string[], from: Date, stepSeconds: number): Promise<{ name: string; at: Date; lag: bigint | null }[]> {
  return on.query<{ name: string; at: Date; lag: bigint | null }>(
    `select g.name, to_timestamp(floor(extract(epoch from m.minute) / $4) * $4) as at, max(m.lag_max) as lag
     from consumer_group g join cluster c on c.id = g.cluster_id join group_lag_minute m on m.group_id = g.id
     where c.name = $1 and g.name = any($2::text[]) and m.minute >= $3 group by 1, 2 order by 1, 2`,
    [cluster, groups, from, stepSeconds],
  );
}
