import type { Statements } from '../store.ts';

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

export interface FailurePart {
  failureId: string;
  state: string;
  topic: string;
  originTopic: string | null;
  originGroup: string | null;
  count: number;
  lastAt: Date;
  expiresAt: Date | null;
}

/** The rows of these failures counted by state, topic, origin and group. */
export async function countFailureParts(on: Statements, ids: readonly string[]): Promise<FailurePart[]> {
  return on.query<FailurePart>(
    `select d.failure_id as "failureId", d.state, t.name as topic, d.origin_topic as "originTopic", d.origin_group as "originGroup", count(*)::int as count,
       max(case when d.state in ('new', 'failed-again') then d.ingested_at else d.state_at end) as "lastAt", min(d.expires_at) as "expiresAt"
     from dead_letter d join topic t on t.id = d.topic_id where d.failure_id = any($1) group by 1, 2, 3, 4, 5`,
    [ids],
  );
}

/** New rows an hour of these failures since `from`; hours without any are absent. */
export async function countFailureHours(on: Statements, ids: readonly string[], from: Date): Promise<{ failureId: string; hour: Date; count: number }[]> {
  return on.query(
    `select d.failure_id as "failureId", date_trunc('hour', d.ingested_at) as hour, count(*)::int as count from dead_letter d where d.failure_id = any($1) and d.ingested_at >= $2 group by 1, 2`,
    [ids, from],
  );
}
