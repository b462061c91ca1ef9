import { readFile } from 'node:fs/promises';
import type { Store } from '#lib/store/store.ts';

/** Clock ticks a second in /proc (USER_HZ), the same on every Linux of today. */
const TICKS_PER_SECOND = 100;

/** CPU time that this database's connections of now have taken so far; null where PostgreSQL's processes cannot be seen (another machine, not Linux). */
export async function databaseCpuMs(store: Store): Promise<number | null> {
  const backends = await store.query<{ pid: number }>(`select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`);
  let ticks = 0;
  for (const { pid } of backends) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
    if (!stat?.includes('postgres')) return null;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]); // utime, stime
  }
  return (ticks * 1_000) / TICKS_PER_SECOND;
}
