import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { holdLease } from '#lib/store/leases/hold-lease.ts';
import { RowWriter } from '#lib/store/copy-rows.ts';
import { migrate } from '#lib/store/migrate.ts';
import { dropPartitions, ensureAllPartitions } from '#lib/store/partitions.ts';
import type { StoreEvent } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';

test('a migrated database is what schema.prisma says', async (t) => {
  const store = await testStore(t);
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', 'prisma/diff-schema.ts'], { env: { ...process.env, DATABASE_URL: store.databaseUrl } });
  assert.match(stdout, /empty migration/i);
});

test('migrating a second time, and from two processes at once, changes nothing', async (t) => {
  const store = await testStore(t);
  assert.deepEqual(await Promise.all([migrate(store.databaseUrl), migrate(store.databaseUrl)]), [[], []]);
});

test('a lease has one holder until it ends', async (t) => {
  const store = await testStore(t);
  const won = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => holdLease(store, 'x', holder, 60_000)));
  assert.equal(won.filter(Boolean).length, 1);
  const winner = 'abcd'[won.indexOf(true)]!;
  assert.equal(await holdLease(store, 'x', winner, 1), true);
  await eventually(async () => assert.equal(await holdLease(store, 'x', 'z', 60_000), true));
});

test('partitions are made ahead once and dropped whole when they are past', async (t) => {
  const store = await testStore(t);
  const now = new Date();
  await Promise.all([ensureAllPartitions(store, now), ensureAllPartitions(store, now)]);
  assert.deepEqual(await dropPartitions(store, 'span', new Date(now.getTime() - 10 * 86_400_000)), []);
  assert.equal((await dropPartitions(store, 'span', new Date(now.getTime() + 10 * 86_400_000))).length, 4);
});

test('bigint columns, arrays of them and null bytea elements survive the way through the store', async (t) => {
  const store = await testStore(t);
  const [row] = await store.query<{ big: bigint; list: (bigint | null)[]; bytes: (Buffer | null)[] }>('select $1::bigint as big, $2::bigint[] as list, $3::bytea[] as bytes', [
    9_007_199_254_740_993n,
    [1n, null, -9_223_372_036_854_775_808n],
    [Buffer.from([0, 255]), null, Buffer.alloc(0)],
  ]);
  assert.deepEqual(row, { big: 9_007_199_254_740_993n, list: [1n, null, -9_223_372_036_854_775_808n], bytes: [Buffer.from([0, 255]), null, Buffer.alloc(0)] });
});

test('a notification reaches a listener, also after its connection broke', async (t) => {
  const store = await testStore(t);
  const stop = new AbortController();
  const heard: StoreEvent[] = [];
  const listening = store.listen((event) => heard.push(event), stop.signal);
  await eventually(async () => {
    await store.notify('lag', { cluster: 1 });
    assert.ok(heard.some((event) => event.kind === 'lag'));
  });
  await store.execute(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'waybill-listen' and datname = current_database()`);
  await eventually(() => assert.ok(heard.some((event) => event.kind === 'reconnected')));
  stop.abort();
  await listening;
});

test('a transaction whose work throws leaves nothing', async (t) => {
  const store = await testStore(t);
  await assert.rejects(
    store.transaction(async (tx) => {
      await tx.execute(`insert into setting (key, value) values ('a', '1')`);
      throw new Error('no');
    }),
    /no/,
  );
  assert.equal(await store.prisma.setting.count(), 0);
});

test('a connection that breaks between two statements of a transaction fails the next one, and nothing else', async (t) => {
  const store = await testStore(t, { poolSize: 2 });
  await assert.rejects(store.transaction(async (tx) => {
    await tx.execute(`insert into setting (key, value) values ('a', '1')`);
    const [own] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
    await store.query('select pg_terminate_backend($1)', [own!.pid]);
    await eventually(async () => assert.deepEqual(await store.query('select 1 from pg_stat_activity where pid = $1', [own!.pid]), []));
    await new Promise((resolve) => setImmediate(resolve));
    await tx.query('select 1');
  }));
  assert.equal(await store.prisma.setting.count(), 0);
});

test('several COPYs in one message are one: all are there or none', async (t) => {
  const store = await testStore(t, { poolSize: 1 });
  await store.execute('create table first (n int primary key)');
  await store.execute('create table second (n int primary key)');
  const rows = (...numbers: number[]) => {
    const writer = new RowWriter(1);
    for (const n of numbers) {
      writer.begin();
      writer.int4(n);
      writer.end();
    }
    return writer.chunks();
  };
  const copy = (table: string, ...numbers: number[]) => ({ sql: `copy ${table} from stdin (format binary)`, chunks: rows(...numbers) });
  await store.copyTogether([copy('first', 1, 2), copy('second', 1)]);
  await assert.rejects(store.copyTogether([copy('first', 3), copy('second', 1)]), { code: '23505' });
  await assert.rejects(store.copyTogether([copy('first', 1), copy('second', 2)]), { code: '23505' });
  assert.deepEqual(await store.query('select (select array_agg(n) from first) as first, (select array_agg(n) from second) as second'), [{ first: [1, 2], second: [1] }]);
});
