import { randomUUID } from 'node:crypto';
import type { Severity } from '#lib/model/alert.ts';
import type { Detected, Example, FindingFact, FindingKind, FindingState, KeptFinding, Look } from '#lib/model/hygiene.ts';
import type { Statements } from '../store.ts';

export interface KeptRow extends KeptFinding {
  id: string;
}

/** The findings of a cluster, locked until the transaction ends, so that two detectors never settle the same. */
export async function lockFindings(tx: Statements, clusterId: number): Promise<KeptRow[]> {
  const rows = await tx.query<{ id: string; kind: FindingKind; topic: string; group_name: string; service: string; state: FindingState; opened_at: Date; detected_at: Date; resolved_at: Date | null }>(
    'select id, kind, topic, group_name, service, state, opened_at, detected_at, resolved_at from hygiene_finding where cluster_id = $1 order by id for update',
    [clusterId],
  );
  return rows.map((row) => ({ id: row.id, kind: row.kind, subject: { topic: row.topic || null, group: row.group_name || null, service: row.service || null }, state: row.state, openedAt: row.opened_at, detectedAt: row.detected_at, resolvedAt: row.resolved_at }));
}

/** Writes what was found; a finding of this kind and subject that is there already gets the new evidence. `openedAt` null: it goes on from when it was opened. */
export async function writeFindings(tx: Statements, clusterId: number, found: readonly { found: Detected; openedAt: Date | null }[], now: Date): Promise<void> {
  if (found.length === 0) return;
  await tx.execute(
    `insert into hygiene_finding as f (id, cluster_id, kind, topic, group_name, service, severity, state, sentence, facts, examples, opened_at, seen_at, detected_at)
     select id, $1, kind, topic, group_name, service, severity, 'open', sentence, facts, examples, coalesce(opened_at, $2), seen_at, $2
     from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::jsonb[], $12::timestamptz[], $13::timestamptz[]) as n(id, kind, topic, group_name, service, severity, sentence, facts, examples, opened_at, seen_at)
     on conflict (cluster_id, kind, topic, group_name, service) do update set severity = excluded.severity, state = 'open', sentence = excluded.sentence, facts = excluded.facts, examples = excluded.examples,
       opened_at = case when f.state = 'open' then f.opened_at else excluded.opened_at end, seen_at = greatest(excluded.seen_at, case when f.state = 'open' then f.seen_at end), detected_at = excluded.detected_at, resolved_at = null`,
    [
      clusterId, now, found.map(() => randomUUID()), found.map((one) => one.found.kind), found.map((one) => one.found.subject.topic ?? ''), found.map((one) => one.found.subject.group ?? ''), found.map((one) => one.found.subject.service ?? ''),
      found.map((one) => one.found.severity), found.map((one) => one.found.sentence), found.map((one) => JSON.stringify(one.found.facts)), found.map((one) => JSON.stringify(one.found.examples)), found.map((one) => one.openedAt), found.map((one) => one.found.lastSeen),
    ],
  );
}

export async function resolveFindings(tx: Statements, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length > 0) await tx.execute(`update hygiene_finding set state = 'resolved', resolved_at = $2 where id = any($1::uuid[]) and state = 'open'`, [ids, now]);
}

/** Notes when each detector looked, and what it could not know. */
export async function writeLooks(tx: Statements, clusterId: number, looks: readonly Look[], now: Date): Promise<void> {
  await tx.execute(
    `insert into hygiene_look (cluster_id, kind, looked_at, subjects, unknown) select $1, kind, $2, subjects, unknown from unnest($3::text[], $4::int[], $5::text[]) as n(kind, subjects, unknown)
     on conflict (cluster_id, kind) do update set looked_at = excluded.looked_at, subjects = excluded.subjects, unknown = excluded.unknown`,
    [clusterId, now, looks.map((look) => look.kind), looks.map((look) => look.subjects), looks.map((look) => look.unknown)],
  );
}

export interface FindingRow {
  id: string;
  cluster: string;
  kind: FindingKind;
  topic: string;
  group: string;
  service: string;
  severity: Severity;
  state: FindingState;
  sentence: string;
  facts: FindingFact[];
  examples: Example[];
  openedAt: Date;
  seenAt: Date;
  detectedAt: Date;
  resolvedAt: Date | null;
  mutedUntil: Date | null;
  mutedReason: string | null;
  mutedBy: string | null;
  mutedAt: Date | null;
}

