import type { ChartReading } from '#lib/lag/chart-steps.ts';
import type { Statements } from '../store.ts';

/** More rows than minutes live days: only a store from before the roll-up has as many. */
const MAX_ROWS = 50_000;

const COLUMNS = 'lag_max, lag_last, lag_seconds_max, lag_seconds_last, lag_seconds_quality, produced_per_second, consumed_per_second, status, unknown_partitions, member_count';

interface Row {
  at: Date;
  lag_max: bigint | null;
  lag_last: bigint | null;
  lag_seconds_max: number | null;
  lag_seconds_last: number | null;
  lag_seconds_quality: string | null;
  produced_per_second: number | null;
  consumed_per_second: number | null;
  status: string;
  unknown_partitions: number;
  member_count: number | null;
}

/** A group's minutes in [from, to), oldest first. Minutes in which nothing changed may have no row. */
export async function readMinutes(on: Statements, groupId: number, from: Date, to: Date): Promise<ChartReading[]> {
  const rows = await on.query<Row>(`select minute as at, ${COLUMNS} from group_minute where group_id = $1 and minute >= $2 and minute < $3 order by minute limit ${MAX_ROWS}`, [groupId, from, to]);
  return rows.map(toReading);
}

/** A group's hours in [from, to), oldest first. */
export async function readHours(on: Statements, groupId: number, from: Date, to: Date): Promise<ChartReading[]> {
  const rows = await on.query<Row>(`select hour as at, ${COLUMNS} from group_lag_hour where group_id = $1 and hour >= $2 and hour < $3 order by hour limit ${MAX_ROWS}`, [groupId, from, to]);
  return rows.map(toReading);
}

/** How a group stands now: the minute under way, which is written when it is over. null where it was never read or can't be read. greatest() skips nulls: an age that is not known must not become 0. */
export async function readRunning(on: Statements, groupId: number, now: Date): Promise<ChartReading | null> {
  const [row] = await on.query<Row>(
    `select date_trunc('minute', $2::timestamptz) as at, f.lag as lag_max, f.lag as lag_last, f.oldest_quality as lag_seconds_quality, f.produced_per_second, f.consumed_per_second, g.status,
       f.partitions_unknown as unknown_partitions, case when g.state in ('Empty', 'Dead') then 0 when g.members_at is not null then jsonb_array_length(g.members) end as member_count, s.seconds as lag_seconds_max, s.seconds as lag_seconds_last
     from consumer_group g join group_figures f on f.group_id = g.id
     cross join lateral (select case when f.lag = 0 then 0 when f.lag is not null and f.oldest_at is not null then greatest(0, extract(epoch from $2::timestamptz - f.oldest_at))::float8 end as seconds) s
     where g.id = $1 and g.failed_since is null and g.deleted_at is null and g.last_good_at > $2::timestamptz - interval '2 minutes'`,
    [groupId, now],
  );
  return row ? toReading(row) : null;
}

/** How a group stood at a moment: its last minute, or its last hour in the month before it (a group that nothing happens to has none for long). */
export async function readBefore(on: Statements, groupId: number, at: Date): Promise<ChartReading | null> {
  const [row] = await on.query<Row>(
    `(select minute as at, ${COLUMNS} from group_minute where group_id = $1 and minute < $2 and minute >= $2::timestamptz - interval '4 days' order by minute desc limit 1)
     union all (select hour as at, ${COLUMNS} from group_lag_hour where group_id = $1 and hour < $2 and hour >= $2::timestamptz - interval '31 days' order by hour desc limit 1)
     order by at desc limit 1`,
    [groupId, at],
  );
  return row ? toReading(row) : null;
}

/** The first hour that is not rolled up for good; minutes from there on are to be read as minutes. */
export async function readRolledUpTo(on: Statements): Promise<Date | null> {
  const [row] = await on.query<{ hour: Date | null }>(`select max(hour) + interval '1 hour' as hour from lag_rollup`);
  return row?.hour ?? null;
}

/** Starts of the minutes (or of the hours) in which a cluster was read at all, ms since 1970, oldest first. */
export async function readMinutesRead(on: Statements, clusterId: number, from: Date, to: Date, by: 'minute' | 'hour'): Promise<number[]> {
  const rows = await on.query<{ at: Date }>(`select distinct date_trunc($4, minute, 'UTC') as at from cluster_minute where cluster_id = $1 and minute >= $2 and minute < $3 order by 1 limit ${MAX_ROWS}`, [clusterId, from, to, by]);
  return rows.map((row) => row.at.getTime());
}

function toReading(row: Row): ChartReading {
  return {
    atMs: row.at.getTime(),
    lagMax: row.lag_max,
    lagLast: row.lag_last,
    secondsMax: row.lag_seconds_max,
    secondsLast: row.lag_seconds_last,
    quality: row.lag_seconds_quality,
    producedPerSecond: row.produced_per_second,
    consumedPerSecond: row.consumed_per_second,
    status: row.status,
    unknownPartitions: row.unknown_partitions,
    memberCount: row.member_count,
  };
}

/** Lag of several groups in steps, for sparklines: the highest and the last of each step in which something changed, and (`at` null) how a group stood before the first. */
export async function readTrends(on: Statements, clusterId: number, groups: readonly string[], from: Date, stepSeconds: number): Promise<{ name: string; at: Date | null; highest: bigint | null; last: bigint | null }[]> {
  return on.query(
    `select g.name, to_timestamp(floor(extract(epoch from m.minute) / $4) * $4) as at, max(m.lag_max) as highest, (array_agg(m.lag_last order by m.minute desc))[1] as last
     from consumer_group g join group_minute m on m.group_id = g.id
     where g.cluster_id = $1 and g.name = any($2::text[]) and m.minute >= $3 group by 1, 2
     union all
     select g.name, null, b.lag_last, b.lag_last from consumer_group g
     cross join lateral (select lag_last from group_minute where group_id = g.id and minute < $3 and minute >= $3::timestamptz - interval '4 days' order by minute desc limit 1) b
     where g.cluster_id = $1 and g.name = any($2::text[])
     order by 1, 2 nulls first`,
    [clusterId, groups, from, stepSeconds],
  );
}
