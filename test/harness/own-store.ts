import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { migrate } from '#lib/store/migrate.ts';
import { openStore, type Store } from '#lib/store/store.ts';
import { lockDataFolder } from '../../launcher/lock-data-folder.ts';
import { preparePostgres } from '../../launcher/prepare-postgres.ts';
import { Supervisor } from '../../launcher/supervisor.ts';

const quiet = { step: async <Result>(_name: string, work: () => Promise<Result>) => work(), say: () => undefined };

/** A PostgreSQL of the test's own, kept alive as the launcher does: for tests that kill it or fill its disk. null: its disk could not be made that small. */
export async function ownStore(t: TestContext, { mountMb }: { mountMb?: number } = {}): Promise<{ store: Store; folder: string } | null> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-own-'));
  chmodSync(folder, 0o711);
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  t.after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  if (mountMb !== undefined) {
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mountMb}m,mode=711`, 'waybill-test', folder]).status !== 0) return null;
    ends.push(() => spawnSync('umount', ['-l', folder]));
  }
  const data = lockDataFolder(join(folder, 'data'), 0);
  ends.push(() => data.release());
  const supervisor = new Supervisor(data, quiet);
  ends.push(() => supervisor.stopAll());
  const postgres = await preparePostgres(data, { shared_buffers: '16MB', max_wal_size: '64MB', min_wal_size: '32MB' });
  await supervisor.start(postgres.spec);
  await migrate(postgres.url);
  const store = openStore(postgres.url, { poolSize: 4 });
  ends.push(() => store.close());
  return { store, folder };
}

/** The process to kill for a crash of the whole database; null where that can't be told (only Linux tells it). */
export async function postmasterOf(store: Store): Promise<number | null> {
  const [backend] = await store.query<{ pid: number }>('select pg_backend_pid() as pid');
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${backend!.pid}/status`, 'utf8'))![1]);
  } catch {
    return null;
  }
}
