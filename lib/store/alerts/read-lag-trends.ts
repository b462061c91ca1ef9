import type { Statements } from '../store.ts';

export interface LagTrendRow {
  cluster: string;
  group_name: string;
  minute: Date;
  lag: number | null;
  seconds: number | null;
}

/** Lag of some groups in the last hour, by minute. */
export async function readLagTrends(on: Statements, groups: readonly { cluster: string; group: string }[], now: Date): Promise<LagTrendRow[]> {
  if (groups.length === 0) return [];
  return on.query<LagTrendRow>(
    `select c.name as cluster, g.name as group_name, m.minute, m.lag_max::float8 as lag, m.lag_seconds_max as seconds
     from unnest($1::text[], $2::text[]) as x (cluster, name)
     join cluster c on c.name = x.cluster
     join consumer_group g on g.cluster_id = c.id and g.name = x.name
     join group_minute m on m.group_id = g.id and m.minute > $3::timestamptz - interval '1 hour' and m.minute <= $3
     order by m.minute`,
    [groups.map((group) => group.cluster), groups.map((group) => group.group), now],
  );
}
