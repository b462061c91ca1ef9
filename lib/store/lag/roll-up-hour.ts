import type { Statements } from '../store.ts';

const HOUR_MS = 3_600_000;

/** An hour is rolled up again while minutes may still come late: collectors write the minute under way, and their clocks differ. */
const LATE_MS = 10 * 60_000;

/** Full hours before `now` that have minutes and were not rolled up since the last of them could come, oldest first. */
export async function readHoursToRollUp(on: Statements, now: Date, limit: number): Promise<Date[]> {
  const end = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  // Days far apart would be read whole for the sake of an hour: what is rolled up is known, so the minutes after it are all there is to look at.
  const rows = await on.query<{ hour: Date }>(
    `with begun as (select coalesce((select min(minute) from group_lag_minute), $1) as at)
     select h.hour from begun, generate_series(date_trunc('hour', begun.at at time zone 'UTC') at time zone 'UTC', $1::timestamptz - interval '1 hour', interval '1 hour') as h(hour)
     where not exists (select 1 from lag_rollup r where r.hour = h.hour and r.rolled_at >= h.hour + interval '1 hour' + $2::float8 * interval '1 millisecond')
     order by 1 limit $3`,
    [end, LATE_MS, limit],
  );
  return rows.map((row) => row.hour);
}

/**
 * Rolls the minutes of one hour up, for all groups: highest and last figures, mean rates. A group without a minute in the hour stayed as
 * it was and gets no row; what it stood at when the hour began counts for the highest. Doing it again, with minutes that came late or
 * after a crash, gives the same rows. Run it in a transaction.
 * @returns groups with a row
 */
export async function rollUpHour(tx: Statements, hour: Date, now: Date): Promise<number> {
  const end = new Date(hour.getTime() + HOUR_MS);
  const rows = await tx.execute(
    `with inside as (
       select m.*, extract(epoch from coalesce(lead(minute) over own, $2) - minute) as held,
         row_number() over (partition by group_id order by minute desc) as back, min(minute) over (partition by group_id) as begun
       from group_lag_minute m where minute >= $1 and minute < $2 window own as (partition by group_id order by minute)
     ), before as (
       select i.group_id, b.lag_last, b.lag_seconds_last from (select distinct group_id, begun from inside) i
       cross join lateral (select lag_last, lag_seconds_last from group_lag_minute b where b.group_id = i.group_id and b.minute < $1 and b.minute >= $1::timestamptz - interval '4 days' order by b.minute desc limit 1) b
       where i.begun > $1
     )
     insert into group_lag_hour as h (group_id, hour, lag_max, lag_last, lag_seconds_max, lag_seconds_last, lag_seconds_quality, produced_per_second, consumed_per_second, status, unknown_partitions, member_count)
     select i.group_id, $1, greatest(max(i.lag_max), max(b.lag_last)), max(i.lag_last) filter (where back = 1),
       greatest(max(i.lag_seconds_max), max(b.lag_seconds_last)), max(i.lag_seconds_last) filter (where back = 1), max(i.lag_seconds_quality) filter (where back = 1),
       sum(i.produced_per_second * held) / nullif(sum(held) filter (where i.produced_per_second is not null), 0),
       sum(i.consumed_per_second * held) / nullif(sum(held) filter (where i.consumed_per_second is not null), 0),
       max(i.status) filter (where back = 1), max(i.unknown_partitions), max(i.member_count) filter (where back = 1)
     from inside i left join before b on b.group_id = i.group_id group by i.group_id
     on conflict (group_id, hour) do update set lag_max = excluded.lag_max, lag_last = excluded.lag_last, lag_seconds_max = excluded.lag_seconds_max, lag_seconds_last = excluded.lag_seconds_last,
       lag_seconds_quality = excluded.lag_seconds_quality, produced_per_second = excluded.produced_per_second, consumed_per_second = excluded.consumed_per_second, status = excluded.status,
       unknown_partitions = excluded.unknown_partitions, member_count = excluded.member_count`,
    [hour, end],
  );
  await tx.execute('insert into lag_rollup (hour, rolled_at) values ($1, $2) on conflict (hour) do update set rolled_at = excluded.rolled_at', [hour, now]);
  return rows;
}
