import pg from 'pg';
import { adminUrl } from '#test/harness/database.ts';

/** A store that is down, for real: its database takes no connections and those that were are ended. @returns opens it again */
export async function closeDatabase(databaseUrl: string): Promise<() => Promise<void>> {
  const name = new URL(databaseUrl).pathname.slice(1);
  await asAdmin(async (admin) => {
    await admin.query(`alter database "${name}" with allow_connections false`);
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  });
  return () => asAdmin(async (admin) => void (await admin.query(`alter database "${name}" with allow_connections true`)));
}

async function asAdmin(work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
