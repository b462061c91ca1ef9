import type { ExpectedPath, PathLearning, PathShift, StepEdit, StepRequirement } from '#lib/model/expected-path.ts';
import { STEP_REQUIREMENTS } from '#lib/model/expected-path.ts';
import type { Statements } from '../store.ts';

export interface ExpectedPathRow {
  path: ExpectedPath;
  edits: StepEdit[];
  learnedAt: Date;
}

/** So many are kept: entry types beyond this are no types of events. */
export const MOST_PATHS = 500;

/** The paths of these entry types with people's edits of their steps; null: of all, those learned last first. */
export async function readPaths(on: Statements, entryTypes: readonly string[] | null): Promise<ExpectedPathRow[]> {
  if (entryTypes?.length === 0) return [];
  const rows = await on.query<{ entryType: string; path: ExpectedPath; learnedAt: Date }>(
    `select entry_type as "entryType", path, learned_at as "learnedAt" from expected_path where $1::text[] is null or entry_type = any($1::text[]) order by learned_at desc, entry_type limit $2`, [entryTypes, MOST_PATHS]);
  const edits = await readEdits(on, rows.map((row) => row.entryType));
  return rows.map(({ entryType, path, learnedAt }) => ({ path, edits: edits.get(entryType) ?? [], learnedAt }));
}

/** p95 of how long journeys of these entry types take, ms; only of paths that are learned from enough of them. */
export async function readUsualDurations(on: Statements, entryTypes: readonly string[], enough: number): Promise<Map<string, number>> {
  if (entryTypes.length === 0) return new Map();
  const rows = await on.query<{ type: string; p95Ms: number }>(`select entry_type as type, (path->>'durationP95Ms')::float8 as "p95Ms" from expected_path where entry_type = any($1::text[]) and journeys >= $2`, [entryTypes, enough]);
  return new Map(rows.map((row) => [row.type, row.p95Ms]));
}

/** People's edits by entry type. */
export async function readEdits(on: Statements, entryTypes: readonly string[]): Promise<Map<string, StepEdit[]>> {
  const byType = new Map<string, StepEdit[]>();
  if (entryTypes.length === 0) return byType;
  const rows = await on.query<{ entry_type: string; step_id: string; kind: 'send' | 'process'; service: string | null; group_name: string | null; topic: string | null; requirement: string; edited_by: string; edited_at: Date }>(
    'select entry_type, step_id, kind, service, group_name, topic, requirement, edited_by, edited_at from expected_step_edit where entry_type = any($1::text[]) order by entry_type, step_id limit 10000', [entryTypes]);
  for (const row of rows) {
    const requirement = STEP_REQUIREMENTS.find((each) => each === row.requirement);
    if (requirement === undefined) continue;
    const edit: StepEdit = { id: row.step_id, kind: row.kind, service: row.service, group: row.group_name, topic: row.topic, requirement, by: row.edited_by, atMs: row.edited_at.getTime() };
    const list = byType.get(row.entry_type);
    if (list === undefined) byType.set(row.entry_type, [edit]);
    else list.push(edit);
  }
  return byType;
}

/** What was learned so far, locked until the transaction ends. */
export async function lockLearning(on: Statements, entryTypes: readonly string[]): Promise<Map<string, { learning: PathLearning; path: ExpectedPath }>> {
  const rows = await on.query<{ learning: PathLearning; path: ExpectedPath }>('select learning, path from expected_path where entry_type = any($1::text[]) order by entry_type for update', [entryTypes]);
  return new Map(rows.map((row) => [row.learning.entryType, row]));
}

export async function savePath(on: Statements, learning: PathLearning, path: ExpectedPath, at: Date): Promise<void> {
  await on.execute(
    `insert into expected_path (entry_type, version, since, journeys, learning, path, learned_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (entry_type) do update set version = excluded.version, since = excluded.since, journeys = excluded.journeys, learning = excluded.learning, path = excluded.path, learned_at = excluded.learned_at`,
    [learning.entryType, learning.version, new Date(learning.sinceMs), path.journeys, JSON.stringify(learning), JSON.stringify(path), at],
  );
}

export interface VersionRow {
  version: number;
  since: Date;
  until: Date;
  why: string;
  shift: PathShift;
  path: ExpectedPath;
}

/** More versions than this of one path are not kept. */
const MOST_VERSIONS = 50;

export async function saveVersion(on: Statements, entryType: string, row: VersionRow): Promise<void> {
  await on.execute(
    `insert into expected_path_version (entry_type, version, since, until, why, shift, path) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [entryType, row.version, row.since, row.until, row.why, JSON.stringify(row.shift), JSON.stringify(row.path)],
  );
  await on.execute('delete from expected_path_version where entry_type = $1 and version <= $2', [entryType, row.version - MOST_VERSIONS]);
}

/** Versions that are over, the latest first. */
export async function readVersions(on: Statements, entryType: string): Promise<VersionRow[]> {
  return on.query<VersionRow>('select version, since, until, why, shift, path from expected_path_version where entry_type = $1 order by version desc limit $2', [entryType, MOST_VERSIONS]);
}

/** The learning of one entry type; null where nothing was learned. */
export async function readLearning(on: Statements, entryType: string): Promise<PathLearning | null> {
  const [row] = await on.query<{ learning: PathLearning }>('select learning from expected_path where entry_type = $1', [entryType]);
  return row?.learning ?? null;
}

export async function saveEdit(on: Statements, entryType: string, edit: StepEdit): Promise<void> {
  await on.execute(
    `insert into expected_step_edit (entry_type, step_id, kind, service, group_name, topic, requirement, edited_by, edited_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (entry_type, step_id) do update set requirement = excluded.requirement, edited_by = excluded.edited_by, edited_at = excluded.edited_at`,
    [entryType, edit.id, edit.kind, edit.service, edit.group, edit.topic, edit.requirement satisfies StepRequirement, edit.by, new Date(edit.atMs)],
  );
}

/** @returns whether there was one */
export async function deleteEdit(on: Statements, entryType: string, stepId: string): Promise<boolean> {
  return (await on.execute('delete from expected_step_edit where entry_type = $1 and step_id = $2', [entryType, stepId])) > 0;
}

export async function countPaths(on: Statements): Promise<number> {
  const [row] = await on.query<{ count: number }>('select count(*)::int as count from expected_path');
  return row?.count ?? 0;
}
