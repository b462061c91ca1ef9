import { IS_REPLAYING } from '../dead-letters/current-state.ts';
import type { Statements } from '../store.ts';
import { OF_CLUSTER } from './list-active.ts';

export interface GroupCountRow {
  status: string;
  count: number;
}

export interface UrgentGroupRow {
  cluster: string;
  name: string;
  status: string;
  status_since: Date | null;
  lag: bigint | null;
  lag_seconds: number | null;
  lag_seconds_quality: string | null;
  topics: string[];
}

/** Groups by status. */
export async function countGroupsByStatus(on: Statements, cluster: string | null): Promise<GroupCountRow[]> {
  return on.query<GroupCountRow>(
    `select g.status, count(*)::int as count from consumer_group g join cluster c on c.id = g.cluster_id
      where g.deleted_at is null and ($1::text is null or c.name = $1) group by g.status`,
    [cluster],
  );
}

/** Groups a person should look at, the most urgent first, with their latest minute; at most `limit`. */
export async function listUrgentGroups(on: Statements, input: { cluster: string | null; statuses: readonly string[]; now: Date; limit: number }): Promise<UrgentGroupRow[]> {
  return on.query<UrgentGroupRow>(
    `select c.name as cluster, g.name, g.status, g.status_since, m.lag_last as lag, m.lag_seconds_last as lag_seconds, m.lag_seconds_quality,
            coalesce(p.topics, '{}') as topics
       from consumer_group g
       join cluster c on c.id = g.cluster_id
       left join lateral (select lag_last, lag_seconds_last, lag_seconds_quality from group_minute
                           where group_id = g.id and minute > $3::timestamptz - interval '15 minutes' order by minute desc limit 1) m on true
       left join lateral (select array_agg(distinct t.name) as topics from group_partition_offset o join topic t on t.id = o.topic_id
                           where o.group_id = g.id and o.status = g.status) p on true
      where g.deleted_at is null and ($1::text is null or c.name = $1) and g.status = any($2)
      order by array_position($2, g.status), m.lag_seconds_last desc nulls last, g.name
      limit $4`,
    [input.cluster, input.statuses, input.now, input.limit],
  );
}

export interface UrgentFailureRow {
  id: string;
  cluster: string;
  error_class: string | null;
  message: string | null;
  frame: string | null;
  fresh: number;
  first_seen_at: Date;
  last_seen_at: Date;
  topics: string[];
  /** Such causes in all. */
  causes: number;
}

/** Causes with dead letters nobody has dealt with, those with most of them first; at most `limit`. Counts stop at 10,000. */
export async function listUrgentFailures(on: Statements, input: { cluster: string | null; now: Date; limit: number }): Promise<UrgentFailureRow[]> {
  return on.query<UrgentFailureRow>(
    `select f.id, c.name as cluster, coalesce(f.error_class, f.root_class) as error_class, f.message, f.frame, d.fresh, f.first_seen_at, f.last_seen_at, d.topics, (count(*) over ())::int as causes
       from failure f
       join cluster c on c.id = f.cluster_id
       join lateral (select count(*)::int as fresh, coalesce(array_agg(distinct t.name), '{}') as topics
                       from (select d.topic_id from dead_letter d where d.failure_id = f.id and d.state in ('new', 'failed-again') and not ${IS_REPLAYING} limit 10000) x
                       join topic t on t.id = x.topic_id) d on d.fresh > 0
      where (f.muted_until is null or f.muted_until < $2) and ($1::text is null or c.name = $1)
      order by d.fresh desc, f.last_seen_at desc limit $3`,
    [input.cluster, input.now, input.limit],
  );
}

export interface OverviewCounts {
  dead_letters_new: number;
  dead_letter_last: Date | null;
  replays_running: number;
  alerts_firing: number;
  journeys_hour: number;
  journeys_done: number;
  journeys_stuck: number;
}

/** Figures of the overview in one round trip. Counts of large tables are bounded by 100,000 rows. */
export async function readOverviewCounts(on: Statements, input: { cluster: string | null; now: Date }): Promise<OverviewCounts> {
  const [row] = await on.query<OverviewCounts>(
    `select
       (select count(*)::int from (select 1 from dead_letter d join cluster c on c.id = d.cluster_id
          where d.state in ('new', 'failed-again') and not ${IS_REPLAYING} and ($1::text is null or c.name = $1) limit 100000) x) as dead_letters_new,
       (select max(coalesce(d.timestamp, d.ingested_at)) from (select timestamp, ingested_at from dead_letter d join cluster c on c.id = d.cluster_id
          where ($1::text is null or c.name = $1) order by d.seq desc limit 100) d) as dead_letter_last,
       (select count(*)::int from replay r where r.state in ('queued', 'running', 'canary', 'paused') and ($1::text is null or r.cluster_id = (select id from cluster where name = $1))) as replays_running,
       (select count(*)::int from alert a where coalesce(a.held_phase, a.state) in ('firing', 'recovering') and ${OF_CLUSTER}) as alerts_firing,
       j.total as journeys_hour, j.done as journeys_done, j.stuck as journeys_stuck
     from (select count(*)::int as total, (count(*) filter (where state in ('done', 'replayed')))::int as done, (count(*) filter (where state in ('stuck', 'failed')))::int as stuck
             from (select state from journey where last_activity_at > $2::timestamptz - interval '1 hour' limit 100000) x) j`,
    [input.cluster, input.now],
  );
  if (!row) throw new Error('a statement without a from clause gave no row');
  return row;
}

/** New dead letters an hour over the last day, the oldest first. */
export async function readDeadLetterTrend(on: Statements, input: { cluster: string | null; now: Date }): Promise<number[]> {
  const rows = await on.query<{ count: number }>(
    `select coalesce(d.count, 0)::int as count
       from generate_series(date_trunc('hour', $2::timestamptz, 'UTC') - interval '23 hours', date_trunc('hour', $2::timestamptz, 'UTC'), interval '1 hour') h
       left join (select date_trunc('hour', d.ingested_at, 'UTC') as hour, count(*) as count from dead_letter d join cluster c on c.id = d.cluster_id
                   where d.ingested_at > $2::timestamptz - interval '24 hours' and ($1::text is null or c.name = $1) group by 1) d on d.hour = h
      order by h`,
    [input.cluster, input.now],
  );
  return rows.map((row) => row.count);
}

/** The groups that are furthest behind now, the worst first. */
export async function listWorstGroups(on: Statements, input: { cluster: string | null; groups: number }): Promise<{ cluster: string; name: string }[]> {
  return on.query<{ cluster: string; name: string }>(
    `select c.name as cluster, g.name from group_figures f join consumer_group g on g.id = f.group_id and g.deleted_at is null join cluster c on c.id = g.cluster_id
      where f.lag > 0 and ($1::text is null or c.name = $1) order by f.oldest_at nulls last, f.lag desc, g.name limit $2`,
    [input.cluster, input.groups],
  );
}
