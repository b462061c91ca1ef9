import type { Statements } from '../store.ts';

export interface DeviationRow {
  journeyId: string;
  entryType: string;
  version: number;
  expected: number;
  done: number;
  missing: string[];
  brokenOff: string[];
  missedAt: Date | null;
  extra: number;
  slowStep: string | null;
  slowOverMs: number | null;
}

/**
 * Writes how journeys stand to their paths, and lets go of what is noted of journeys that were merged into others.
 * Once a journey misses something, the moment stays, however the path's times are learned anew.
 */
export async function saveDeviations(on: Statements, rows: readonly DeviationRow[], gone: readonly string[]): Promise<void> {
  if (gone.length > 0) await on.execute('delete from journey_deviation where journey_id = any($1::uuid[])', [gone]);
  if (rows.length === 0) return;
  const sorted = rows.toSorted((a, b) => (a.journeyId < b.journeyId ? -1 : 1));
  // Lists of lists do not fit unnest: each row's steps go as one JSON text.
  await on.execute(
    `insert into journey_deviation as d (journey_id, entry_type, version, expected, done, missing, broken_off, missed_at, extra, slow_step, slow_over_ms)
     select id, type, version, expected, done, array(select jsonb_array_elements_text(missing)), array(select jsonb_array_elements_text(broken_off)), missed_at, extra, slow_step, slow_over_ms
     from unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[], $6::jsonb[], $7::jsonb[], $8::timestamptz[], $9::int[], $10::text[], $11::float8[])
       as given (id, type, version, expected, done, missing, broken_off, missed_at, extra, slow_step, slow_over_ms)
     on conflict (journey_id) do update set entry_type = excluded.entry_type, version = excluded.version, expected = excluded.expected, done = excluded.done, missing = excluded.missing,
       broken_off = excluded.broken_off, missed_at = case when excluded.missed_at is null then null else coalesce(d.missed_at, excluded.missed_at) end, extra = excluded.extra, slow_step = excluded.slow_step,
       slow_over_ms = excluded.slow_over_ms
     where (d.entry_type, d.version, d.expected, d.done, d.missing, d.broken_off, d.missed_at is null, d.extra, d.slow_step, d.slow_over_ms) is distinct from
       (excluded.entry_type, excluded.version, excluded.expected, excluded.done, excluded.missing, excluded.broken_off, excluded.missed_at is null, excluded.extra, excluded.slow_step, excluded.slow_over_ms)`,
    [
      sorted.map((row) => row.journeyId), sorted.map((row) => row.entryType), sorted.map((row) => row.version), sorted.map((row) => row.expected), sorted.map((row) => row.done),
      sorted.map((row) => JSON.stringify(row.missing)), sorted.map((row) => JSON.stringify(row.brokenOff)), sorted.map((row) => row.missedAt), sorted.map((row) => row.extra), sorted.map((row) => row.slowStep),
      sorted.map((row) => row.slowOverMs),
    ],
  );
}

/** Steps that are no longer expected are missed by no journey. The figures of each come with its next look. */
export async function forgetMissing(on: Statements, entryType: string, steps: readonly string[]): Promise<void> {
  if (steps.length === 0) return;
  await on.execute(
    `update journey_deviation d set missing = rest.missing, broken_off = rest.broken_off, missed_at = case when rest.missing = '{}' then null else d.missed_at end, expected = greatest(d.done, d.expected - (cardinality(d.missing) - cardinality(rest.missing)))
     from (select journey_id, array(select step from unnest(missing) step where step <> all($2::text[])) as missing, array(select step from unnest(broken_off) step where step <> all($2::text[])) as broken_off
           from journey_deviation where entry_type = $1 and missed_at is not null and missing && $2::text[]) rest
     where d.journey_id = rest.journey_id`, [entryType, steps]);
}

/** Puts the latest journeys of an entry type on the clock's list: what is expected of them has changed. */
export async function checkAgain(on: Statements, entryType: string, since: Date, now: Date, limit: number): Promise<number> {
  return on.execute(
    `update journey set next_check_at = $3 where id in (
       select id from journey where entry_type = $1 and last_activity_at > $2 and (next_check_at is null or next_check_at > $3) order by last_activity_at desc limit $4)`, [entryType, since, now, limit]);
}

export interface MissedFigures {
  entryType: string;
  step: string;
  journeys: number;
  /** Of them those whose path breaks off there: nothing else missing explains it. */
  brokenOff: number;
}

/** How many journeys missed which step since a moment. */
export async function countMissed(on: Statements, since: Date, until: Date): Promise<MissedFigures[]> {
  return on.query<MissedFigures>(
    `select d.entry_type as "entryType", step, count(*)::int as journeys, (count(*) filter (where step = any(d.broken_off)))::int as "brokenOff"
     from journey_deviation d cross join unnest(d.missing) step where d.missed_at is not null and d.missed_at > $1 and d.missed_at <= $2 group by 1, 2 order by 1, 2 limit 2000`, [since, until]);
}

export interface DeviationCounts {
  entryType: string;
  journeys: number;
  missing: number;
  extra: number;
  slow: number;
}

/** The journeys with the latest activity since a moment by entry type, at most `limit` in all, and how many of them deviate. */
export async function countDeviating(on: Statements, since: Date, limit: number): Promise<DeviationCounts[]> {
  return on.query<DeviationCounts>(
    `select d.entry_type as "entryType", count(*)::int as journeys, (count(*) filter (where d.missed_at is not null))::int as missing, (count(*) filter (where d.extra > 0))::int as extra,
       (count(*) filter (where d.slow_step is not null))::int as slow
     from (select id from journey where last_activity_at > $1 order by last_activity_at desc limit $2) j join journey_deviation d on d.journey_id = j.id group by 1`, [since, limit]);
}
