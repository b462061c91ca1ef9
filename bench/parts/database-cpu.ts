import { readFile } from 'node:fs/promises';
import type { Store } from '#lib/store/store.ts';

/** Clock ticks a second in /proc (USER_HZ), the same on every Linux of today. */
const TICKS_PER_SECOND = 100;

/** CPU time by process id. */
export type DatabaseCpu = ReadonlyMap<number, number>;

/** CPU time that each of this database's connections of now has taken so far, in ms; null where PostgreSQL's processes cannot be seen (another machine, not Linux). */
export async function readDatabaseCpu(store: Store): Promise<DatabaseCpu | null> {
  const backends = await store.query<{ pid: number }>(`select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`);
  const taken = new Map<number, number>();
  for (const { pid } of backends) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
    if (stat === null) continue; // ended meanwhile, or on another machine
    if (!stat.includes('postgres')) return null;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    taken.set(pid, ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND); // utime, stime
  }
  return taken.size === 0 ? null : taken;
}

/** What the connections of now have taken since; one that was closed in between is not counted. */
export async function databaseCpuSince(store: Store, before: DatabaseCpu | null): Promise<number | null> {
  const after = await readDatabaseCpu(store);
  if (before === null || after === null) return null;
  return [...after].reduce((sum, [pid, ms]) => sum + ms - (before.get(pid) ?? 0), 0);
}
