import type { Statements } from '../store.ts';
import { IS_REPLAYING } from './current-state.ts';

export interface FailureRow {
  id: string;
  cluster: string;
  errorClass: string | null;
  rootClass: string | null;
  frame: string | null;
  message: string | null;
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

const COLUMNS = `f.id, c.name as cluster, f.error_class as "errorClass", f.root_class as "rootClass", f.frame, f.message, f.sample_topic_id as "sampleTopicId", f.sample_partition as "samplePartition",
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
  /** Hour of arrival; null for all hours before `from`. */
  hour: Date | null;
  count: number;
  lastIngestedAt: Date;
  lastStateAt: Date;
}

/**
 * The rows of these failures counted by state and hour of arrival since `from`: answered from one index, whatever their number. Those that a
 * replay holds are few; they are counted on their own and taken off the state that their row names.
 */
export async function countFailureRows(on: Statements, ids: readonly string[], from: Date): Promise<FailureCount[]> {
  return on.query<FailureCount>(
    `with counted as (
       select failure_id, state, case when ingested_at >= $2 then date_trunc('hour', ingested_at) end as hour, count(*) as count, max(ingested_at) as ingested_at, max(state_at) as state_at
       from dead_letter where failure_id = any($1) group by 1, 2, 3),
     held as materialized (
       select d.failure_id, d.state, case when d.ingested_at >= $2 then date_trunc('hour', d.ingested_at) end as hour, count(*) as count, max(d.ingested_at) as ingested_at, max(d.state_at) as state_at
       from replay_item o join dead_letter d on d.topic_id = o.topic_id and d.partition = o.partition and d."offset" = o."offset" where not o.final and d.failure_id = any($1) group by 1, 2, 3)
     select failure_id as "failureId", state, hour, sum(count)::int as count, max(ingested_at) as "lastIngestedAt", max(state_at) as "lastStateAt"
     from (select * from counted
       union all select failure_id, state, hour, -count, null, null from held
       union all select failure_id, 'replaying', hour, count, ingested_at, state_at from held) as x
     group by 1, 2, 3 having sum(count) > 0`,
    [ids, from],
  );
}

export interface FailurePlace {
  failureId: string;
  topics: string[];
  originTopics: (string | null)[];
  originGroups: (string | null)[];
  expiresAt: Date | null;
}

/** Where these failures happen, by the newest 40 rows of each, and when the broker takes the first row that still waits. */
export async function readFailurePlaces(on: Statements, ids: readonly string[]): Promise<FailurePlace[]> {
  return on.query<FailurePlace>(
    `select n.id as "failureId", p.topics, p.origin_topics as "originTopics", p.origin_groups as "originGroups", e.expires_at as "expiresAt"
     from unnest($1::text[]) as n(id)
     cross join lateral (
       select array_agg(distinct t.name) as topics, array_agg(distinct r.origin_topic) as origin_topics, array_agg(distinct r.origin_group) as origin_groups
       from (select topic_id, origin_topic, origin_group from dead_letter d where d.failure_id = n.id order by d.seq desc limit 40) r join topic t on t.id = r.topic_id) p
     left join lateral (
       select d.expires_at from dead_letter d where d.failure_id = n.id and d.state in ('new', 'failed-again') and not ${IS_REPLAYING} and d.expires_at > now() order by d.seq limit 1) e on true`,
    [ids],
  );
}
