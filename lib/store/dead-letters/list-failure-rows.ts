import type { Statements } from '../store.ts';
import { deadLetterStates } from '#lib/model/dead-letter.ts';
import { IS_REPLAYING } from './current-state.ts';

export interface FailureRow {
  id: string;
  cluster: string;
  errorClass: string | null;
  rootClass: string | null;
  frame: string | null;
  message: string | null;
  payload: string | null;
  sampleTopicId: number;
  samplePartition: number;
  sampleOffset: bigint;
  count: bigint;
  firstSeenAt: Date;
  lastSeenAt: Date;
  note: string | null;
  owner: string | null;
  mutedUntil: Date | null;
}

const COLUMNS = `f.id, c.name as cluster, f.error_class as "errorClass", f.root_class as "rootClass", f.frame, f.message, f.payload, f.sample_topic_id as "sampleTopicId", f.sample_partition as "samplePartition",
  f.sample_offset as "sampleOffset", f.count, f.first_seen_at as "firstSeenAt", f.last_seen_at as "lastSeenAt", f.note, f.owner, f.muted_until as "mutedUntil"`;

/** Failures, last seen first; `before` is (last seen, id) of the last row of the page before. */
export async function listFailureRows(on: Statements, filter: { cluster?: string | undefined; search?: string | undefined; id?: string | undefined }, before: { lastSeenAt: Date; id: string } | null, limit: number): Promise<FailureRow[]> {
  return on.query<FailureRow>(
    `select ${COLUMNS} from failure f join cluster c on c.id = f.cluster_id
     where ($1::text is null or c.name = $1) and ($2::text is null or f.error_class ilike $2 or f.root_class ilike $2 or f.message ilike $2 or f.frame ilike $2) and ($3::text is null or f.id = $3)
       and ($4::timestamptz is null or (f.last_seen_at, f.id) < ($4, $5)) order by f.last_seen_at desc, f.id desc limit $6`,
    [filter.cluster ?? null, filter.search ? `%${filter.search.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%` : null, filter.id ?? null, before?.lastSeenAt ?? null, before?.id ?? null, limit],
  );
}

export interface FailureCount {
  failureId: string;
  state: string;
  count: number;
  lastIngestedAt: Date | null;
  lastStateAt: Date | null;
}

/**
 * The rows of these failures counted by state. How many there are is kept by the ingest; those that left "new" are counted from an index,
 * and the rest is new: a million that nobody touched costs nothing. Those that a replay holds are few, and are taken off their row's state.
 */
export async function countFailureRows(on: Statements, ids: readonly string[]): Promise<FailureCount[]> {
  return on.query<FailureCount>(
    `with totals as (select failure_id, sum(count)::bigint as count from dead_letter_count where failure_id = any($1) group by 1),
     moved as materialized (
       select failure_id, state, count(*) as count, max(ingested_at) as ingested_at, max(state_at) as state_at
       from dead_letter where failure_id = any($1) and state = any($2) group by 1, 2),
     left_new as (select failure_id, sum(count) as count from moved group by 1),
     held as materialized (
       select d.failure_id, d.state, count(*) as count, max(d.ingested_at) as ingested_at, max(d.state_at) as state_at
       from replay_item o join dead_letter d on d.topic_id = o.topic_id and d.partition = o.partition and d."offset" = o."offset" where not o.final and d.failure_id = any($1) group by 1, 2),
     fresh as materialized (
       select t.failure_id, t.count - coalesce(l.count, 0) as count,
         (select max(d.ingested_at) from dead_letter d where d.failure_id = t.failure_id and d.state = 'new') as ingested_at from totals t left join left_new l using (failure_id))
     select failure_id as "failureId", state, sum(count)::int as count, max(ingested_at) as "lastIngestedAt", max(state_at) as "lastStateAt"
     from (select failure_id, 'new' as state, count, ingested_at, ingested_at as state_at from fresh
       union all select * from moved
       union all select failure_id, state, -count, null, null from held
       union all select failure_id, 'replaying', count, ingested_at, state_at from held) as x
     group by 1, 2 having sum(count) > 0`,
    [ids, deadLetterStates.filter((state) => state !== 'new')],
  );
}

/** New rows of these failures by the hour of their arrival, since `from`. */
export async function readFailureHours(on: Statements, ids: readonly string[], from: Date): Promise<{ failureId: string; hour: Date; count: number }[]> {
  return on.query('select failure_id as "failureId", hour, count from failure_hour where failure_id = any($1) and hour >= $2 and count > 0', [ids, from]);
}

export interface FailurePlace {
  failureId: string;
  topics: string[];
  originTopics: (string | null)[];
  originGroups: (string | null)[];
  /** When the broker takes the first row that waits. */
  expiresAt: Date | null;
  /** When the oldest row that waits and whose bytes are kept here arrived. */
  oldestBytesAt: Date | null;
}

/** States in which a row waits for somebody. Literally as in the predicate of dead_letter_expiry_idx. */
const WAITING = `d.state in ('new', 'failed-again')`;

/**
 * Where these failures happen, when the broker takes the first of their rows that waits, and since when their oldest bytes are kept here.
 * @param bytesSince bytes of rows that arrived before it were let go, those of the others are kept; null: not known
 */
export async function readFailurePlaces(on: Statements, ids: readonly string[], bytesSince: Date | null): Promise<FailurePlace[]> {
  const oldest = (state: string) => `(
       select d.ingested_at from dead_letter d where d.failure_id = n.id and d.state = '${state}' and d.ingested_at >= $2::timestamptz and not ${IS_REPLAYING} order by d.ingested_at limit 1)`;
  return on.query<FailurePlace>(
    `select n.id as "failureId", p.topics, p.origin_topics as "originTopics", p.origin_groups as "originGroups",
       (select d.expires_at from dead_letter d where d.failure_id = n.id and ${WAITING} and d.expires_at > now() and not ${IS_REPLAYING} order by d.expires_at limit 1) as "expiresAt",
       least(${oldest('new')}, ${oldest('failed-again')}) as "oldestBytesAt"
     from unnest($1::text[]) as n(id)
     cross join lateral (
       select array_agg(distinct t.name) as topics, array_agg(distinct nullif(c.origin_topic, '')) as origin_topics, array_agg(distinct nullif(c.origin_group, '')) as origin_groups
       from (select * from dead_letter_count c where c.failure_id = n.id and c.count > 0 order by c.count desc limit 200) c join topic t on t.id = c.topic_id) p`,
    [ids, bytesSince],
  );
}