const COLUMNS = `f.id, c.name as cluster, f.kind, f.topic, f.group_name as "group", f.service, f.severity, f.state, f.sentence, f.facts, f.examples, f.opened_at as "openedAt", f.seen_at as "seenAt", f.detected_at as "detectedAt", f.resolved_at as "resolvedAt",
  f.muted_until as "mutedUntil", f.muted_reason as "mutedReason", f.muted_by as "mutedBy", f.muted_at as "mutedAt"`;

export interface FindingsFilter {
  cluster: string | null;
  kinds: readonly FindingKind[];
  severities: readonly Severity[];
  /** Part of the topic's, group's or service's name. */
  search: string;
  state: 'open' | 'muted' | 'resolved' | 'all';
}

const WHERE = `($1::text is null or c.name = $1) and (cardinality($2::text[]) = 0 or f.kind = any($2)) and (cardinality($3::text[]) = 0 or f.severity = any($3)) and ($4::text is null or f.topic ilike $4 or f.group_name ilike $4 or f.service ilike $4)`;
const STATE = `case when f.state = 'resolved' then 'resolved' when f.muted_until > $5 then 'muted' else 'open' end`;

function params(filter: FindingsFilter, now: Date): unknown[] {
  return [filter.cluster, filter.kinds, filter.severities, filter.search === '' ? null : `%${filter.search.replaceAll(/[\\%_]/g, '\\$&')}%`, now];
}

/** Findings, worst first: open before muted before resolved, then by severity, the longest open first. */
export async function readFindings(on: Statements, filter: FindingsFilter, now: Date, page: { limit: number; offset: number }): Promise<FindingRow[]> {
  return on.query<FindingRow>(
    `select ${COLUMNS} from hygiene_finding f join cluster c on c.id = f.cluster_id where ${WHERE} and ($6 = 'all' or ${STATE} = $6)
     order by array_position(array['open', 'muted', 'resolved'], ${STATE}), array_position(array['critical', 'warning', 'info'], f.severity), case when f.state = 'resolved' then f.resolved_at end desc, f.opened_at, f.id limit $7 offset $8`,
    [...params(filter, now), filter.state, page.limit, page.offset],
  );
}

/** How many findings there are of each kind, severity and state: for filters and totals. */
export async function countFindings(on: Statements, filter: FindingsFilter, now: Date): Promise<{ kind: FindingKind; severity: Severity; state: 'open' | 'muted' | 'resolved'; count: number }[]> {
  return on.query(`select f.kind, f.severity, ${STATE} as state, count(*)::int as count from hygiene_finding f join cluster c on c.id = f.cluster_id where ${WHERE} group by 1, 2, 3`, params(filter, now));
}

export async function readFinding(on: Statements, id: string): Promise<FindingRow | null> {
  const [row] = await on.query<FindingRow>(`select ${COLUMNS} from hygiene_finding f join cluster c on c.id = f.cluster_id where f.id = $1`, [id]);
  return row ?? null;
}

export interface MuteRow {
  cluster: string;
  mutedUntil: Date | null;
  mutedReason: string | null;
}

/** A finding's mute, locked until the transaction ends; null where there is no such finding. */
export async function lockMute(tx: Statements, id: string): Promise<MuteRow | null> {
  const [row] = await tx.query<MuteRow>('select c.name as cluster, f.muted_until as "mutedUntil", f.muted_reason as "mutedReason" from hygiene_finding f join cluster c on c.id = f.cluster_id where f.id = $1 for update of f', [id]);
  return row ?? null;
}

export async function writeMute(tx: Statements, id: string, mute: { until: Date; reason: string; by: string; at: Date } | null): Promise<void> {
  await tx.execute('update hygiene_finding set muted_until = $2, muted_reason = $3, muted_by = $4, muted_at = $5 where id = $1', [id, mute?.until ?? null, mute?.reason ?? null, mute?.by ?? null, mute?.at ?? null]);
}

export interface LookRow {
  cluster: string;
  kind: FindingKind;
  lookedAt: Date;
  subjects: number;
  unknown: string | null;
}

export async function readLooks(on: Statements, cluster: string | null): Promise<LookRow[]> {
  return on.query<LookRow>('select c.name as cluster, l.kind, l.looked_at as "lookedAt", l.subjects, l.unknown from hygiene_look l join cluster c on c.id = l.cluster_id where $1::text is null or c.name = $1 order by c.name, l.kind', [cluster]);
}
