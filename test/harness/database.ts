import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { migrate } from '#lib/store/migrate.ts';
import { ensureAllPartitions, PARTITIONED } from '#lib/store/partitions.ts';
import { openStore, type Store } from '#lib/store/store.ts';

const MIGRATIONS = new URL('../../prisma/migrations/', import.meta.url);

/** The PostgreSQL server that `npm test` starts. */
export function adminUrl(): string {
  const url = process.env['WAYBILL_TEST_DATABASE_URL'];
  if (!url) throw new Error('WAYBILL_TEST_DATABASE_URL is not set: run the tests with `npm test`, which starts a PostgreSQL and sets it.');
  return url;
}

export function urlOfDatabase(name: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return url.href;
}

async function asAdmin<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

// The template's name carries a hash of the migrations: an edited migration makes a new one, and all test files share it.
async function template(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(PARTITIONED));
  for (const folder of readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    hash.update(readFileSync(new URL(`${folder.name}/migration.sql`, MIGRATIONS)));
  }
  const name = `waybill_template_${hash.digest('hex').slice(0, 12)}`;
  await asAdmin(async (client) => {
    await client.query('select pg_advisory_lock(42)');
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount) return;
    await client.query(`create database "${name}_new"`).catch(() => undefined);
    await migrate(urlOfDatabase(`${name}_new`));
    // Sixty tables that every test would make again.
    const store = openStore(urlOfDatabase(`${name}_new`), { poolSize: 1 });
    try {
      await ensureAllPartitions(store, new Date());
    } finally {
      await store.close();
    }
    await client.query(`alter database "${name}_new" rename to "${name}"`);
  });
  return name;
}

/** A database of its own, cloned from a migrated template, dropped when the test ends. Partitions around now exist. */
export async function testDatabase(t: Pick<TestContext, 'after'>): Promise<string> {
  const source = await template();
  const name = `waybill_test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(async (client) => {
    await client.query('select pg_advisory_lock(43)'); // a template can be copied by one session at a time
    // Copying 11 MB of files takes a fifth of what writing them to the log as well takes, which is the default.
    await client.query(`create database "${name}" template "${source}" strategy file_copy`);
  });
  t.after(() => asAdmin((client) => client.query(`drop database if exists "${name}" with (force)`)));
  return urlOfDatabase(name);
}

/** A store on a database of its own; closed and dropped when the test ends. */
export async function testStore(t: Pick<TestContext, 'after'>, options: { poolSize?: number } = {}): Promise<Store> {
  const hooks: (() => Promise<unknown>)[] = [];
  const url = await testDatabase({ after: (hook) => void hooks.push(hook as () => Promise<unknown>) });
  const store = openStore(url, { poolSize: options.poolSize ?? 5 });
  t.after(async () => {
    await store.close();
    for (const hook of hooks) await hook();
  });
  // Made with the template, unless an hour or a day began since.
  await ensureAllPartitions(store, new Date());
  return store;
}
