import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { WaybillError } from '../errors.ts';

const FOLDER = new URL('../../prisma/migrations/', import.meta.url);
const LOCK = 7_713_265; // any constant: one migrator at a time per database

/**
 * Applies the migrations that a database lacks, in order, each in one transaction, under an advisory lock.
 * The `_prisma_migrations` table it keeps is the one of Prisma Migrate, so `prisma migrate deploy` finds nothing to do afterwards.
 * @returns names of the migrations applied now
 * @throws WaybillError `migration-changed` where an applied migration's file was edited, `migration-unknown` where the database is newer than this Waybill
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(`create table if not exists _prisma_migrations (
      id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz, migration_name varchar(255) not null,
      logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`);
    const { rows } = await client.query<{ migration_name: string; checksum: string }>(
      'select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null',
    );
    const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
    const names = (await readdir(FOLDER, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
    for (const name of applied.keys()) {
      if (!names.includes(name)) {
        throw new WaybillError('migration-unknown', `The database has migration ${name}, which this version of Waybill does not know: start the newer version, or restore an older backup.`, { status: 500 });
      }
    }
    const done: string[] = [];
    for (const name of names) {
      const sql = await readFile(new URL(`${name}/migration.sql`, FOLDER), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      const known = applied.get(name);
      if (known === checksum) continue;
      if (known !== undefined) throw new WaybillError('migration-changed', `Migration ${name} was edited after it was applied: restore the file, or start with an empty database.`, { status: 500 });
      await client.query('begin');
      try {
        await client.query(sql);
        await client.query('insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) values ($1, $2, $3, now(), 1)', [randomUUID(), checksum, name]);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw new WaybillError('migration-failed', `Migration ${name} failed and was rolled back: ${(error as Error).message}`, { status: 500, cause: error });
      }
      done.push(name);
    }
    return done;
  } finally {
    await client.end();
  }
}
