import type { Statements } from './store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface PartitionedTable {
  table: string;
  column: 'day' | 'at' | 'minute' | 'hour';
  everyMs: number;
}

/** The tables declared PARTITION BY RANGE in the migrations, and how long one partition spans. */
export const PARTITIONED: readonly PartitionedTable[] = [
  { table: 'span', column: 'day', everyMs: DAY_MS },
  { table: 'span_chunk', column: 'day', everyMs: DAY_MS },
  { table: 'span_event', column: 'day', everyMs: DAY_MS },
  { table: 'record_header', column: 'day', everyMs: DAY_MS },
  { table: 'dead_letter_body', column: 'day', everyMs: DAY_MS },
  { table: 'group_lag_minute', column: 'minute', everyMs: DAY_MS },
  { table: 'group_lag_hour', column: 'hour', everyMs: DAY_MS },
  { table: 'topic_offset_block', column: 'hour', everyMs: DAY_MS },
  { table: 'group_commit_block', column: 'hour', everyMs: DAY_MS },
  { table: 'group_heat_hour', column: 'hour', everyMs: DAY_MS },
  { table: 'hop_minute', column: 'minute', everyMs: DAY_MS },
  { table: 'hop_hour', column: 'hour', everyMs: DAY_MS },
  { table: 'topic_offset_sample', column: 'at', everyMs: HOUR_MS },
  { table: 'group_commit_sample', column: 'at', everyMs: HOUR_MS },
];

/**
 * Makes the partitions that cover `from` to `to`. Idempotent; several processes may call it at once.
 * @throws the database's error; an "already exists" race is not one
 */
export async function ensurePartitions(on: Statements, table: string, from: Date, to: Date): Promise<void> {
  const { everyMs, column } = partitioned(table);
  const existing = new Set((await listPartitions(on, table)).map((partition) => partition.name));
  for (let start = Math.floor(from.getTime() / everyMs) * everyMs; start <= to.getTime(); start += everyMs) {
    const name = partitionName(table, new Date(start), everyMs);
    if (existing.has(name)) continue;
    const bounds = [new Date(start), new Date(start + everyMs)].map((bound) => `'${column === 'day' ? bound.toISOString().slice(0, 10) : bound.toISOString()}'`);
    try {
      await on.execute(`create table if not exists "${name}" partition of "${table}" for values from (${bounds[0]}) to (${bounds[1]})`);
    } catch (error) {
      if (!['42P07', '23505', '42P17'].includes((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

/** Partitions of every table from a little before `now` until two spans ahead, so that a late collector never meets a missing one. */
export async function ensureAllPartitions(on: Statements, now: Date): Promise<void> {
  for (const { table, everyMs } of PARTITIONED) {
    const aheadMs = everyMs === HOUR_MS ? 6 * HOUR_MS : 2 * DAY_MS;
    await ensurePartitions(on, table, new Date(now.getTime() - everyMs), new Date(now.getTime() + aheadMs));
  }
}

/**
 * Drops the partitions of `table` that end at or before `before`.
 * @returns names of the dropped partitions
 */
export async function dropPartitions(on: Statements, table: string, before: Date): Promise<string[]> {
  const dropped: string[] = [];
  for (const partition of await listPartitions(on, table)) {
    if (partition.end.getTime() > before.getTime()) continue;
    await on.execute(`drop table if exists "${partition.name}"`);
    dropped.push(partition.name);
  }
  return dropped;
}

/** The days, counted from 1970, for which tables of daily partitions can hold rows, by table. One statement: it is asked often. */
export async function coveredDays<Table extends string>(on: Statements, tables: readonly Table[]): Promise<Record<Table, Set<number>>> {
  const rows = await on.query<{ table: Table; name: string }>('select inhparent::regclass::text as table, inhrelid::regclass::text as name from pg_inherits where inhparent = any($1::regclass[])', [tables]);
  const days = Object.fromEntries(tables.map((table) => [table, new Set<number>()])) as Record<Table, Set<number>>;
  for (const { table, name } of rows) days[table].add(Math.floor(startOf(table, name) / DAY_MS));
  return days;
}

async function listPartitions(on: Statements, table: string): Promise<{ name: string; end: Date }[]> {
  const { everyMs } = partitioned(table);
  const rows = await on.query<{ name: string }>('select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1', [table]);
  return rows.map(({ name }) => ({ name: name.replaceAll('"', ''), end: new Date(startOf(table, name) + everyMs) }));
}

/** When a partition begins, ms since 1970, by its name. */
function startOf(table: string, name: string): number {
  const digits = name.replaceAll('"', '').slice(table.length + 1);
  return Date.UTC(+digits.slice(0, 4), +digits.slice(4, 6) - 1, +digits.slice(6, 8), +(digits.slice(8, 10) || 0));
}

function partitionName(table: string, start: Date, everyMs: number): string {
  return `${table}_${start.toISOString().replaceAll(/[-T:]/g, '').slice(0, everyMs === DAY_MS ? 8 : 10)}`;
}

function partitioned(table: string): PartitionedTable {
  const found = PARTITIONED.find((entry) => entry.table === table);
  if (!found) throw new RangeError(`${table} is not a partitioned table`);
  return found;
}
