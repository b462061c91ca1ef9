import type { Statements } from '../store.ts';

export interface JourneyListRow {
  id: string;
  key: string | null;
  keyBy: string | null;
  state: string;
  verdict: string;
  entryType: string | null;
  lastHop: string | null;
  hopCount: number;
  startedAt: Date;
  lastActivityAt: Date;
  /** How it stands to the path of its entry type; all null where that is not learned yet. */
  expected: number | null;
  done: number | null;
  missing: string[] | null;
  extra: number | null;
  slowStep: string | null;
  slowOverMs: number | null;
}

const columns = `j.id, j.key, j.key_by as "keyBy", j.state, j.verdict, j.entry_type as "entryType", j.last_hop as "lastHop", j.hop_count as "hopCount", j.started_at as "startedAt", j.last_activity_at as "lastActivityAt",
  d.expected, d.done, d.missing, d.extra, d.slow_step as "slowStep", d.slow_over_ms as "slowOverMs"`;
const rows = 'journey j left join journey_deviation d on d.journey_id = j.id';

/** The journey that a merged id leads to, or null where it was never merged. */
export async function findAlias(on: Statements, id: string): Promise<string | null> {
  const [row] = await on.query<{ journeyId: string }>('select journey_id as "journeyId" from journey_alias where id = $1', [id]);
  return row?.journeyId ?? null;
}

/** Journeys that own one of these references, the latest first. */
export async function findByReferences(on: Statements, references: readonly string[], limit: number): Promise<JourneyListRow[]> {
  if (references.length === 0) return [];
  return on.query<JourneyListRow>(
    `select ${columns} from ${rows} where j.id in (select journey_id from journey_member where (by, ref) in (select split_part(ref, ':', 1), ref from unnest($1::text[]) as given (ref)))
     order by j.last_activity_at desc limit $2`, [references, limit]);
}

/** Journeys with a hop at `topic:partition@offset`, in whichever cluster and incarnation of the topic. */
export async function findByCoordinate(on: Statements, at: { topic: string; partition: number; offset: bigint }, limit: number): Promise<JourneyListRow[]> {
  const clusters = await on.query<{ id: number }>('select id from cluster limit 64');
  const references = ['', ...clusters.map((cluster) => String(cluster.id))].flatMap((cluster) => [0, 1, 2, 3, 4].map((incarnation) => `at:${cluster}:${incarnation}:${at.topic}:${at.partition}@${at.offset}`));
  return findByReferences(on, references, limit);
}

/** Spans of a trace that a journey may own a reference of, and the keys they carry. */
export async function findInTrace(on: Statements, traceId: string, limit: number): Promise<{ spanId: string; key: string | null; topic: string | null; partition: number | null; offset: bigint | null; links: number }[]> {
  return on.query(
    `select encode(span_id, 'hex') as "spanId", journey_key as key, topic, partition, "offset", coalesce(jsonb_array_length(links), 0) as links from span where trace_id = decode($1, 'hex') order by start_ns limit $2`, [traceId, limit]);
}

/** Traces in which a span carries the key: a request's own id names it without being a journey's. */
export async function findTracesOfKey(on: Statements, key: string, limit: number): Promise<string[]> {
  const rows = await on.query<{ traceId: string }>(`select distinct encode(trace_id, 'hex') as "traceId" from span where journey_key = $1 limit $2`, [key, limit]);
  return rows.map((row) => row.traceId);
}

/** One journey. */
export async function findById(on: Statements, id: string): Promise<JourneyListRow | null> {
  const [row] = await on.query<JourneyListRow>(`select ${columns} from ${rows} where j.id = $1`, [id]);
  return row ?? null;
}

export interface JourneyFilter {
  states: readonly string[] | null;
  entryType?: string | null;
  /** A step that it misses; "any": whichever. */
  missing?: string | null;
  /** … and when that step's time was over. */
  missedSince?: Date | null;
  /** With a hop that its path never had, or one that took too long. */
  deviation?: 'extra' | 'slow' | null;
  before: { at: Date; id: string } | null;
  limit: number;
}

/** A page of journeys, the latest activity first. Only the conditions that are asked for are in the statement, so that each finds its index. */
export async function listRows(on: Statements, filter: JourneyFilter): Promise<JourneyListRow[]> {
  const params: unknown[] = [];
  const conditions: string[] = [];
  const param = (value: unknown) => `$${params.push(value)}`;
  if (filter.states !== null) conditions.push(`j.state = any(${param(filter.states)}::text[])`);
  if (filter.entryType) conditions.push(`j.entry_type = ${param(filter.entryType)}`);
  if (filter.missing || filter.missedSince) conditions.push('d.missed_at is not null');
  if (filter.missing && filter.entryType) conditions.push(`d.entry_type = ${param(filter.entryType)}`);
  if (filter.missing && filter.missing !== 'any') conditions.push(`d.missing @> array[${param(filter.missing)}::text]`);
  if (filter.missedSince) conditions.push(`d.missed_at > ${param(filter.missedSince)}`);
  if (filter.deviation === 'extra') conditions.push('d.extra > 0');
  if (filter.deviation === 'slow') conditions.push('d.slow_step is not null');
  if (filter.before !== null) conditions.push(`(j.last_activity_at, j.id) < (${param(filter.before.at)}::timestamptz, ${param(filter.before.id)}::uuid)`);
  return on.query<JourneyListRow>(
    `select ${columns} from ${rows}${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`} order by j.last_activity_at desc, j.id desc limit ${param(filter.limit)}`, params);
}

/** Journeys by state with activity since `since`. */
export async function countByState(on: Statements, since: Date): Promise<{ state: string; count: number }[]> {
  return on.query('select state, count(*)::int as count from journey where last_activity_at > $1 group by state order by state', [since]);
}
